/* SPDX-License-Identifier: MIT */
/*
 * access_log.h - one line a request, in the combined format plus time and reason.
 *
 *   127.0.0.1 - - [24/Nov/2026:10:15:42 +0000] "GET /a HTTP/1.1" 200 1024 "referer" "agent" 0.001 ok
 *
 * Lines gather in a buffer and leave in whole lines: when it is full, once a second, and at the
 * end. Bytes from the peer are escaped (writer_log_escaped), fields are cut to a fixed length. A
 * write that fails or would block (full disk, pipe without a reader) drops lines and counts them,
 * and never blocks the loop.
 */
#ifndef TINYWEB_HTTP_ACCESS_LOG_H
#define TINYWEB_HTTP_ACCESS_LOG_H

#include "base/address.h"
#include "base/counters.h"
#include "base/slice.h"
#include "event/event_loop.h"

#include <stdint.h>

struct access_log;

/* What is logged of one request; slices are borrowed for the call. */
struct access_record {
    const struct address *peer;
    struct slice request_line; /* "GET /a HTTP/1.1", as received; empty: "-" */
    struct slice referer, user_agent;
    unsigned status;       /* 0: the connection ended without an answer; logged as 000 */
    uint64_t body_bytes;   /* of the content sent */
    int64_t duration_ms;   /* from the first byte of the request */
    const char *reason;    /* one word: "ok", "etag", "not-found", "aborted" … */
};

/* @fd is borrowed. NULL: out of memory. @dropped counts lines that could not be written. */
struct access_log *access_log_create(struct event_loop *loop, int fd, counter *dropped);
void access_log_destroy(struct access_log *log); /* flushes; NULL is fine */

void access_log_append(struct access_log *log, const struct access_record *record);
void access_log_flush(struct access_log *log);
/* Flush to the old descriptor, then write to @fd. */
void access_log_set_fd(struct access_log *log, int fd);

#endif
