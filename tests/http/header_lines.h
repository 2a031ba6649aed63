/* SPDX-License-Identifier: MIT */
/* header_lines.h - a table of fields from "Name: value" lines, for tests. */
#ifndef TESTS_HTTP_HEADER_LINES_H
#define TESTS_HTTP_HEADER_LINES_H

#include "http/header_table.h"

#define HEADER_LINES_COUNT 16

struct header_lines {
    struct header rows[HEADER_LINES_COUNT];
    struct header_table table;
};

/* @lines: parted by "\n", borrowed. Stays where it is. */
void header_lines_read(struct header_lines *headers, const char *lines);

#endif
