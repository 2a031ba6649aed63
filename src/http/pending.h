/* SPDX-License-Identifier: MIT */
/*
 * pending.h - an answer that takes its time, while other connections are served.
 *
 *     start() sets resp->pending ──► begin() ──► pending_resume() ──► answer()
 *                                      │ ▲             ▲                 │
 *      content of the request: body() ─┴─┘  content() ─┴─────────────────┘  of the answer
 *
 * Embedded in what the handler works on. From the return of start() on it is lent to http/, which
 * calls end() exactly once: when the answer has left, or the client. Requests behind it on the
 * same connection wait. Nothing is read meanwhile but content that the handler takes, and no
 * deadline runs but that of such content: how long the work may take is up to the handler.
 *
 * What the handler calls, it calls from outside: never from within start() or any of the functions
 * below, and never after end().
 */
#ifndef TINYWEB_HTTP_PENDING_H
#define TINYWEB_HTTP_PENDING_H

#include "base/slice.h"

#include <stdint.h>

struct access_record;
struct address;
struct http_protocol;
struct pending;
struct request;
struct response;

/* What content() has to give. */
enum piece {
    PIECE_GIVEN, /* some bytes; ask again */
    PIECE_LATER, /* none now, and pending_resume() will come */
    PIECE_LAST,  /* some bytes or none, and there will be no more */
    /* Some are missing, and will be: the connection ends so that it shows; or, where the response
     * `may_fail` and nothing of it has left, answer() comes once more. */
    PIECE_FAILED,
};

struct pending_ops {
    /* It is lent now: the calls below may be made, and @req with its slices (but for its name)
     * stays as it is until end(). NULL: nothing is to be done then. */
    void (*begin)(struct pending *pending, const struct request *req);
    /* After pending_resume(): fill @resp, as handler_ops.start does. With another pending one in it,
     * this one has ended; else what @resp borrows from @pending has to live until end(). */
    void (*answer)(struct pending *pending, const struct request *req, struct response *resp);
    /*
     * Of handlers that take content, and of CONTENT_TUNNEL: the next bytes that the client has
     * sent, without their framing; @is_last: there are no more behind them (then there may be none
     * at all). Returns how many were taken. When fewer, nothing more is read until
     * pending_resume_body(), after which the rest comes again. NULL: the content waits, for
     * another one of which answer() tells.
     */
    size_t (*body)(struct pending *pending, struct slice part, bool is_last);
    /*
     * Of CONTENT_PIECES and CONTENT_TUNNEL: up to @room of the next bytes, borrowed for the moment.
     * Asked for as long as little is on its way to the client, so a slow one slows it. NULL if those
     * kinds are never used.
     */
    enum piece (*content)(struct pending *pending, size_t room, struct slice *ret_piece);
    /* Add to the line of the access log what only the handler knows. NULL: nothing. */
    void (*describe)(const struct pending *pending, struct access_record *record);
    /* Not wanted any more: frees it. May come from within the calls below. */
    void (*end)(struct pending *pending);
};

struct pending {
    const struct pending_ops *ops;
    uint64_t body_max;            /* bytes of content that body() may get; BODY_MAX_NONE: any */
    struct http_protocol *waiter; /* private: set once it is lent */
};

/* So that eight times as much is still a number. */
#define BODY_MAX_NONE ((uint64_t)INT64_MAX / 16)

/* The answer is known, or there is more of its content. @pending may be gone when this returns. */
void pending_resume(struct pending *pending);

/* body() can take more. */
void pending_resume_body(struct pending *pending);

/* The client may send its content: "100 Continue", if it waits for that. */
void pending_send_continue(struct pending *pending);

/* Another interim answer, before answer(): @lines are field lines, each with its CRLF. Clients that
 * would not understand it get none. */
void pending_send_interim(struct pending *pending, unsigned status, struct slice lines);

/* Who has connected, and for whom that one asks, if he can be trusted to say so. */
const struct address *pending_peer(const struct pending *pending);
const struct address *pending_client(const struct pending *pending);
/* Where he has connected to: asked of the system, and none where that is no address. */
struct address pending_local(const struct pending *pending);
/* What X-Request-ID says; empty: it is off. */
struct slice pending_request_id(const struct pending *pending);

#endif
