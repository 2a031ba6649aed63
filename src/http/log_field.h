/* SPDX-License-Identifier: MIT */
/*
 * log_field.h - text from a peer as a field of a log's line, made so that it can end neither.
 *
 * Escaped as writer_log_escaped does it, but sixteen bytes at a time, and with a cursor in place of
 * a writer: the caller has made sure of the room once.
 */
#ifndef TINYWEB_HTTP_LOG_FIELD_H
#define TINYWEB_HTTP_LOG_FIELD_H

#include "base/slice.h"

/* Of a text that is not empty. */
char *log_field_text(char *out, struct slice text, size_t max);

/* Write at most @max bytes, "-" for an empty text; an escape is never cut. Returns their end. */
static inline char *log_field(char *out, struct slice text, size_t max)
{
    if (text.len > 0)
        return log_field_text(out, text, max);
    *out = '-';
    return out + 1;
}

#endif
