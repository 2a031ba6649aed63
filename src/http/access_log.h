/* SPDX-License-Identifier: MIT */
/*
 * access_log.h - one line a request (access_line.h), buffered.
 *
 * Lines gather in a buffer and leave in whole lines: some time after the first of them, when it is
 * full, and at the end. Nothing here waits: what a pipe has no room for stays until the buffer is
 * full. Lines that cannot be written (full disk, pipe without a reader) are dropped and counted,
 * and named in the error log once a minute. After a line that a full disk cut, the next one
 * starts on its own. A descriptor of datagrams is a syslog daemon's (base/syslog_head.h): facility
 * local7, severity info.
 */
#ifndef TINYWEB_HTTP_ACCESS_LOG_H
#define TINYWEB_HTTP_ACCESS_LOG_H

#include "base/counters.h"
#include "event/event_loop.h"
#include "http/access_line.h"

struct access_log;

struct access_log_settings {
    /* access_line_write, or another one of its kind. */
    size_t (*write_line)(struct access_line *line, const struct access_record *record, time_t now,
                         char *out);
    uint32_t delay_ms; /* how long a line may wait for others */
    unsigned sample;   /* of answers below 400 one of so many has a line; 0: none */
};

/* @fd is borrowed; open for appending and, where it can be, non-blocking (os/log_file.h). NULL:
 * out of memory. @dropped counts lines that could not be written. */
struct access_log *access_log_create(struct event_loop *loop, int fd, counter *dropped,
                                     const struct access_log_settings *settings);
void access_log_destroy(struct access_log *log); /* flushes; NULL is fine */

void access_log_append(struct access_log *log, const struct access_record *record);
void access_log_flush(struct access_log *log);
/* Flush to the old descriptor, then write to @fd. */
void access_log_set_fd(struct access_log *log, int fd);

#endif
