/* SPDX-License-Identifier: MIT */
/*
 * syslog_socket.h - the way to the machine's syslog daemon: a Unix datagram socket.
 *
 * Whoever has the descriptor from its maker, by fork(2) or over a channel, has the same socket: when
 * one process connects it anew, it is connected for all of them. So workers, which may not connect
 * to anything, need nothing but to try again later.
 */
#ifndef TINYWEB_OS_SYSLOG_SOCKET_H
#define TINYWEB_OS_SYSLOG_SOCKET_H

#include "base/macros.h"

/* Connected to @path, never blocking, close-on-exec. -ENOENT or -ECONNREFUSED: there is no daemon;
 * -EPROTOTYPE: it takes no datagrams. *@ret_fd is the caller's. */
MUST_CHECK int syslog_socket_open(const char *path, int *ret_fd);

/* Connect it again if the daemon has gone, which its senders find out. 1: it was and could be; 0:
 * it need not be; -errno. */
int syslog_socket_mend(int fd, const char *path);

#endif
