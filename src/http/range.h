/* SPDX-License-Identifier: MIT */
/* range.h - byte ranges (RFC 9110 section 14). */
#ifndef TINYWEB_HTTP_RANGE_H
#define TINYWEB_HTTP_RANGE_H

#include "base/macros.h"
#include "base/slice.h"
#include "base/writer.h"

#include <stdint.h>

/* More ranges than this, overlapping ones, or several that add up to the whole or more are
 * answered by the whole representation: no client needs them, and they amplify (section 14.2). A
 * single range is a range even when it covers everything: players ask "bytes=0-" to seek later. */
#define RANGE_COUNT_MAX 16

struct byte_range {
    uint64_t first, length; /* length is at least 1 */
};

enum range_result {
    RANGE_WHOLE,         /* ignore the field: send 200 */
    RANGE_PARTIAL,       /* send 206 with the ranges */
    RANGE_UNSATISFIABLE, /* send 416 */
};

/*
 * Read the value of a Range field against a representation of @size bytes. Ranges keep their
 * order; those that are not satisfiable are left out. A value that is not of the grammar, or of
 * another unit than bytes, is ignored (RANGE_WHOLE), numbers of any length are read exactly. The
 * outputs are set for RANGE_PARTIAL only.
 */
enum range_result range_parse(struct slice value, uint64_t size,
                              struct byte_range ret_ranges[RANGE_COUNT_MAX], unsigned *ret_count);

/* Room for what range_write writes. */
#define RANGE_TEXT_SIZE (20 + 1 + 20 + 4)

/* "0-99", first and last byte; for logs, of several ranges the first, and how many more: "0-99,+2".
 * @first is of @count ranges, at least one. */
void range_write(struct writer *w, const struct byte_range *first, unsigned count);

#endif
