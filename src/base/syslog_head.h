/* SPDX-License-Identifier: MIT */
/*
 * syslog_head.h - what stands before a line that goes to the machine's syslog daemon (RFC 3164,
 * as the C library's syslog(3) writes it there): "<190>Nov 24 10:15:42 tinyweb[4711]: ".
 *
 * A line is a datagram to a Unix socket. The time is the local one, in English, of whole seconds.
 */
#ifndef TINYWEB_BASE_SYSLOG_HEAD_H
#define TINYWEB_BASE_SYSLOG_HEAD_H

#include "base/slice.h"

#include <stdbool.h>
#include <time.h>

/* Facility times eight and severity. */
#define SYSLOG_DAEMON (3 * 8)
#define SYSLOG_LOCAL7 (23 * 8)
#define SYSLOG_ERROR 3
#define SYSLOG_WARNING 4
#define SYSLOG_NOTICE 5
#define SYSLOG_INFO 6
#define SYSLOG_DEBUG 7

#define SYSLOG_HEAD_SIZE 64

/* That of the last line, which may do for the next one; zeroed at the start, all private. */
struct syslog_head {
    time_t seconds;
    unsigned priority;
    size_t len;
    char text[SYSLOG_HEAD_SIZE];
};

/* Borrowed until the next call. */
struct slice syslog_head(struct syslog_head *head, unsigned priority, time_t now);

/* @fd takes datagrams, so each line needs a head and none a newline. */
bool syslog_is_socket(int fd);

#endif
