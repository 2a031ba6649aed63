/* SPDX-License-Identifier: MIT */
/* socket.h - listening, accepted and connecting sockets (socket(7), tcp(7)); errors as -errno. */
#ifndef TINYWEB_OS_SOCKET_H
#define TINYWEB_OS_SOCKET_H

#include "base/address.h"
#include "base/macros.h"

#include <stdbool.h>

/* More than somaxconn is cut by the kernel without a word; 4096 is today's default there. */
#define SOCKET_BACKLOG 4096

/*
 * A non-blocking, close-on-exec socket, bound and listening: SO_REUSEADDR, IPV6_V6ONLY for IPv6,
 * TCP_NODELAY (accepted sockets inherit it). *@ret_fd is the caller's.
 */
MUST_CHECK int socket_listen(const struct address *addr, int backlog, int *ret_fd);

/*
 * Accept one connection, non-blocking and close-on-exec. Returns the descriptor, or -errno;
 * -EAGAIN when none waits, and -ECONNABORTED, -EINTR, -EPROTO … concern that connection only
 * (accept(2): the caller goes on).
 */
MUST_CHECK int socket_accept(int listen_fd, struct address *ret_peer);
/* True for the errors of accept4 after which the next one may well succeed. */
bool socket_accept_error_is_transient(int err);

/*
 * Begin to connect a new socket, non-blocking, close-on-exec and without Nagle's delay. Returns the
 * descriptor, which becomes writable when it is known how that went, unless *@ret_is_done; or -errno:
 * -EAGAIN when the queue of a Unix socket is full.
 */
MUST_CHECK int socket_connect(const struct sockaddr *addr, socklen_t size, bool *ret_is_done);
/* How that went: 0 or -errno. -ECONNREFUSED also for a socket that met itself, as one may that tries a
 * port of its own machine to which nobody listens. */
MUST_CHECK int socket_connect_result(int fd);

MUST_CHECK int socket_local_address(int fd, struct address *ret_addr);

/* An inherited descriptor is used only when it is a listening TCP socket: 0, -EINVAL, -errno. */
MUST_CHECK int socket_check_listening(int fd);
/* Give one that passed the check the options and the backlog that socket_listen gives. */
MUST_CHECK int socket_adopt_listening(int fd, int backlog);

/* Accepted sockets inherit it. -ENOENT: the kernel knows no such algorithm. */
MUST_CHECK int socket_set_congestion(int listen_fd, const char *algorithm);

/* Of a listening socket: whether it holds back a connection until its first bytes, or its end, have
 * come, or until a second is over (tcp(7), TCP_DEFER_ACCEPT). */
MUST_CHECK int socket_set_deferred(int listen_fd, bool is_deferred);

/* Accepted sockets inherit it. How long sent bytes may stay unacknowledged, or the peer's window
 * closed, before the kernel gives up: also when we have closed the socket (tcp(7), TCP_USER_TIMEOUT). */
int socket_set_user_timeout(int listen_fd, uint32_t timeout_ms);
/* Of a listening socket, which accepted ones inherit it from, or of a connection: it sends at most
 * @rate bytes a second (SO_MAX_PACING_RATE), 0: as fast as it can. */
int socket_set_pacing(int fd, uint64_t rate);

/* close() will send RST and drop what is unsent (SO_LINGER with 0 seconds). */
int socket_reset_on_close(int fd);

/* Bytes of the peer wait to be read. */
MUST_CHECK bool socket_has_input(int fd);

/* Send @text and close @fd, which was just accepted; nothing is waited for. */
void socket_refuse(int fd, struct slice text);

MUST_CHECK int socket_set_nonblocking(int fd);

#endif
