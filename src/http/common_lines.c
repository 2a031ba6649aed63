/* SPDX-License-Identifier: MIT */
/* common_lines.c - without printf, which would cost more than the rest of a head. */
#include "http/common_lines.h"

#include "http/status.h"

void write_status_line(struct writer *w, unsigned status)
{
    struct slice line = status_line(status);

    if (LIKELY(line.len > 0)) {
        writer_slice(w, line);
        return;
    }
    writer_literal(w, "HTTP/1.1 ");
    writer_number(w, status);
    writer_literal(w, " Unknown\r\n");
}

void write_content_length(struct writer *w, uint64_t length)
{
    writer_literal(w, "Content-Length: ");
    writer_number(w, length);
    writer_literal(w, "\r\n");
}

void write_content_range(struct writer *w, const struct byte_range *range, uint64_t size)
{
    writer_literal(w, "Content-Range: bytes ");
    range_write(w, range, 1);
    writer_char(w, '/');
    writer_number(w, size);
    writer_literal(w, "\r\n");
}

void write_unsatisfied_range(struct writer *w, uint64_t size)
{
    writer_literal(w, "Content-Range: bytes */");
    writer_number(w, size);
    writer_literal(w, "\r\n");
}
