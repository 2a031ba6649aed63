/* SPDX-License-Identifier: MIT */
/*
 * representation.h - what is sent of one file (RFC 9110 section 3.2): type, validators, and its
 * header lines, written once.
 *
 * Attached to the open_file, and gone with it. When the file's bytes are in memory, the whole head
 * of the most common answer (200 to a keep-alive HTTP/1.1 client) stands in front of them, so that
 * answer is one piece of memory; only its Date is brought up to date.
 */
#ifndef TINYWEB_HTTP_REPRESENTATION_H
#define TINYWEB_HTTP_REPRESENTATION_H

#include "base/writer.h"
#include "file/mime_types.h"
#include "file/open_file.h"
#include "http/conditional.h"

/* Free bytes in front of a body in memory: enough for every head that is written today. */
#define REPRESENTATION_HEADROOM 512

struct representation {
    struct validators validators;
    struct slice type; /* with its charset */

    /* Ready lines, each with its CRLF; they lie behind each other in this order. */
    struct slice length_line;     /* Content-Length of the whole */
    struct slice type_line;       /* Content-Type */
    struct slice validator_lines; /* Last-Modified, ETag: what a 304 has, too */
    struct slice other_lines;

    /* Head and body of a whole 200 answer; empty when the body is not in memory. */
    struct slice whole;
    char *whole_date;       /* its HTTP_DATE_SIZE bytes */
    time_t whole_date_time; /* what they say */
};

struct representation_settings {
    const struct mime_types *mime_types; /* borrowed */
    struct slice charset;                /* empty: none is added */
};

/* The representation of @file, made at the time @now when it is asked for first; borrowed from the
 * file. NULL: out of memory. */
const struct representation *representation_of(struct open_file *file, time_t now,
                                               const struct representation_settings *settings);

/*
 * The whole 200 answer with the Date of @now (@date is its text), or an empty slice when it cannot
 * be had in one piece now: the body is not in memory, or an older Date is still being sent.
 */
struct slice representation_whole(const struct open_file *file, time_t now, const char *date);

/* The value of Content-Type: @type, with @charset when it is text that names none. */
void representation_write_type(struct writer *w, struct slice type, struct slice charset);

#endif
