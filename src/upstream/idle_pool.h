/* SPDX-License-Identifier: MIT */
/*
 * idle_pool.h - the connections to one server that a worker keeps: the one used last is taken first, so
 * that those beyond need grow old and go.
 */
#ifndef TINYWEB_UPSTREAM_IDLE_POOL_H
#define TINYWEB_UPSTREAM_IDLE_POOL_H

#include "base/list.h"

#include <stdint.h>

struct idle_pool {
    struct list_node clients; /* of struct http_client; used last first */
    uint32_t count;
    uint32_t generation; /* connections of an earlier one are not put here any more */
};

static inline void idle_pool_init(struct idle_pool *pool)
{
    list_init(&pool->clients);
    pool->count = pool->generation = 0;
}

static inline void idle_pool_put(struct idle_pool *pool, struct list_node *node)
{
    list_prepend(&pool->clients, node);
    pool->count++;
}

/* The one that has been there longest; NULL: there is none. */
static inline struct list_node *idle_pool_oldest(const struct idle_pool *pool)
{
    return list_is_empty(&pool->clients) ? NULL : pool->clients.prev;
}

static inline struct list_node *idle_pool_newest(const struct idle_pool *pool)
{
    return list_is_empty(&pool->clients) ? NULL : pool->clients.next;
}

static inline void idle_pool_remove(struct idle_pool *pool, struct list_node *node)
{
    list_remove(node);
    pool->count--;
}

#endif
