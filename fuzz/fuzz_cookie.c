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
