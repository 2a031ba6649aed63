/* SPDX-License-Identifier: MIT */
/* config_file.c - the pairs of an INI file: our scanner for the places, iniparser for the values. */

#include "config/config_file.h"

#include "base/hash.h"
#include "config/config_schema.h"
#include "config/file_text.h"
#include "config/ini_scanner.h"

#if __has_include(<iniparser/iniparser.h>)
#include <iniparser/iniparser.h>
#else
#include <iniparser.h>
#endif

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct loading {
    const char *name;
    struct config_report *report;
    struct config_entries *entries;
    FILE *accepted;       /* text for iniparser */
    struct slice section; /* the last one written there */
};

static struct config_place place_at(const struct loading *loading, unsigned line, unsigned column)
{
    return (struct config_place){.file = loading->name, .line = line, .column = column};
}

static void on_problem(void *context, bool is_error, unsigned line, unsigned column,
                       const char *text)
{
    struct loading *loading = context;
    struct config_place place = place_at(loading, line, column);
    loading->entries->is_blank = false;
    if (is_error)
        report_error(loading->report, place, "%s", text);
    else
        report_warning(loading->report, place, "%s", text);
}

/* Takes @name. */
static void add_section(struct loading *loading, char *name, unsigned line, unsigned column)
{
    struct config_entries *entries = loading->entries;
    struct config_section *sections = entries->sections;
    if ((entries->section_count & (entries->section_count + 1)) == 0) /* 0, 1, 3, 7 …: full */
        sections = realloc(sections, (2 * entries->section_count + 1) * sizeof(*sections));
    if (!sections) {
        loading->report->out_of_memory = true;
        free(name);
        return;
    }
    entries->sections = sections;
    sections[entries->section_count++] = (struct config_section){name, line, column};
}

static void report_unknown_section(struct loading *loading, struct slice name,
                                   struct config_place place)
{
    char text[256];
    struct writer w = writer_on(text, sizeof(text));
    schema_write_sections(&w);
    report_error(loading->report, place, "unknown section [%.*s], there are %.*s",
                 REPORT_VALUE(name), (int)w.len, w.data);
}

static void report_section(struct loading *loading, struct slice name, struct config_place place)
{
    struct slice label, kind = section_kind(name, &label);
    const char *near = schema_suggest_section(kind);
    if (schema_is_named_section(kind))
        report_error(loading->report, place, "[%.*s] needs a name: [%.*s NAME]", SLICE_PRINTF(kind),
                     SLICE_PRINTF(kind));
    else if (schema_has_section(kind))
        report_error(loading->report, place, "unknown section [%.*s]: [%.*s] has no name",
                     REPORT_VALUE(name), SLICE_PRINTF(kind));
    else if (near)
        report_error(loading->report, place, "unknown section [%.*s], did you mean [%s]?",
                     REPORT_VALUE(name), near);
    else
        report_unknown_section(loading, name, place);
}

static void on_section(void *context, struct slice name, unsigned line, unsigned column)
{
    struct loading *loading = context;
    char *lower = report_copy_lower(loading->report, name);
    if (!lower)
        return;
    loading->entries->is_blank = false;
    struct slice label, kind = section_kind(slice_from_string(lower), &label);
    bool is_named = schema_is_named_section(kind);
    if (!schema_has_section(kind) || is_named != (label.len > 0))
        report_section(loading, name, place_at(loading, line, column));
    if (strcmp(lower, "server") == 0 && loading->entries->server_line == 0)
        loading->entries->server_line = line;
    if (is_named && label.len > 0)
        add_section(loading, lower, line, column);
    else
        free(lower);
}

static const struct config_entry *find_entry(const struct config_entries *entries,
                                             const struct config_entry *wanted)
{
    for (size_t i = 0; i < entries->count; i++) {
        if (entries->items[i].name_hash == wanted->name_hash &&
            strcmp(entries->items[i].key, wanted->key) == 0 &&
            strcmp(entries->items[i].section, wanted->section) == 0)
            return &entries->items[i];
    }
    return NULL;
}

/* More keys than thousands of locations need: a file of nonsense. */
#define ENTRIES_MAX 20000

static bool append_entry(struct loading *loading, const struct config_entry *entry)
{
    struct config_entries *entries = loading->entries;
    if (entries->count == entries->capacity) {
        size_t capacity = entries->capacity ? entries->capacity * 2 : 32;
        struct config_entry *items = realloc(entries->items, capacity * sizeof(*items));
        if (!items) {
            loading->report->out_of_memory = true;
            return false;
        }
        entries->items = items;
        entries->capacity = capacity;
    }
    entries->items[entries->count++] = *entry;
    return true;
}

void config_entry_done(struct config_entry *entry)
{
    free(entry->section);
    free(entry->key);
    free(entry->value);
}

/* False after a report. */
static bool check_entry(struct loading *loading, const struct config_entry *entry)
{
    struct config_place place = place_at(loading, entry->line, entry->key_column);
    const struct config_entry *first = find_entry(loading->entries, entry);
    if (first) {
        report_error(loading->report, place, "\"%s\" is set twice, first in line %u", entry->key,
                     first->line);
        return false;
    }
    if (loading->entries->count == ENTRIES_MAX) {
        report_error(loading->report, place, "more than %d keys in a file", ENTRIES_MAX);
        return false;
    }
    return true;
}

/* What iniparser gets: no comments, no blanks to strip, and nothing that has two meanings. */
static void write_accepted(struct loading *loading, const struct ini_pair *pair)
{
    if (!slice_equal(loading->section, pair->section)) {
        fprintf(loading->accepted, "[%.*s]\n", SLICE_PRINTF(pair->section));
        loading->section = pair->section;
    }
    fprintf(loading->accepted, "%.*s=%.*s\n", SLICE_PRINTF(pair->key),
            SLICE_PRINTF(pair->raw_value));
}

static void on_pair(void *context, const struct ini_pair *pair)
{
    struct loading *loading = context;
    bool is_usable = pair->value.data != NULL;
    loading->entries->is_blank = false;
    struct config_entry entry = {
        .section = report_copy_lower(loading->report, pair->section),
        .key = report_copy_lower(loading->report, pair->key),
        .value = is_usable ? report_copy(loading->report, pair->value) : NULL,
        .line = pair->line,
        .key_column = pair->key_column,
        .value_column = pair->value_column,
    };
    if (entry.section && entry.key)
        entry.name_hash = hash_bytes(hash_bytes(0, slice_from_string(entry.section)),
                                     slice_from_string(entry.key));
    if (!entry.section || !entry.key || (is_usable && !entry.value) ||
        !check_entry(loading, &entry) || !append_entry(loading, &entry)) {
        config_entry_done(&entry);
        return;
    }
    if (is_usable)
        write_accepted(loading, pair);
}

/* iniparser would print to standard error; what is wrong has been said by the scanner. */
static int ignore_message(const char *format, ...)
{
    (void)format;
    return 0;
}

/*
 * iniparser 4.1 reads a named file only: one in memory, or one in /tmp where /proc is missing.
 * Returns the descriptor, and its name in @ret_path of SCRATCH_PATH_SIZE; -1 with errno.
 */
#define SCRATCH_PATH_SIZE 64

static int open_scratch(char *ret_path)
{
    int fd = memfd_create("tinyweb.conf", MFD_CLOEXEC);
    if (fd != -1) {
        (void)snprintf(ret_path, SCRATCH_PATH_SIZE, "/proc/self/fd/%d", fd);
        if (access(ret_path, R_OK) == 0)
            return fd;
        close(fd);
    }
    (void)snprintf(ret_path, SCRATCH_PATH_SIZE, "%s/tinyweb-XXXXXX", P_tmpdir);
    return mkstemp(ret_path);
}

static bool write_whole(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);
        if (n == -1 && errno != EINTR)
            return false;
        if (n > 0) {
            text += n;
            len -= (size_t)n;
        }
    }
    return true;
}

static dictionary *parse_accepted(const char *text, size_t len)
{
    char path[SCRATCH_PATH_SIZE];
    int fd = open_scratch(path);
    if (fd == -1)
        return NULL;
    dictionary *pairs = NULL;
    if (write_whole(fd, text, len)) {
        iniparser_set_error_callback(ignore_message);
        pairs = iniparser_load(path);
        iniparser_set_error_callback(NULL);
    }
    if (strncmp(path, "/proc/", strlen("/proc/")) != 0)
        (void)unlink(path);
    close(fd);
    return pairs;
}

/* The values are iniparser's; never its getint and friends, which crash on the name of a section
 * (CVE-2023-33461) and take "10x" for 10. */
static void compare_with_iniparser(struct loading *loading, const dictionary *pairs)
{
    for (size_t i = 0; i < loading->entries->count; i++) {
        const struct config_entry *entry = &loading->entries->items[i];
        if (!entry->value)
            continue;
        char name[2 * INI_NAME_MAX + 2];
        (void)snprintf(name, sizeof(name), "%s:%s", entry->section, entry->key);
        const char *value = iniparser_getstring(pairs, name, NULL);
        if (!value || strcmp(value, entry->value) != 0)
            report_error(loading->report, place_at(loading, entry->line, entry->value_column),
                         "iniparser reads \"%s\" instead of \"%s\"", value ? value : "nothing",
                         entry->value);
    }
}

void config_file_parse(const char *name, struct slice text, struct config_report *report,
                       struct config_entries *ret_entries)
{
    *ret_entries = (struct config_entries){.is_blank = true};
    char *accepted = NULL;
    size_t accepted_len = 0;
    struct loading loading = {
        .name = name,
        .report = report,
        .entries = ret_entries,
        .accepted = open_memstream(&accepted, &accepted_len),
    };
    if (!loading.accepted) {
        report->out_of_memory = true;
        return;
    }
    ini_scan(text, &(struct ini_sink){.section = on_section,
                                      .pair = on_pair,
                                      .problem = on_problem,
                                      .context = &loading});
    if (fclose(loading.accepted) != 0) {
        report->out_of_memory = true;
        free(accepted);
        return;
    }
    dictionary *pairs = parse_accepted(accepted, accepted_len);
    if (pairs)
        compare_with_iniparser(&loading, pairs);
    else
        report_error(report, (struct config_place){.file = name},
                     "iniparser cannot read it: no memory, or neither /proc nor " P_tmpdir
                     " can be used");
    iniparser_freedict(pairs);
    free(accepted);
}

static void check_permissions(const char *path, struct config_report *report)
{
    struct stat st;
    if (stat(path, &st) == -1 || !S_ISREG(st.st_mode) || !(st.st_mode & (S_IWGRP | S_IWOTH)))
        return;
    report_warning(report, (struct config_place){.file = path},
                   "%s can change this file: chmod go-w",
                   st.st_mode & S_IWOTH ? "everybody" : "its group");
}

static void report_unreadable(const char *path, const struct config_place *included_at, int err,
                              struct config_report *report)
{
    struct config_place place = {.file = path};
    if (err == -ENOMEM)
        report->out_of_memory = true;
    else if (included_at)
        report_error(report, *included_at, "include: cannot read \"%s\": %s%s", path,
                     strerror(-err),
                     err == -EISDIR ? ", expected files such as conf.d/*.conf" : "");
    else if (err == -EISDIR)
        report_error(report, place, "is a directory, not a configuration file");
    else if (err == -EFBIG)
        report_error(report, place, "is larger than %u bytes", CONFIG_FILE_SIZE_MAX);
    else
        report_error(report, place, "cannot read the configuration: %s", strerror(-err));
}

bool config_file_load(const char *path, const struct config_place *included_at,
                      struct config_report *report, struct config_entries *ret_entries)
{
    char *text = NULL;
    size_t len = 0;
    *ret_entries = (struct config_entries){.is_blank = true};
    int err = file_text_read(path, CONFIG_FILE_SIZE_MAX, &text, &len);
    if (err) {
        report_unreadable(path, included_at, err, report);
        return false;
    }
    bool is_kept = report_keep_text(report, path, slice_of(text, len));
    check_permissions(path, report);
    config_file_parse(path, slice_of(text, len), report, ret_entries);
    if (!is_kept)
        free(text);
    return true;
}

void config_entries_done(struct config_entries *entries)
{
    for (size_t i = 0; i < entries->count; i++)
        config_entry_done(&entries->items[i]);
    for (size_t i = 0; i < entries->section_count; i++)
        free(entries->sections[i].name);
    free(entries->sections);
    free(entries->items);
    *entries = (struct config_entries){.items = NULL};
}
