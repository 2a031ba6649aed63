/* SPDX-License-Identifier: MIT */
/*
 * output_queue.h - what a connection has still to send: memory and file chunks, in order.
 *
 * The writer never asks who made a chunk. Chunks come from the worker's mempool; a chunk holds a
 * counted reference on the object that owns its bytes or its descriptor, given back when the
 * chunk has left.
 */
#ifndef TINYWEB_NET_OUTPUT_QUEUE_H
#define TINYWEB_NET_OUTPUT_QUEUE_H

#include "base/counted.h"
#include "base/macros.h"
#include "base/mempool.h"
#include "base/slice.h"
#include "net/cold_read.h"
#include "net/transport.h"

#include <stdint.h>

struct chunk;

/* Idle connections have one each, so it is small: the last chunk knows the first, and both of them
 * what is between. */
struct output_queue {
    struct chunk *last; /* NULL: there is none */
};

static inline bool output_is_empty(const struct output_queue *queue)
{
    return queue->last == NULL;
}

uint64_t output_bytes(const struct output_queue *queue); /* all chunks together */
uint32_t output_count(const struct output_queue *queue); /* of chunks */

/* Copy @bytes to the end; as many as @ahead more are known to follow, and had best lie in one block with
 * them. 0 or -ENOMEM. */
MUST_CHECK int output_copy(struct output_queue *queue, struct mempool *pool, struct slice bytes,
                           uint32_t ahead);
/* Append @bytes of @owner, taking a reference of our own. 0 or -ENOMEM. */
MUST_CHECK int output_memory(struct output_queue *queue, struct mempool *pool, struct slice bytes,
                             struct counted *owner);
/* Append @len bytes of @file_fd from @offset; @owner keeps the descriptor open. 0 or -ENOMEM. */
MUST_CHECK int output_file(struct output_queue *queue, struct mempool *pool, int file_fd,
                           off_t offset, uint64_t len, struct counted *owner);

/* The file appended last may be on a disk: to send from it might wait, and output_flush says so
 * before it does. */
void output_may_wait(struct output_queue *queue);

/*
 * Send up to about @budget bytes. Returns 0 when the queue is empty or the budget is used up,
 * -EAGAIN when the peer takes no more now, -EINPROGRESS when a file that may wait would, -EIO when a file has ended before its chunk, or
 * another -errno of the transport. *@ret_sent counts what left, in every case.
 */
MUST_CHECK int output_flush(struct output_queue *queue, struct mempool *pool,
                            struct transport *transport, uint64_t budget, uint64_t *ret_sent);

/* After -EINPROGRESS: read what is to be sent next, or go on as if it had been read. 0, also when a
 * read is under way already; -EAGAIN or -ENOMEM when there is none, and output_flush will wait. */
MUST_CHECK int output_start_read(struct output_queue *queue, struct cold_reader *reader,
                                 struct conn_ref waiter);
/* That read is over: what it brought is sent without a further look. */
void output_read_is_done(struct output_queue *queue);

/* Drop all but the first @len bytes, none of which have left. */
void output_truncate(struct output_queue *queue, struct mempool *pool, uint64_t len);

/* A read that is under way is cancelled. */
void output_clear(struct output_queue *queue, struct mempool *pool);

#endif
