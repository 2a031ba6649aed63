/* SPDX-License-Identifier: MIT */
/*
 * cold_read.h - a part of a file that is on a disk still is brought into the page cache by a thread,
 * while its connection waits and all others are served.
 *
 * A read has memory of its own and a reference on the file; of the connection it knows only the
 * conn_ref. So a client may leave at any time, and another one take his slot.
 */
#ifndef TINYWEB_NET_COLD_READ_H
#define TINYWEB_NET_COLD_READ_H

#include "base/counted.h"
#include "base/macros.h"
#include "event/thread_pool.h"
#include "net/conn_ref.h"

#include <sys/types.h>

struct cold_read;

/* Of a worker. Lives as long as `threads`: a read may end after the connections. */
struct cold_reader {
    struct thread_pool *threads; /* borrowed; NULL: the loop waits for the disk itself */
    /* In the loop's thread, when a read is over: 0 or -errno. The connection pool's; NULL: it is
     * gone. */
    void (*on_ready)(void *context, struct conn_ref waiter, int err);
    void *context;
};

struct cold_part {
    int fd;
    off_t offset;
    size_t len;
    struct counted *owner; /* keeps the descriptor open; the read takes a reference of its own */
};

/* 0, and on_ready will be called unless it is cancelled; -EAGAIN or -ENOMEM. */
MUST_CHECK int cold_read_start(struct cold_reader *reader, const struct cold_part *part,
                               struct conn_ref waiter, struct cold_read **ret_read);

/* Nobody waits for it any more. NULL is fine. */
void cold_read_cancel(struct cold_read *read);

#endif
