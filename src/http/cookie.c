/* SPDX-License-Identifier: MIT */
/* cookie.c - "a=1; b=2", in one line or in several. */
#include "http/cookie.h"

static bool is_named(struct slice text, struct slice name)
{
    ptrdiff_t equals = slice_find(text, '=');
    return equals >= 0 && slice_equal(slice_trim(slice_of(text.data, (size_t)equals)), name);
}

bool cookie_find(const struct header_table *headers, struct slice name, struct slice *ret_value)
{
    unsigned position = 0;
    struct slice line, pair;
    while (header_table_next(headers, HEADER_COOKIE, &position, &line)) {
        while (slice_next(&line, ';', &pair)) {
            struct slice text = slice_trim(pair);
            if (!is_named(text, name))
                continue;
            *ret_value = slice_trim(slice_from(text, (size_t)slice_find(text, '=') + 1));
            return true;
        }
    }
    return false;
}

static bool has_cookie(struct slice line, struct slice name)
{
    struct slice pair;
    while (slice_next(&line, ';', &pair)) {
        if (is_named(slice_trim(pair), name))
            return true;
    }
    return false;
}

bool cookie_write_without(struct writer *w, struct slice line, struct slice name)
{
    struct slice pair;
    bool is_first = true;
    if (!has_cookie(line, name))
        return false;
    while (slice_next(&line, ';', &pair)) {
        struct slice text = slice_trim(pair);
        if (text.len == 0 || is_named(text, name))
            continue;
        if (!is_first)
            writer_literal(w, "; ");
        writer_slice(w, text);
        is_first = false;
    }
    return true;
}
