/* SPDX-License-Identifier: MIT */
/*
 * pending.h - an answer that takes its time, while other connections are served.
 *
 *     start() sets resp->pending ──► the request waits ──► pending_resume() ──► answer()
 *                                                                    ▲             │
 *                                          CONTENT_PIECES: content() ┴─────────────┘
 *
 * Embedded in what the handler works on. From the return of start() on it is lent to http/, which
 * calls end() exactly once: when the answer has left, or the client. Requests behind it on the
 * same connection wait; nothing is read meanwhile, and no deadline runs: how long the work may
 * take is up to the handler.
 */
#ifndef TINYWEB_HTTP_PENDING_H
#define TINYWEB_HTTP_PENDING_H

#include <stddef.h>
#include <sys/types.h>

struct http_protocol;
struct pending;
struct request;
struct response;

struct pending_ops {
    /* After pending_resume(): fill @resp, as handler_ops.start does. With another pending one in it,
     * this one has ended; else what @resp borrows from @pending has to live until end(). */
    void (*answer)(struct pending *pending, const struct request *req, struct response *resp);
    /*
     * Of CONTENT_PIECES: write up to @room of the next bytes to @out and return their number. Asked
     * for when what came before has left, so a slow client slows it. 0: there are none now, and
     * pending_resume() will come; -errno: there will be none, and the connection is aborted. NULL
     * if that kind is never used.
     */
    ssize_t (*content)(struct pending *pending, char *out, size_t room);
    /* Not wanted any more: frees it. May come from within pending_resume(). */
    void (*end)(struct pending *pending);
};

struct pending {
    const struct pending_ops *ops;
    struct http_protocol *waiter; /* private: set once it is lent */
};

/* The answer is known, or there is more of its content. Never from within start(), answer() or
 * content(); never after end(). @pending may be gone when this returns. */
void pending_resume(struct pending *pending);

#endif
