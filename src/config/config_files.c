/* SPDX-License-Identifier: MIT */
/* config_files.c - reads a file, then what it includes, then what these do. */

#include "config/config_files.h"

#include "config/config_origin.h"
#include "config/value_list.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

struct reading {
    struct config_files files;
    environment_list environment;
    struct config *config;
    struct config_report *report;
};

/* One pattern of an include. */
struct inclusion {
    struct reading *reading;
    size_t from; /* the file that it stands in */
    struct config_place place;
};

/* The length of the part of a path that leads to its last one, 0 for none. */
static size_t folder_length(struct slice path)
{
    return (size_t)(slice_find_last(path, '/') + 1);
}

/* Absolute. Of a relative name it is resolved, so no ".." stays in it; NULL with errno. */
static char *absolute_folder(const char *path)
{
    size_t len = folder_length(slice_from_string(path));
    char folder[PATH_MAX];
    if (path[0] == '/')
        return strndup(path, len > 1 ? len - 1 : 1);
    (void)snprintf(folder, sizeof(folder), "%.*s", len > 0 ? (int)len : 1, len > 0 ? path : ".");
    return realpath(folder, NULL);
}

static bool has_magic(struct slice pattern)
{
    return slice_find(pattern, '*') >= 0 || slice_find(pattern, '?') >= 0 ||
           slice_find(pattern, '[') >= 0;
}

/* The folder of a file is no pattern, whatever it is called. */
static void write_escaped(struct slice folder, FILE *out)
{
    for (size_t i = 0; i < folder.len; i++) {
        if (strchr("*?[\\", folder.data[i]))
            fputc('\\', out);
        fputc(folder.data[i], out);
    }
}

/* The new number, or -1 without memory. */
static ssize_t add_input(struct reading *reading, const char *path, size_t parent)
{
    struct config_files *files = &reading->files;
    struct config_input *items = files->items;
    if ((files->count & (files->count + 1)) == 0) /* 0, 1, 3, 7 …: full */
        items = realloc(items, (2 * files->count + 1) * sizeof(*items));
    const char *name = items ? origin_name(reading->config, path, reading->report) : NULL;
    if (items)
        files->items = items;
    if (!name) {
        reading->report->out_of_memory = true;
        return -1;
    }
    struct stat st = {.st_ino = 0};
    (void)stat(path, &st); /* what fails is reported when it is read */
    items[files->count] = (struct config_input){
        .name = name,
        .folder = absolute_folder(path),
        .parent = parent,
        .depth = files->count > 0 ? items[parent].depth + 1 : 1,
        .device = st.st_dev,
        .inode = st.st_ino,
    };
    return (ssize_t)files->count++;
}

static void read_file(struct reading *reading, size_t number, const struct config_place *place);

/* False: it was read before, or includes itself, which is reported. */
static bool check_new(const struct inclusion *inclusion, const char *path)
{
    struct reading *reading = inclusion->reading;
    const struct config_input *items = reading->files.items;
    struct stat st;
    if (stat(path, &st) == -1)
        return true; /* reported when it is read */
    for (size_t i = inclusion->from;; i = items[i].parent) {
        if (items[i].inode == st.st_ino && items[i].device == st.st_dev) {
            report_error(reading->report, inclusion->place, "include: \"%s\" includes itself",
                         path);
            return false;
        }
        if (i == items[i].parent)
            break;
    }
    for (size_t i = 0; i < reading->files.count; i++) {
        if (items[i].inode == st.st_ino && items[i].device == st.st_dev)
            return false;
    }
    return true;
}

static void include_file(const struct inclusion *inclusion, const char *path)
{
    struct reading *reading = inclusion->reading;
    if (!check_new(inclusion, path))
        return;
    if (reading->files.items[inclusion->from].depth == INCLUDE_DEPTH_MAX) {
        report_error(reading->report, inclusion->place,
                     "include: more than %d files include each other", INCLUDE_DEPTH_MAX);
        return;
    }
    if (reading->files.count >= INCLUDE_FILES_MAX) {
        report_error(reading->report, inclusion->place, "include: more than %d files",
                     INCLUDE_FILES_MAX);
        return;
    }
    ssize_t number = add_input(reading, path, inclusion->from);
    if (number == -1 ||
        !list_add(&reading->config->server.include, slice_from_string(path), reading->report))
        return;
    read_file(reading, (size_t)number, &inclusion->place);
}

/* A folder that is missing has no files; one that cannot be read may have some. */
static int on_glob_error(const char *path, int err)
{
    (void)path;
    return err != ENOENT && err != ENOTDIR;
}

static void include_matches(const struct inclusion *inclusion, const char *pattern)
{
    struct config_report *report = inclusion->reading->report;
    glob_t found = {.gl_pathc = 0};
    int err = glob(pattern, 0, on_glob_error, &found);
    if (err == GLOB_NOSPACE)
        report->out_of_memory = true;
    else if (err == GLOB_ABORTED)
        report_error(report, inclusion->place, "include: cannot read the folder of \"%s\": %s",
                     pattern, strerror(errno));
    for (size_t i = 0; !err && i < found.gl_pathc; i++)
        include_file(inclusion, found.gl_pathv[i]);
    globfree(&found);
}

static void include_word(const struct inclusion *inclusion, struct slice word)
{
    struct reading *reading = inclusion->reading;
    struct slice own = slice_from_string(reading->files.items[inclusion->from].name);
    struct slice folder = slice_of(own.data, word.data[0] == '/' ? 0 : folder_length(own));
    char *path = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&path, &len);
    if (out && has_magic(word))
        write_escaped(folder, out);
    else if (out)
        fprintf(out, "%.*s", SLICE_PRINTF(folder));
    if (out)
        fprintf(out, "%.*s", SLICE_PRINTF(word));
    if (!out || fclose(out) != 0)
        reading->report->out_of_memory = true;
    else if (has_magic(word))
        include_matches(inclusion, path);
    else
        include_file(inclusion, path);
    free(path);
}

/* @text is the value of an include: patterns that blanks separate. */
static void include_all(struct reading *reading, size_t from, struct slice text,
                        struct config_place place, bool is_as_written)
{
    struct slice rest = text, word;
    while (list_next_word(&rest, &word)) {
        struct inclusion inclusion = {reading, from, place};
        if (is_as_written)
            inclusion.place.column += (unsigned)(word.data - text.data);
        include_word(&inclusion, word);
    }
}

static bool is_include(const struct config_entry *entry)
{
    return strcmp(entry->section, "server") == 0 && strcmp(entry->key, "include") == 0;
}

/* The entry is the caller's from now on; false without one. */
static bool take_include(struct config_entries *entries, struct config_entry *ret_entry)
{
    for (size_t i = 0; i < entries->count; i++) {
        if (!is_include(&entries->items[i]))
            continue;
        *ret_entry = entries->items[i];
        entries->count--;
        memmove(&entries->items[i], &entries->items[i + 1],
                (entries->count - i) * sizeof(entries->items[0]));
        return true;
    }
    return false;
}

static void follow(struct reading *reading, size_t from, const struct config_entry *entry)
{
    struct config_place place = {.file = reading->files.items[from].name,
                                 .line = entry->line,
                                 .column = entry->value_column};
    char *text = entry->value ? value_expand(slice_from_string(entry->value), place,
                                             reading->environment, reading->report)
                              : NULL;
    if (text && slice_trim(slice_from_string(text)).len == 0)
        report_error(reading->report, place,
                     "include has no value, expected files such as "
                     "conf.d/*.conf");
    else if (text)
        include_all(reading, from, slice_from_string(text), place, strcmp(text, entry->value) == 0);
    free(text);
}

/* By number: items move when files are added. @place is that of the include; NULL: the first. */
static void read_file(struct reading *reading, size_t number, const struct config_place *place)
{
    struct config_input *input = &reading->files.items[number];
    struct config_entry entry;
    input->is_read = config_file_load(input->name, place, reading->report, &input->entries);
    if (!input->is_read || !take_include(&input->entries, &entry))
        return;
    follow(reading, number, &entry);
    config_entry_done(&entry);
}

bool config_files_load(const char *path, environment_list environment, struct config *config,
                       struct config_report *report, struct config_files *ret_files)
{
    struct reading reading = {.environment = environment, .config = config, .report = report};
    ssize_t first = add_input(&reading, path, 0);
    if (first == 0)
        read_file(&reading, 0, NULL);
    *ret_files = reading.files;
    return first == 0 && reading.files.items[0].is_read;
}

void config_files_done(struct config_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        config_entries_done(&files->items[i].entries);
        free(files->items[i].folder);
    }
    free(files->items);
}
