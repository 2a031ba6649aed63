/* SPDX-License-Identifier: MIT */
/* cookie.c - "a=1; b=2", in one line or in several. */
#include "http/cookie.h"

bool cookie_find(const struct header_table *headers, struct slice name, struct slice *ret_value)
{
    unsigned position = 0;
    struct slice line, pair;
    while (header_table_next(headers, HEADER_COOKIE, &position, &line)) {
        while (slice_next(&line, ';', &pair)) {
            struct slice text = slice_trim(pair);
            ptrdiff_t equals = slice_find(text, '=');
            if (equals < 0 || !slice_equal(slice_trim(slice_of(text.data, (size_t)equals)), name))
                continue;
            *ret_value = slice_trim(slice_from(text, (size_t)equals + 1));
            return true;
        }
    }
    return false;
}
