/* SPDX-License-Identifier: MIT */
/*
 * access_log.h - one line a request (access_line.h), buffered.
 *
 * Lines gather in a buffer and leave in whole lines: some time after the first of them, when it is
 * full, and at the end. Nothing here waits: what a pipe has no room for stays until the buffer is
 * full. Lines that cannot be written (full disk, pipe without a reader) are dropped and counted,
 * and named in the error log once a minute. After a line that a full disk cut, the next one
 * starts on its own.
 */
#ifndef TINYWEB_HTTP_ACCESS_LOG_H
#define TINYWEB_HTTP_ACCESS_LOG_H

#include "base/counters.h"
#include "event/event_loop.h"
#include "http/access_line.h"

struct access_log;

/* @fd is borrowed; open for appending and, where it can be, non-blocking (os/log_file.h). A line
 * waits for @delay_ms at most. NULL: out of memory. @dropped counts lines that could not be
 * written. */
struct access_log *access_log_create(struct event_loop *loop, int fd, uint32_t delay_ms,
                                     counter *dropped);
void access_log_destroy(struct access_log *log); /* flushes; NULL is fine */

void access_log_append(struct access_log *log, const struct access_record *record);
void access_log_flush(struct access_log *log);
/* Flush to the old descriptor, then write to @fd. */
void access_log_set_fd(struct access_log *log, int fd);

#endif
