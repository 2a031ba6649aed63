/* SPDX-License-Identifier: MIT */
/*
 * buffer_pool.h - input buffers of one size, lent to connections that have bytes waiting.
 *
 * A few spare ones are kept, so that a busy worker does not go to malloc and an idle one holds
 * little. Last in, first out: the next request meets a buffer that is still in the cache.
 */
#ifndef TINYWEB_NET_BUFFER_POOL_H
#define TINYWEB_NET_BUFFER_POOL_H

#include "base/buffer.h"
#include "base/macros.h"

struct buffer_pool;

struct buffer_pool *bufpool_create(uint32_t buffer_size); /* NULL: out of memory */
void bufpool_destroy(struct buffer_pool *pool);           /* all are back; NULL is fine */

/* An empty buffer; NULL: out of memory. */
struct buffer *bufpool_take(struct buffer_pool *pool) MUST_CHECK;
void bufpool_give(struct buffer_pool *pool, struct buffer *buf);

#endif
