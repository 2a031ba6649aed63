/* SPDX-License-Identifier: MIT */
/* header_lines.c - cuts at the end of lines and the first colon. */
#include "support/unit.h"

#include "http/header_lines.h"

void header_lines_read(struct header_lines *headers, const char *lines)
{
    struct slice rest = slice_from_string(lines), line;

    header_table_init(&headers->table, headers->rows, HEADER_LINES_COUNT);
    while (rest.len > 0 && slice_next(&rest, '\n', &line)) {
        ptrdiff_t colon = slice_find(line, ':');

        assert_true(colon > 0);
        assert_int_equal(header_table_add(&headers->table, slice_of(line.data, (size_t)colon),
                                          slice_trim(slice_from(line, (size_t)colon + 1))),
                         0);
    }
}
