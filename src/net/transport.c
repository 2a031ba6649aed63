/* SPDX-License-Identifier: MIT */
/* transport.c - plain TCP: one system call a function. */
#include "net/transport.h"

#include "base/macros.h"
#include "os/socket.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

static ssize_t plain_read(struct transport *transport, void *buf, size_t len)
{
    ssize_t n = recv(transport->watcher.fd, buf, len, 0);

    return n == -1 ? -errno : n;
}

static NOINLINE ssize_t send_pieces(int fd, const struct iovec *iov, int count, int flags)
{
    /* msg_iov is not const, but sendmsg(2) does not write to it. */
    struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)iov,
                             .msg_iovlen = (size_t)count};
    ssize_t n = sendmsg(fd, &message, flags);

    return n == -1 ? -errno : n;
}

static ssize_t plain_writev(struct transport *transport, const struct iovec *iov, int count,
                            bool more_follows)
{
    int flags = MSG_NOSIGNAL | (more_follows ? MSG_MORE : 0);
    ssize_t n;

    if (UNLIKELY(count != 1))
        return send_pieces(transport->watcher.fd, iov, count, flags);
    n = send(transport->watcher.fd, iov->iov_base, iov->iov_len, flags);
    return n == -1 ? -errno : n;
}

static ssize_t plain_sendfile(struct transport *transport, int file_fd, off_t *offset, size_t len)
{
    ssize_t n = sendfile(transport->watcher.fd, file_fd, offset, len);

    return n == -1 ? -errno : n;
}

static uint64_t plain_unacknowledged(struct transport *transport)
{
    int bytes = 0;

    return ioctl(transport->watcher.fd, SIOCOUTQ, &bytes) == -1 || bytes < 0 ? 0 : (uint64_t)bytes;
}

static void plain_shutdown_write(struct transport *transport)
{
    /* ENOTCONN when the peer has reset the connection: the next read says so. */
    (void)shutdown(transport->watcher.fd, SHUT_WR);
}

static void plain_close(struct transport *transport, bool reset)
{
    if (reset)
        (void)socket_reset_on_close(
            transport->watcher.fd);     /* a plain close is good enough if it fails */
    (void)close(transport->watcher.fd); /* never retried: the descriptor is gone even after EINTR */
    transport->watcher.fd = -1;
}

const struct transport_ops transport_plain = {
    .read = plain_read,
    .writev = plain_writev,
    .sendfile = plain_sendfile,
    .unacknowledged = plain_unacknowledged,
    .shutdown_write = plain_shutdown_write,
    .close = plain_close,
};
