/* SPDX-License-Identifier: MIT */
/*
 * fuzz_route.c - a pattern, a decoded path, an authority and prefixes, a line each: the machines
 * find what a plain search finds.
 */

#include "http/host_table.h"
#include "http/http_context.h"
#include "http/location_table.h"
#include "http/path_glob.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PREFIXES_MAX 16
/* The plain search goes back and forth: longer texts would take it for ever. */
#define PLAIN_LENGTH_MAX 24

static void check(bool is_true)
{
    if (!is_true)
        abort();
}

/* The definition, word for word. */
static bool matches(struct slice pattern, struct slice text, bool starts_segment)
{
    size_t stars = 0;

    if (pattern.len == 0)
        return text.len == 0;
    while (stars < pattern.len && pattern.data[stars] == '*')
        stars++;
    if (stars == 0)
        return text.len > 0 &&
               (pattern.data[0] == text.data[0] ||
                (pattern.data[0] == '?' && text.data[0] != '/')) &&
               (pattern.data[0] != '?' || text.data[0] != '/') &&
               matches(slice_from(pattern, 1), slice_from(text, 1), pattern.data[0] == '/');
    pattern = slice_from(pattern, stars);
    if (stars > 1 && starts_segment && pattern.len > 0 && pattern.data[0] == '/' &&
        matches(slice_from(pattern, 1), text, true))
        return true;
    for (size_t i = 0;; i++) {
        if (matches(pattern, slice_from(text, i), false))
            return true;
        if (i >= text.len || (stars == 1 && text.data[i] == '/'))
            return false;
    }
}

static void check_glob(struct slice pattern, struct slice name)
{
    struct path_glob glob;
    bool is_whole = pattern.len > 0 && pattern.data[0] == '/';
    struct slice text = name;

    if (!path_glob_compile(&glob, pattern)) {
        check(pattern.len > PATH_GLOB_LENGTH_MAX);
        return;
    }
    if (!is_whole)
        text = slice_from(name, (size_t)(slice_find_last(name, '/') + 1));
    if (pattern.len > PLAIN_LENGTH_MAX || text.len > PLAIN_LENGTH_MAX)
        (void)path_glob_matches(&glob, name);
    else
        check(path_glob_matches(&glob, name) == matches(slice_from(pattern, is_whole), text, true));
}

static void check_host(struct slice authority)
{
    struct host_table *table = host_table_create();
    size_t number = 9;
    bool is_found;

    check(table && host_table_add(table, SLICE_LITERAL("a.example"), 0) == 0 &&
          host_table_add(table, SLICE_LITERAL("*.example"), 1) == 0 &&
          host_table_add(table, SLICE_LITERAL("[::1]"), 2) == 0);
    is_found = host_table_find(table, authority, &number);
    check(is_found ? number <= 2 : number == 9);
    if (is_found)
        check(authority.len >= strlen("[::1]"));
    host_table_destroy(table);
}

static void check_prefixes(struct slice name, struct slice lines)
{
    static struct http_context http;
    static const int root_fds[1] = {0};
    char texts[PREFIXES_MAX][64];
    struct location_config locations[PREFIXES_MAX] = {{.name = NULL}};
    struct route_config routes[PREFIXES_MAX] = {{.host = 0}};
    struct path_glob *globs[PREFIXES_MAX] = {NULL};
    struct config config = {.locations = locations};
    struct location_table *table;
    const struct http_site *found;
    struct slice line;
    size_t count = 0, best = 0;
    bool is_any = false;

    while (count < PREFIXES_MAX && slice_next(&lines, '\n', &line)) {
        if (line.len >= sizeof(texts[0]) || memchr(line.data, '\0', line.len))
            continue;
        memcpy(texts[count], line.data, line.len);
        texts[count][line.len] = '\0';
        locations[count].prefix = texts[count];
        routes[count].location = &locations[count];
        count++;
        if (line.len <= name.len && memcmp(line.data, name.data, line.len) == 0 &&
            (line.len == 0 || line.len == name.len || name.data[line.len] == '/')) {
            is_any = true;
            best = MAX(best, line.len);
        }
    }
    http = (struct http_context){.config = &config, .root_fds = root_fds};
    check(location_table_create(&http, routes, count, globs, &table) == 0);
    found = location_table_find(table, name);
    check((found != NULL) == is_any);
    if (found)
        check(strlen(found->location->prefix) == best);
    location_table_destroy(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = slice_of((const char *)data, size), pattern, name, authority;

    if (!slice_next(&rest, '\n', &pattern) || !slice_next(&rest, '\n', &name) ||
        !slice_next(&rest, '\n', &authority))
        return 0;
    check_glob(pattern, name);
    check_host(authority);
    check_prefixes(name, rest);
    return 0;
}
