/* SPDX-License-Identifier: MIT */
/*
 * access_line.h - the text of a request in the access log: the combined format, time and reason;
 * and the same behind the host that was asked for, as Apache's vhost_combined has it.
 *
 *   127.0.0.1 - - [24/Nov/2026:10:15:42 +0000] "GET /a HTTP/1.1" 200 1024 "referer" "agent" 0.001 ok
 *   example.org:80 127.0.0.1 - - [24/Nov/2026:10:15:42 +0000] "GET /a HTTP/1.1" 200 …
 *
 * The second "-" is the name of the user where one has signed in. Behind the reason of a part of a
 * file stands which part: `range 0-99`.
 *
 * Bytes from the peer are escaped (as writer_log_escaped does) and then cut, so that they can
 * neither end a field or a line nor make one longer than a pipe takes at once.
 */
#ifndef TINYWEB_HTTP_ACCESS_LINE_H
#define TINYWEB_HTTP_ACCESS_LINE_H

#include "base/address.h"
#include "base/slice.h"
#include "file/content_coding.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* One byte less than PIPE_BUF, which access_log keeps for a newline before it. */
#define ACCESS_LINE_SIZE_MAX (PIPE_BUF - 1)

/* What an upstream had to do with it. */
struct access_upstream {
    const char *server; /* its name, or its address; NULL: none was asked */
    unsigned attempts;
    bool is_reused; /* the last of them was on a connection that had been kept */
    char ended_by;  /* C client, S server, P we, T a deadline; -: it went well */
    /* From the beginning; 0: it never came to that. */
    uint32_t connect_us, first_byte_us, total_us;
};

/* What is logged of one request; slices are borrowed for the call. */
struct access_record {
    const struct address *peer;
    const char *user;          /* who asked, with a password; NULL: "-" */
    struct slice request_line; /* "GET /a HTTP/1.1", as received; empty: "-" */
    struct slice referer, user_agent;
    unsigned status;     /* 0: the connection ended without an answer; logged as 000 */
    uint64_t body_bytes; /* of the content sent */
    int64_t duration_ms; /* from the first byte of the request */
    const char *reason;  /* one word: "ok", "etag", "not-found", "aborted" … */
    /* Not in the combined format. */
    struct slice host;      /* as in struct request; empty: none */
    const char *request_id; /* of so many bytes */
    uint8_t request_id_len;
    const struct access_upstream *upstream; /* NULL: it was none's */
    enum content_coding coding;             /* of the file that was sent */
    const char *cache;                      /* what a cache had to do with it: a word, or NULL */
    struct slice range; /* "0-99" of a 206 (http/range.h), in every format; empty: none */
};

/* What one line has in common with the next; zeroed at the start, all private. */
struct access_line {
    time_t seconds;             /* what time_text says, when it says anything */
    struct address host;        /* what `start` begins with, when host_len is not 0 */
    size_t host_len, start_len; /* start_len 0: no time stands behind the host */
    char time_text[35];         /* ` - - [24/Nov/2026:10:15:42 +0000] "` */
    char start[80];             /* the host, at most 45 bytes, and the time */
};

/* Write the line with its newline into @out of ACCESS_LINE_SIZE_MAX bytes; returns its length. */
size_t access_line_write(struct access_line *line, const struct access_record *record, time_t now,
                         char *out);
size_t access_line_write_vhost(struct access_line *line, const struct access_record *record,
                               time_t now, char *out);
/* Combined, and behind it the server, attempts, seconds to connect, to the first byte and in all, who
 * ended it, and the cache's word. */
size_t access_line_write_upstream(struct access_line *line, const struct access_record *record,
                                  time_t now, char *out);

/* For other formats. The client's address as it is written; valid until the next call. */
struct slice access_line_host(struct access_line *line, const struct address *peer);

#endif
