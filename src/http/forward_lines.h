/* SPDX-License-Identifier: MIT */
/* forward_lines.h - field lines on their way from one head to another. */
#ifndef TINYWEB_HTTP_FORWARD_LINES_H
#define TINYWEB_HTTP_FORWARD_LINES_H

#include "base/writer.h"
#include "http/header_table.h"

static inline void write_field(struct writer *w, struct slice name, struct slice value)
{
    writer_slice(w, name);
    writer_literal(w, ": ");
    writer_slice(w, value);
    writer_literal(w, "\r\n");
}

/* Lines that pass on, one behind the other as they came: most of a head is copied at once. */
struct run {
    const char *start, *end; /* NULL: none */
};

static inline void end_run(struct writer *w, struct run *run)
{
    if (run->start)
        writer_append(w, run->start, (size_t)(run->end - run->start));
    run->start = run->end = NULL;
}

/* It was written as we write it, in the message where it is. */
static inline bool is_written_so(const struct header *row)
{
    const char *colon = row->name.data + row->name.len;
    const char *end = row->value.data + row->value.len;

    return row->value.data == colon + 2 && colon[1] == ' ' && end[0] == '\r' && end[1] == '\n';
}

static NOINLINE void rewrite_line(struct writer *w, struct run *run, const struct header *row)
{
    end_run(w, run);
    write_field(w, row->name, row->value);
}

static inline void pass_line(struct writer *w, struct run *run, const struct header *row)
{
    if (UNLIKELY(row->value.len == 0 || !is_written_so(row))) {
        rewrite_line(w, run, row);
        return;
    }
    if (run->end != row->name.data) {
        end_run(w, run);
        run->start = row->name.data;
    }
    run->end = row->value.data + row->value.len + 2;
}

#endif
