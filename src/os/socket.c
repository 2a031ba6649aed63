/* SPDX-License-Identifier: MIT */
/* socket.c - listening, accepted and connecting sockets. */

#include "os/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A request that has arrived together with its connection. */
#define DISCARD_SIZE 4096

static int set_flag(int fd, int level, int name)
{
    int on = 1;
    return setsockopt(fd, level, name, &on, sizeof(on)) == -1 ? -errno : 0;
}

static int bind_and_listen(int fd, const struct address *addr, int backlog)
{
    /* A restart must not wait for connections in TIME_WAIT. */
    int err = set_flag(fd, SOL_SOCKET, SO_REUSEADDR);
    if (err)
        return err;
    /* "[::]:80" and "0.0.0.0:80" are two addresses that may be listed side by side. */
    if (addr->any.sa_family == AF_INET6 && (err = set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY)) != 0)
        return err;
    if ((err = set_flag(fd, IPPROTO_TCP, TCP_NODELAY)) != 0)
        return err;
    if (bind(fd, &addr->any, address_size(addr)) == -1)
        return -errno;
    return listen(fd, backlog) == -1 ? -errno : 0;
}

int socket_listen(const struct address *addr, int backlog, int *ret_fd)
{
    int fd = socket(addr->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (fd == -1)
        return -errno;

    int err = bind_and_listen(fd, addr, backlog);
    if (err) {
        close(fd);
        return err;
    }
    *ret_fd = fd;
    return 0;
}

int socket_accept(int listen_fd, struct address *ret_peer)
{
    struct address peer = {.any.sa_family = AF_UNSPEC};
    socklen_t size = sizeof(peer);
    int fd = accept4(listen_fd, &peer.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd == -1)
        return -errno;
    *ret_peer = peer;
    return fd;
}

bool socket_accept_error_is_transient(int err)
{
    /* accept(2): pending network errors of the new connection are passed on by accept. EPERM is
     * a firewall's answer. */
    switch (err < 0 ? -err : err) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case EPERM:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH: return true;
    default: return false;
    }
}

int socket_connect(const struct sockaddr *addr, socklen_t size, bool *ret_is_done)
{
    int fd = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int err = 0;
    if (fd == -1)
        return -errno;

    if (addr->sa_family != AF_UNIX)
        err = set_flag(fd, IPPROTO_TCP, TCP_NODELAY);
    if (!err && connect(fd, addr, size) == -1)
        err = -errno;
    if (err && err != -EINPROGRESS) {
        close(fd);
        return err;
    }
    *ret_is_done = !err;
    return fd;
}

int socket_connect_result(int fd)
{
    struct sockaddr_storage local = {0}, peer;
    socklen_t local_size = sizeof(local);
    socklen_t peer_size = sizeof(peer);
    int err;
    socklen_t size = sizeof(err);
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size) == -1)
        return -errno;
    if (err)
        return -err;

    if (getsockname(fd, (struct sockaddr *)&local, &local_size) == -1 ||
        getpeername(fd, (struct sockaddr *)&peer, &peer_size) == -1)
        return -errno;
    /* A Unix socket that was not bound has no name. */
    bool is_itself = local.ss_family != AF_UNIX && local_size == peer_size &&
                     memcmp(&local, &peer, local_size) == 0;
    return is_itself ? -ECONNREFUSED : 0;
}

int socket_local_address(int fd, struct address *ret_addr)
{
    struct address addr = {.any.sa_family = AF_UNSPEC};
    socklen_t size = sizeof(addr);
    if (getsockname(fd, &addr.any, &size) == -1)
        return -errno;
    if (addr.any.sa_family != AF_INET && addr.any.sa_family != AF_INET6)
        return -EAFNOSUPPORT;
    *ret_addr = addr;
    return 0;
}

static int check_option(int fd, int name, int wanted)
{
    int value = -1;
    socklen_t size = sizeof(value);
    if (getsockopt(fd, SOL_SOCKET, name, &value, &size) == -1)
        return -errno;
    return value == wanted ? 0 : -EINVAL;
}

int socket_check_listening(int fd)
{
    int err = check_option(fd, SO_TYPE, SOCK_STREAM);
    if (err)
        return err;
    if ((err = check_option(fd, SO_PROTOCOL, IPPROTO_TCP)) != 0)
        return err;
    return check_option(fd, SO_ACCEPTCONN, 1);
}

int socket_adopt_listening(int fd, int backlog)
{
    int err = socket_set_nonblocking(fd);
    if (!err)
        err = set_flag(fd, IPPROTO_TCP, TCP_NODELAY);
    if (!err && fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
        err = -errno;
    if (!err && listen(fd, backlog) == -1) /* changes the backlog of one that listens already */
        err = -errno;
    return err;
}

int socket_set_congestion(int listen_fd, const char *algorithm)
{
    socklen_t size = (socklen_t)strlen(algorithm);

    return setsockopt(listen_fd, IPPROTO_TCP, TCP_CONGESTION, algorithm, size) == -1 ? -errno : 0;
}

int socket_set_deferred(int listen_fd, bool is_deferred)
{
    const int seconds = is_deferred; /* of which the kernel makes retransmissions: one, or none */

    return setsockopt(listen_fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds)) == -1
               ? -errno
               : 0;
}

int socket_set_user_timeout(int listen_fd, uint32_t timeout_ms)
{
    unsigned value = timeout_ms;

    return setsockopt(listen_fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, sizeof(value)) == -1
               ? -errno
               : 0;
}

int socket_set_pacing(int fd, uint64_t rate)
{
    uint64_t value = rate ? rate : UINT64_MAX;

    return setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &value, sizeof(value)) == -1 ? -errno : 0;
}

int socket_reset_on_close(int fd)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) == -1 ? -errno : 0;
}

bool socket_has_input(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

void socket_refuse(int fd, struct slice text)
{
    char dropped[DISCARD_SIZE];

    /* As good as can be without waiting: a request that comes later makes the end a reset. */
    (void)send(fd, text.data, text.len, MSG_NOSIGNAL);
    (void)shutdown(fd, SHUT_WR);
    (void)recv(fd, dropped, sizeof(dropped), 0);
    (void)close(fd);
}

int socket_set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags == -1)
        return -errno;
    if (flags & O_NONBLOCK)
        return 0;
    return fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1 ? -errno : 0;
}
