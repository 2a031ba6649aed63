/* SPDX-License-Identifier: MIT */
/*
 * writer.h - appends text to a fixed block and remembers when it did not fit.
 *
 * The writer borrows the block. After an append that does not fit nothing more is written and
 * `overflow` is set: check once, at the end. No terminator is kept, but writer_format() needs room
 * for one.
 */
#ifndef TINYWEB_BASE_WRITER_H
#define TINYWEB_BASE_WRITER_H

#include "base/macros.h"
#include "base/slice.h"

#include <stdint.h>

struct writer {
    char *data;
    size_t len, capacity;
    bool overflow;
};

static inline struct writer writer_on(char *data, size_t capacity)
{
    return (struct writer){.data = data, .capacity = capacity};
}

static inline struct slice writer_content(const struct writer *w)
{
    return slice_of(w->data, w->len);
}

static inline void writer_append(struct writer *w, const char *data, size_t len)
{
    if (UNLIKELY(len > w->capacity - w->len || w->overflow)) {
        w->overflow = true;
        return;
    }
    memcpy(w->data + w->len, data, len);
    w->len += len;
}

static inline void writer_slice(struct writer *w, struct slice text)
{
    if (text.len > 0)
        writer_append(w, text.data, text.len);
}

#define writer_literal(w, s) writer_append((w), (s), sizeof(s) - 1)

void writer_char(struct writer *w, char c);
void writer_string(struct writer *w, const char *text);
void writer_number(struct writer *w, uint64_t value);
void writer_hex(struct writer *w, uint64_t value);
/* "2.0 KiB", "999 B": powers of 1024, three digits or so. */
void writer_size(struct writer *w, uint64_t bytes);
/* Of microseconds: "340 µs", "1.2 ms", "3.4 s". */
void writer_duration(struct writer *w, uint64_t us);
void writer_format(struct writer *w, const char *format, ...) PRINTF_LIKE(2, 3);

/* User bytes for a log: '"', '\\', bytes below 0x20 and from 0x7f on become \xHH. */
void writer_log_escaped(struct writer *w, struct slice text);
/* A string of JSON with its quotes (RFC 8259 section 7); @text is UTF-8. Six bytes for one at most. */
void writer_json_string(struct writer *w, struct slice text);
/* For HTML text and attribute values: & < > " ' become references. */
void writer_html_escaped(struct writer *w, struct slice text);
/*
 * For a path in a URL: everything but unreserved, sub-delims, ":", "@" and "/" becomes %HH
 * (RFC 3986 section 3.3), and "&" and "'" do too, so the result is safe in a header field and an
 * attribute value.
 */
void writer_url_escaped(struct writer *w, struct slice path);
/* For a query that came in a URL: what is escaped stays so, and what may not stand there (RFC 3986
 * section 3.4) is escaped, so the result is safe in a header field. */
void writer_url_query(struct writer *w, struct slice query);

#endif
