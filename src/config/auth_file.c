/* SPDX-License-Identifier: MIT */
/* auth_file.c - lines of users, sorted so that one is found by halves. */

#include "config/auth_file.h"

#include "base/macros.h"
#include "config/file_text.h"
#include "config/password_scheme.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

/* One file while it is read. */
struct reader {
    struct auth_users *users;
    struct config_report *report;
    struct config_place place; /* of the line */
    size_t capacity;
};

static int by_name(const void *a, const void *b)
{
    const struct auth_user *left = a, *right = b;
    return strcmp(left->name, right->name);
}

static void add_user(struct reader *reader, const char *name, const char *hash)
{
    struct auth_users *users = reader->users;
    if (users->count == reader->capacity) {
        size_t capacity = MAX(reader->capacity * 2, (size_t)16);
        struct auth_user *grown = realloc(users->users, capacity * sizeof(*grown));
        if (!grown) {
            reader->report->out_of_memory = true;
            return;
        }
        users->users = grown;
        reader->capacity = capacity;
    }
    users->users[users->count++] = (struct auth_user){name, hash, reader->place.line};
}

/* Names are told, hashes never. */
static bool check_user(const struct reader *reader, struct slice name, struct slice hash)
{
    const char *problem;
    if (name.len == 0)
        report_error(reader->report, reader->place, "no user before the \":\", expected user:hash");
    else if (name.len > AUTH_USER_LENGTH_MAX)
        report_error(reader->report, reader->place, "the user's name has more than %d bytes",
                     AUTH_USER_LENGTH_MAX);
    else if (slice_has_control(name))
        report_error(reader->report, reader->place, "control characters in the user's name");
    else if ((problem = password_scheme_problem(hash)) != NULL)
        report_error(reader->report, reader->place, "the hash of user \"%.*s\" is %s",
                     REPORT_VALUE(name), problem);
    else
        return true;
    return false;
}

/* As crypt(5) has it: an account that nobody can log in to. */
static bool is_locked(struct slice hash)
{
    return hash.len > 0 && (hash.data[0] == '!' || hash.data[0] == '*');
}

/* @line is terminated, and lies in the text. */
static void read_line(struct reader *reader, char *line)
{
    struct slice rest = slice_from_string(line);
    ptrdiff_t colon = slice_find(rest, ':'), end;
    if (slice_trim(rest).len == 0 || line[0] == '#')
        return;
    if (colon < 0) {
        report_error(reader->report, reader->place, "no \":\" in the line, expected user:hash");
        return;
    }
    line[colon] = '\0';
    char *hash = line + colon + 1;
    rest = slice_from_string(hash);
    end = slice_find(rest, ':');
    rest.len = end < 0 ? rest.len : (size_t)end;
    while (rest.len > 0 && (rest.data[rest.len - 1] == ' ' || rest.data[rest.len - 1] == '\t'))
        rest.len--;
    hash[rest.len] = '\0';
    if (!is_locked(rest) && check_user(reader, slice_of(line, (size_t)colon), rest))
        add_user(reader, line, hash);
}

static void check_twins(const struct auth_users *users, struct config_report *report)
{
    for (size_t i = 1; i < users->count; i++) {
        const struct auth_user *a = &users->users[i - 1], *b = &users->users[i];
        struct config_place place = {.file = users->path, .line = MAX(a->line, b->line)};
        if (strcmp(a->name, b->name) == 0)
            report_error(report, place, "user \"%s\" is there already, in line %u", a->name,
                         MIN(a->line, b->line));
    }
}

/* Salts and hashes have more than enough that nobody knows. */
static struct siphash_key key_of(const struct auth_users *users)
{
    struct siphash_key key = {0, 0};
    for (size_t i = 0; i < users->count; i++) {
        struct siphash_tag tag = siphash(&key, slice_from_string(users->users[i].hash));
        key = (struct siphash_key){tag.low, tag.high};
    }
    return key;
}

void auth_users_parse(struct auth_users *users, struct config_report *report)
{
    struct reader reader = {.users = users, .report = report, .place = {.file = users->path}};
    for (char *line = users->text; line;) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        size_t len = strlen(line);
        if (len > 0 && line[len - 1] == '\r')
            line[len - 1] = '\0';
        reader.place.line++;
        read_line(&reader, line);
        line = end ? end + 1 : NULL;
    }
    if (users->count > 0)
        qsort(users->users, users->count, sizeof(*users->users), by_name);
    check_twins(users, report);
    users->key = key_of(users);
}

void auth_users_free(struct auth_users *users)
{
    if (!users)
        return;
    free(users->path);
    free(users->text);
    free(users->users);
    free(users);
}

static void read_file(struct auth_users *users, struct config_place place,
                      struct config_report *report)
{
    size_t len = 0;
    int err = file_text_read(users->path, AUTH_FILE_SIZE_MAX, &users->text, &len);
    if (err == -ENOMEM) {
        report->out_of_memory = true;
    } else if (err == -EFBIG) {
        report_error(report, place, "auth_file: \"%s\" has more than %u bytes", users->path,
                     AUTH_FILE_SIZE_MAX);
    } else if (err) {
        report_error(report, place, "auth_file: \"%s\": %s", users->path, strerror(-err));
    } else if (strlen(users->text) < len) {
        report_error(report, place, "auth_file: \"%s\" has a byte of value 0, it is no text",
                     users->path);
    } else {
        unsigned errors = report->error_count;
        report->anchor = (struct config_place){.file = place.file, .line = place.line};
        auth_users_parse(users, report);
        report->anchor.file = NULL;
        if (users->count == 0 && report->error_count == errors)
            report_warning(report, place, "auth_file: \"%s\" has no users: nobody can enter",
                           users->path);
    }
}

/* Read now, or before for another site; NULL without memory. */
static const struct auth_users *users_of(const char *path, struct config *config,
                                         struct config_place place, struct config_report *report)
{
    for (struct auth_users *known = config->auth_files; known; known = known->next) {
        if (strcmp(known->path, path) == 0)
            return known;
    }
    struct auth_users *users = calloc(1, sizeof(*users));
    if (!users || !(users->path = report_copy(report, slice_from_string(path)))) {
        report->out_of_memory = true;
        free(users);
        return NULL;
    }
    users->next = config->auth_files;
    config->auth_files = users;
    read_file(users, place, report);
    return users;
}

void auth_file_resolve(struct site_config *site, struct config *config, struct config_place place,
                       struct config_report *report)
{
    if (!site->auth_file)
        return;
#ifdef HAVE_CRYPT
    site->auth_users = users_of(site->auth_file, config, place, report);
#else
    (void)users_of;
    (void)config;
    report_error(
        report, place,
        "auth_file: this program was built without libcrypt, so it cannot check passwords");
#endif
}

/* Of a path below a root: what no client gets (RFC 8615 makes the one exception). */
static bool is_hidden(const char *path)
{
    for (const char *dot = strstr(path, "/."); dot; dot = strstr(dot + 1, "/.")) {
        if (strncmp(dot, "/.well-known/", sizeof("/.well-known/") - 1) != 0)
            return true;
    }
    return false;
}

void auth_files_check_exposed(const struct config *config, struct config_report *report)
{
    for (const struct auth_users *users = config->auth_files; users; users = users->next) {
        char real[PATH_MAX];
        if (!realpath(users->path, real))
            continue;
        for (size_t i = 0; i < config->root_count; i++) {
            size_t len = strlen(config->roots[i]);
            if (len == 1)
                len = 0; /* of "/" */
            if (strncmp(real, config->roots[i], len) != 0 || real[len] != '/' ||
                is_hidden(real + len))
                continue;
            report_warning(report, (struct config_place){.file = users->path},
                           "clients can fetch this file, since it lies below the root \"%s\": "
                           "move it",
                           config->roots[i]);
            break;
        }
    }
}

void auth_files_free(struct config *config)
{
    while (config->auth_files) {
        struct auth_users *users = config->auth_files;
        config->auth_files = users->next;
        auth_users_free(users);
    }
}

const struct auth_user *auth_users_find(const struct auth_users *users, struct slice name)
{
    size_t low = 0, high = users->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(slice_from_string(users->users[middle].name), name);
        if (order == 0)
            return &users->users[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct auth_user *auth_users_stand_in(const struct auth_users *users, struct slice name)
{
    return &users->users[siphash(&users->key, name).high % users->count];
}
