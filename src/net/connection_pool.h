/* SPDX-License-Identifier: MIT */
/*
 * connection_pool.h - the slots of a worker's connections.
 *
 * An array mapped once; a slot that was never used costs no memory. A closed slot is free again
 * only at the end of the loop's iteration (delayed recycling), so that nothing up the stack and
 * no event fetched already meets a stranger in it; whoever may answer later holds a conn_ref,
 * whose generation tells when that connection is gone.
 *
 * Input buffers are lent to connections that have bytes waiting, and return when they are empty.
 */
#ifndef TINYWEB_NET_CONNECTION_POOL_H
#define TINYWEB_NET_CONNECTION_POOL_H

#include "base/counters.h"
#include "base/mempool.h"
#include "net/conn_ref.h"
#include "net/connection.h"
#include "net/factory.h"

struct connection_pool;

struct connpool_settings {
    uint32_t capacity;   /* slots */
    uint32_t input_size; /* bytes of an input buffer */
    uint32_t send_timeout_ms;
    uint32_t min_send_rate; /* bytes a second that peers have to take, over send_timeout; 0: any */
    /* Bytes a second that each connection gets once send_rate_after bytes of it have left; 0: all
     * that it can take, or what the listener's socket says. */
    uint64_t send_rate;
    uint64_t send_rate_after;
    uint32_t linger_timeout_ms;
    const struct transport_ops *transport; /* of new connections; NULL: plain TCP */
    counter *bytes_sent;                   /* counts what leaves; NULL: nobody does */
    struct client_gate *gate;              /* borrowed; NULL: off */
    /* Reads files for connections; taken over until the pool is destroyed. NULL, or without threads:
     * connections do it themselves. */
    struct cold_reader *cold;
    /* A slot became free. */
    void (*on_recycled)(void *context);
    void *context;
};

/* Borrows @loop and @mempool until destroyed. */
MUST_CHECK int connpool_create(struct event_loop *loop, struct mempool *mempool,
                               const struct connpool_settings *settings,
                               struct connection_pool **ret_pool);
/* Closes what is open; NULL is fine. */
void connpool_destroy(struct connection_pool *pool);

/*
 * A connection on @fd, which is taken even on failure, with a protocol of @factory; reads at
 * once. NULL when there is no slot or no memory, or @factory wants no such connection. With memory transports @fd may be -1.
 */
struct connection *connpool_open(struct connection_pool *pool, struct factory *factory, int fd,
                                 const struct address *peer);

struct conn_ref connpool_ref(const struct connection_pool *pool, const struct connection *conn);
/* The connection, or NULL when it is closed. */
struct connection *connpool_get(struct connection_pool *pool, struct conn_ref ref);

uint32_t connpool_open_count(const struct connection_pool *pool);
uint32_t connpool_free_count(const struct connection_pool *pool);

/* Close the connection that has been idle longest; false when none is. Its slot is free at the
 * end of the iteration, its descriptor at once. */
bool connpool_evict_idle(struct connection_pool *pool);
/* The same for one whose peer has not just sent something that no event has told of yet: it would be lost.
 * Among the few that have been idle longest; a system call each. */
bool connpool_evict_quiet(struct connection_pool *pool);

/* conn_is_draining is true from now on; idle connections get @idle_ms to be quiet. */
void connpool_drain(struct connection_pool *pool, uint32_t idle_ms);
/* Close all that are open, with a reset where something is unsent. */
void connpool_close_all(struct connection_pool *pool, enum close_reason why);

#endif
