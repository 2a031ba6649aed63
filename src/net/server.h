/* SPDX-License-Identifier: MIT */
/*
 * server.h - the network side of one worker: accepters of all listeners, the connection pool, and
 * a factory of protocols. Knows nothing of HTTP.
 */
#ifndef TINYWEB_NET_SERVER_H
#define TINYWEB_NET_SERVER_H

#include "base/counters.h"
#include "base/mempool.h"
#include "event/event_loop.h"
#include "net/connection_pool.h"
#include "net/factory.h"
#include "os/shmtx.h"

struct server;

struct server_settings {
    const int *listen_fds; /* borrowed array; the descriptors stay the caller's */
    size_t listen_count;
    /* Of the connections of each listener, in the same order; copied. NULL: that of server_create,
     * for all. */
    struct factory *const *factories;
    struct connpool_settings pool;
    struct shmtx *accept_mutex; /* borrowed; NULL: EPOLLEXCLUSIVE alone */
    uint32_t accept_mutex_delay_ms;
    /* All workers' counters, for the balance between them, and which one is ours. */
    struct worker_counters *counters;
    size_t counters_count;
    size_t counters_index;
    /* What a client is told for whom no descriptor is left, and who is told of that: @peer NULL when
     * nobody is refused yet. NULL: nobody. */
    struct slice busy;
    void (*on_limit)(void *context, enum limit limit, const struct address *peer);
    /* Called once, when draining and the last connection is gone; may destroy the server. */
    void (*on_drained)(void *context);
    void *context;
};

/* Borrows all it is given, until server_destroy. Accepts from the next loop iteration on. */
MUST_CHECK int server_create(struct event_loop *loop, struct mempool *mempool,
                             struct factory *factory, const struct server_settings *settings,
                             struct server **ret_server);

/*
 * Leave gracefully (QUIT): stop accepting, but first take what the kernel has already
 * acknowledged when @take_waiting (nobody else will); let running requests finish; idle
 * connections get `Connection: close` on their next answer and are closed when quiet for
 * @idle_ms. on_drained follows, maybe at once (from a task). A second call does nothing.
 */
void server_drain(struct server *server, bool take_waiting, uint32_t idle_ms);

/* Close everything now, with reset for what is unsent; NULL is fine. */
void server_destroy(struct server *server);

size_t server_connection_count(const struct server *server);

#endif
