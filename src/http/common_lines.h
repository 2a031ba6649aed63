/* SPDX-License-Identifier: MIT */
/* common_lines.h - lines that heads of every origin have: a file's, a kept reply's, a relayed one's. */
#ifndef TINYWEB_HTTP_COMMON_LINES_H
#define TINYWEB_HTTP_COMMON_LINES_H

#include "base/writer.h"
#include "http/range.h"

/* "HTTP/1.1 404 Not Found\r\n"; "… Unknown" where the status has no row in status.h. */
void write_status_line(struct writer *w, unsigned status);

/* "Content-Length: 5\r\n" (RFC 9110 section 8.6). */
void write_content_length(struct writer *w, uint64_t length);

/* "Content-Range: bytes 0-4/9\r\n" of a 206, and with an asterisk in place of the range that of a 416
 * (RFC 9110 section 14.4). @size is that of the whole. */
void write_content_range(struct writer *w, const struct byte_range *range, uint64_t size);
void write_unsatisfied_range(struct writer *w, uint64_t size);

#endif
