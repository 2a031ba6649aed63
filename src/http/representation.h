/* SPDX-License-Identifier: MIT */
/*
 * representation.h - what is sent of one file (RFC 9110 section 3.2): type, validators, and its
 * header lines, written once.
 *
 * Attached to the open_file, and gone with it. When the file's bytes are in memory, the whole head
 * of a 200 stands in front of them, so that the most common answer is one piece of memory; only
 * its first lines are written anew when the second or the kind of connection changes.
 */
#ifndef TINYWEB_HTTP_REPRESENTATION_H
#define TINYWEB_HTTP_REPRESENTATION_H

#include "base/writer.h"
#include "config/config.h"
#include "file/content_coding.h"
#include "file/mime_types.h"
#include "file/open_file.h"
#include "http/conditional.h"

/* Free bytes in front of a body in memory: enough for every head, besides the lines of its site. */
#define REPRESENTATION_HEADROOM 512

struct representation {
    enum content_coding coding; /* of the sibling that the file is */
    bool is_encoded;            /* it has a Content-Encoding: a sibling's, or its own */
    bool is_negotiated;         /* there are others to choose from, by Accept-Encoding */
    bool is_compressible;       /* of the kind that is compressed when it is asked for */
    bool is_of_the_future;      /* its Last-Modified is each answer's Date, and no validator */
    struct validators validators;
    struct slice type; /* with its charset */

    /* Ready lines, each with its CRLF; they lie behind each other in this order. */
    struct slice length_line;     /* Content-Length of the whole */
    struct slice type_line;       /* Content-Type */
    struct slice validator_lines; /* Last-Modified, ETag, Vary: what a 304 has, too */
    struct slice other_lines;     /* Content-Encoding … */
    struct slice vary_line; /* the part of validator_lines that errors have, too; may be empty */

    /* Private. */
    struct slice whole;           /* head and body of a 200; empty: they cannot be one piece */
    time_t whole_time;            /* what its Date says; -1: it has none yet */
    const char *whole_connection; /* the line about the connection that is in it */
    uint64_t settled_at;          /* file->checks of that moment, plus 1; 0: not */
    unsigned complaints;          /* bit per coding */
    bool is_incompressible;       /* it has been tried */
};

/* What is not known from the file alone. */
struct representation_traits {
    const struct site_config *site; /* borrowed for the call */
    enum content_coding coding;
    bool is_negotiated;
    bool is_made; /* the coded bytes are not those of a file of their own */
};

struct representation_settings {
    const struct mime_types *mime_types; /* borrowed */
    struct slice charset;                /* empty: none is added */
};

/* The representation of @file, made at the time @now with @traits when it is asked for first;
 * borrowed from the file. NULL: out of memory. */
const struct representation *representation_of(struct open_file *file, time_t now,
                                               const struct representation_traits *traits,
                                               const struct representation_settings *settings);

/* @file, which has a representation, is the only one there is: until it is looked at again. */
void representation_settle(struct open_file *file);

/* The representation to send when there is no other one to choose, as far as is known; else NULL. */
static inline const struct representation *representation_settled(const struct open_file *file)
{
    const struct representation *rep = file->attachment;

    return rep && rep->settled_at == file->checks + 1 ? rep : NULL;
}

/* @file, which has a representation, is not worth to be compressed again. */
void representation_set_incompressible(struct open_file *file);

/* True once for each @coding: there is something to say about that sibling of @file. */
bool representation_first_complaint(struct open_file *file, enum content_coding coding);

/* The longest line about the connection. */
#define CONNECTION_LINE_SIZE (sizeof("Connection: keep-alive\r\n") - 1)

/*
 * The whole 200 answer with the Date of @now (@date is its text) and @connection_line, which may be
 * empty and is always the same string for the same text; or an empty slice when it cannot be had in
 * one piece now: the body is not in memory, or another front is still being sent.
 */
struct slice representation_whole(struct open_file *file, struct slice connection_line, time_t now,
                                  const char *date);

/* The value of Content-Type: @type, with @charset when it is text that names none. */
void representation_write_type(struct writer *w, struct slice type, struct slice charset);

#endif
