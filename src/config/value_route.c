/* SPDX-License-Identifier: MIT */
/* value_route.c - names of hosts, prefixes and patterns of paths. */

#include "config/value_route.h"

#include "config/value_list.h"

#include <stdlib.h>

/* The longest name of the DNS (RFC 1035 section 2.3.4). */
#define HOST_NAME_MAX_LEN 253

static bool is_host_byte(char c)
{
    return (c >= 'a' && c <= 'z') || ascii_is_digit(c) || c == '-' || c == '_' || c == '.';
}

bool route_is_host_name(struct slice name)
{
    if (name.len == 0 || name.len > HOST_NAME_MAX_LEN || name.data[0] == '.')
        return false;
    bool is_address = name.data[0] == '[' && name.data[name.len - 1] == ']';
    for (size_t i = is_address; i < name.len - is_address; i++) {
        if (!is_host_byte(name.data[i]) && !(is_address && name.data[i] == ':'))
            return false;
        if (i > 0 && name.data[i] == '.' && name.data[i - 1] == '.')
            return false;
    }
    return true;
}

/* What clients call the place is compared with this: no port, no final dot, lower case. */
static bool add_host_name(const struct config_value *value, struct slice word,
                          struct config_report *report, struct string_list *names)
{
    char *name = report_copy(report, word);
    if (!name)
        return false;
    for (char *c = name; *c; c++)
        *c = ascii_lower(*c);
    struct slice rest = slice_from_string(name);
    if (rest.len > 1 && rest.data[rest.len - 1] == '.')
        name[--rest.len] = '\0';
    bool is_wildcard = slice_starts_with(rest, SLICE_LITERAL("*."));
    bool is_valid = route_is_host_name(slice_from(rest, is_wildcard ? 2 : 0));
    if (!is_valid)
        report_error(report, value->place,
                     "server_name: \"%.*s\" is not a name such as example.com or *.example.com%s",
                     REPORT_VALUE(word),
                     slice_find(word, ':') > 0 ? "; a name has no port here" : "");
    bool is_added = is_valid && list_add(names, slice_from_string(name), report);
    free(name);
    return is_added;
}

void host_names_store(const struct config_value *value, struct config_report *report,
                      struct host_config *host)
{
    struct string_list names = {.items = NULL};
    bool is_default = false;
    struct slice rest = value->text, word;
    while (list_next_word(&rest, &word)) {
        if (slice_equal_nocase(word, SLICE_LITERAL("default"))) {
            is_default = true;
        } else if (!list_check_count(value, names.count, report) ||
                   !add_host_name(value, word, report, &names)) {
            names_free(&names);
            return;
        }
    }
    names_free(&host->server_names);
    host->server_names = names;
    host->is_default = is_default;
}

bool route_check_path(const struct config_value *value, struct slice path,
                      struct config_report *report)
{
    struct slice rest = path, segment;
    bool is_good = path.len > 0 && path.data[0] == '/';
    if (!is_good)
        report_error(report, value->place, "%s: \"%.*s\" does not start with \"/\"",
                     value->row->key, REPORT_VALUE(path));
    if (is_good && slice_find(path, '?') >= 0 && value->row->type != CFG_GLOBS) {
        report_error(report, value->place, "%s: \"%.*s\" has a query, which is no part of a path",
                     value->row->key, REPORT_VALUE(path));
        return false;
    }
    while (is_good && slice_next(&rest, '/', &segment)) {
        bool is_inner = segment.data > path.data && rest.len > 0;
        is_good = !slice_equal(segment, SLICE_LITERAL(".")) &&
                  !slice_equal(segment, SLICE_LITERAL("..")) && !(is_inner && segment.len == 0);
        if (!is_good)
            report_error(report, value->place,
                         "%s: \"%.*s\" has an empty segment, \".\" or \"..\": no path ever has",
                         value->row->key, REPORT_VALUE(path));
    }
    return is_good;
}

static bool has_escape(struct slice text)
{
    ptrdiff_t percent = slice_find(text, '%');
    return percent >= 0 && (size_t)percent + 2 < text.len &&
           ascii_hex_value(text.data[percent + 1]) >= 0 &&
           ascii_hex_value(text.data[percent + 2]) >= 0;
}

void prefix_store(const struct config_value *value, struct config_report *report,
                  struct location_config *location)
{
    struct slice path = value->text;
    if (!route_check_path(value, path, report))
        return;
    if (has_escape(path))
        report_warning(report, value->place,
                       "prefix: \"%.*s\" is compared with the decoded path: write what %%HH "
                       "stands for",
                       REPORT_VALUE(path));
    path = slice_from(path, 1);
    if (path.len > 0 && path.data[path.len - 1] == '/')
        path.len--;
    free(location->prefix);
    location->prefix = report_copy(report, path);
}

/* So many steps has the machine that compares paths with a pattern. */
#define GLOB_LENGTH_MAX 62

void globs_store(const struct config_value *value, struct config_report *report, void *record)
{
    struct string_list *field = value_field(value->row, record), globs = {.items = NULL};
    struct slice rest = value->text, word;
    unsigned off;
    while (!value_find_word(value, &off) && list_next_word(&rest, &word)) {
        bool is_good = word.len <= GLOB_LENGTH_MAX;
        if (!is_good)
            report_error(report, value->place, "%s: \"%.*s\" has more than %d bytes",
                         value->row->key, REPORT_VALUE(word), GLOB_LENGTH_MAX);
        if (is_good && word.data[0] != '/' && slice_find(word, '/') >= 0) {
            report_error(report, value->place,
                         "%s: \"%.*s\" has a \"/\": then it is for whole paths and starts with "
                         "\"/\", perhaps \"/**/\"",
                         value->row->key, REPORT_VALUE(word));
            is_good = false;
        }
        if (is_good && word.data[0] == '/')
            is_good = route_check_path(value, word, report);
        if (!is_good || !list_check_count(value, globs.count, report) ||
            !list_add(&globs, word, report)) {
            names_free(&globs);
            return;
        }
    }
    names_free(field);
    *field = globs;
}
