/* SPDX-License-Identifier: MIT */
/*
 * connector.h - from an address to a connected socket, or the reason why there is none.
 *
 * What we lack ourselves, and a Unix socket whose queue is full, is tried again, after a delay that
 * doubles and of which a random part is waited for, so that many who wait do not come back together. A
 * server that refuses is the caller's to judge.
 *
 * Embedded in its owner, which must stay, and not connect anew, until the end of the iteration in which
 * the connector came to its end or was cancelled: an event for it may have been fetched.
 */
#ifndef TINYWEB_NET_CONNECTOR_H
#define TINYWEB_NET_CONNECTOR_H

#include "event/event_loop.h"

#include <sys/socket.h>

struct connector;

/* @fd is connected, non-blocking, and the callee's; or -errno: -ETIMEDOUT, -ECONNREFUSED … Last call. */
typedef void (*connector_fn)(struct connector *connector, int fd);

struct connector_settings {
    struct event_loop *loop;
    const struct sockaddr *addr; /* borrowed until it has ended */
    socklen_t addr_size;
    uint32_t timeout_ms;                   /* for all attempts together; 0: none */
    uint32_t first_delay_ms, max_delay_ms; /* 0: CONNECTOR_FIRST_DELAY_MS, CONNECTOR_MAX_DELAY_MS */
};

#define CONNECTOR_FIRST_DELAY_MS 50
#define CONNECTOR_MAX_DELAY_MS 5000

struct connector {
    struct connector_settings settings; /* private, as all is */
    struct watcher watcher;
    struct timer timer;
    connector_fn on_end;
    int64_t end_ms;    /* 0: never */
    uint32_t delay_ms; /* the next one */
    uint32_t random;
    bool is_under_way;
};

/*
 * Returns a connected descriptor, which is the caller's, where that is known at once; -EINPROGRESS, and
 * @on_end will be called, never from within this; or another -errno.
 */
MUST_CHECK int connector_start(struct connector *connector,
                               const struct connector_settings *settings, connector_fn on_end);

/* No call any more. Harmless when it has ended, or was set to zero and never started. */
void connector_cancel(struct connector *connector);

#endif
