/* SPDX-License-Identifier: MIT */
/* buffer_pool.c - a stack of spare buffers; each is one block, the struct in front of its bytes. */
#include "net/buffer_pool.h"

#include <stdlib.h>

/* More than these are not needed at once unless many requests arrive in pieces. */
#define SPARE_MAX 32

struct buffer_pool {
    uint32_t buffer_size;
    uint32_t spare_count;
    struct buffer *spare[SPARE_MAX];
};

struct buffer_pool *bufpool_create(uint32_t buffer_size)
{
    struct buffer_pool *pool = calloc(1, sizeof(*pool));

    if (pool)
        pool->buffer_size = buffer_size;
    return pool;
}

void bufpool_destroy(struct buffer_pool *pool)
{
    if (!pool)
        return;
    while (pool->spare_count > 0)
        free(pool->spare[--pool->spare_count]);
    free(pool);
}

struct buffer *bufpool_take(struct buffer_pool *pool)
{
    struct buffer *buf;

    if (LIKELY(pool->spare_count > 0)) {
        buf = pool->spare[--pool->spare_count];
    } else {
        buf = malloc(sizeof(*buf) + pool->buffer_size);
        if (!buf)
            return NULL;
        buf->data = (char *)(buf + 1);
        buf->capacity = pool->buffer_size;
    }
    buf->start = buf->end = 0;
    return buf;
}

void bufpool_give(struct buffer_pool *pool, struct buffer *buf)
{
    if (LIKELY(pool->spare_count < SPARE_MAX))
        pool->spare[pool->spare_count++] = buf;
    else
        free(buf);
}
