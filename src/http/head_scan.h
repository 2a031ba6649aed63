/* SPDX-License-Identifier: MIT */
/*
 * head_scan.h - finds the end of a message head, and refuses bytes that parsers disagree about.
 *
 * Runs before llhttp, whatever its version lets through (RFC 9112 sections 2.2, 5, 5.2): every LF
 * needs a CR before it and every CR an LF after it; no NUL and no other control byte but HTAB
 * within a field line; no line that starts with SP or HTAB (obs-fold). These are what request
 * smuggling is made of. Empty lines before the request line are skipped, a few of them.
 */
#ifndef TINYWEB_HTTP_HEAD_SCAN_H
#define TINYWEB_HTTP_HEAD_SCAN_H

#include "base/macros.h"
#include "base/slice.h"

#include <stdint.h>

enum head_scan_result {
    HEAD_INCOMPLETE, /* call again with more bytes, the same ones first */
    HEAD_COMPLETE,
    HEAD_BAD,
};

struct head_scan {
    uint32_t offset;         /* scanned so far */
    uint32_t line_start;     /* of the line that `offset` is in */
    uint32_t start;          /* of the request line, behind empty lines */
    uint32_t first_line_end; /* of its CR; 0: not seen yet */
    uint32_t lines;          /* field lines that have ended */
    uint32_t end;            /* with HEAD_COMPLETE: behind the empty line */
};

static inline void head_scan_init(struct head_scan *scan)
{
    *scan = (struct head_scan){0};
}

/* @data is the same at every call and may only grow. */
enum head_scan_result head_scan(struct head_scan *scan, struct slice data);

#endif
