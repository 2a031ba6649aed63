/* SPDX-License-Identifier: MIT */
/* fuzz_cookie.c - a name and lines of cookies: what is found lies in a line, behind the name and "=". */

#include "http/cookie.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINES_MAX 8

static void check(bool is_true)
{
    if (!is_true)
        abort();
}

static bool is_within(struct slice part, struct slice whole)
{
    return part.data >= whole.data && part.data + part.len <= whole.data + whole.len;
}

/* What is left has none of that name, and is no longer. */
static void check_without(const struct header_table *headers, struct slice name)
{
    for (unsigned i = 0; i < headers->count; i++) {
        struct slice line = headers->rows[i].value, value;
        struct header rows[1];
        struct header_table rest;
        char *text = malloc(2 * line.len + 1);
        check(text != NULL);
        struct writer w = writer_on(text, 2 * line.len + 1);
        header_table_init(&rest, rows, 1);
        if (cookie_write_without(&w, line, name)) {
            check(!w.overflow);
            check(header_table_add(&rest, SLICE_LITERAL("Cookie"), writer_content(&w)) == 0);
            check(!cookie_find(&rest, name, &value));
        } else {
            check(w.len == 0);
        }
        free(text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct header rows[LINES_MAX];
    struct header_table headers;
    struct slice rest = slice_of((const char *)data, size), name, line, value;
    if (!slice_next(&rest, '\n', &name))
        return 0;
    header_table_init(&headers, rows, LINES_MAX);
    while (slice_next(&rest, '\n', &line)) {
        if (header_table_add(&headers, SLICE_LITERAL("Cookie"), line) != 0)
            break;
    }
    check_without(&headers, name);
    if (!cookie_find(&headers, name, &value))
        return 0;
    bool is_found = value.len == 0;
    for (unsigned i = 0; i < headers.count; i++) {
        struct slice text = headers.rows[i].value;
        is_found = is_found || (is_within(value, text) && value.data > text.data + name.len);
    }
    check(is_found && slice_find(value, ';') < 0 && slice_equal(slice_trim(value), value));
    return 0;
}
