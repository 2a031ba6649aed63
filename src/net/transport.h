/* SPDX-License-Identifier: MIT */
/*
 * transport.h - bytes in and out of one peer. Plain TCP today; the place where TLS goes.
 *
 * All calls are non-blocking and return a count or -errno; -EAGAIN means wait.
 */
#ifndef TINYWEB_NET_TRANSPORT_H
#define TINYWEB_NET_TRANSPORT_H

#include "event/event_loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct transport;

struct transport_ops {
    /* 0: the peer has ended its side. */
    ssize_t (*read)(struct transport *transport, void *buf, size_t len);
    /* @more_follows: more output is queued behind this, so a small piece may wait for it. */
    ssize_t (*writev)(struct transport *transport, const struct iovec *iov, int count,
                      bool more_follows);
    /* From @file_fd at *@offset, which advances. 0: the file ends there. */
    ssize_t (*sendfile)(struct transport *transport, int file_fd, off_t *offset, size_t len);
    /* Bytes that were taken from us and have not been acknowledged by the peer's system. */
    uint64_t (*unacknowledged)(struct transport *transport);
    /* End our side; the peer still may send. */
    void (*shutdown_write)(struct transport *transport);
    /* @reset: tell the peer that something went wrong (RST), and drop what is unsent. */
    void (*close)(struct transport *transport, bool reset);
};

/* Embedded first in what a kind of transport needs; owns the descriptor, which is the watcher's. */
struct transport {
    const struct transport_ops *ops;
    struct watcher watcher;
};

extern const struct transport_ops transport_plain;

#endif
