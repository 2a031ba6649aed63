/* SPDX-License-Identifier: MIT */
/* http_pending.c - the states of an answer that a handler gives later: WAITING and PRODUCING. */
#include "http/http_protocol_private.h"

#include <assert.h>

/* One step of content: enough to fill a socket's buffer, little to wait for. */
#define PIECE_SIZE (64U * 1024)

static void stop_reading(struct http_protocol *hp, enum http_state state)
{
    hp->state = state;
    conn_set_deadline(hp->conn, 0);
    conn_pause_reading(hp->conn);
}

void http_wait(struct http_protocol *hp, const struct response *resp)
{
    hp->exchange->pending = resp->pending;
    hp->exchange->must_close = resp->must_close;
    hp->exchange->user = resp->user;
    hp->exchange->site = resp->site;
    resp->pending->waiter = hp;
    stop_reading(hp, HTTP_WAITING);
}

void http_begin_pieces(struct http_protocol *hp, const struct response *resp)
{
    struct exchange *exchange = hp->exchange;

    exchange->content_left = resp->length;
    exchange->content_end += resp->length;
    exchange->is_sending_content = true;
    stop_reading(hp, HTTP_PRODUCING);
    conn_notify_drained(hp->conn);
}

void http_produce(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;
    struct pending *pending = exchange->pending;
    char piece[PIECE_SIZE];
    ssize_t n;

    if (exchange->content_left == 0) {
        exchange->pending = NULL;
        pending->ops->end(pending);
        http_finish_content(hp);
        return;
    }
    n = pending->ops->content(pending, piece, MIN(sizeof(piece), exchange->content_left));
    if (n == 0)
        return;
    if (n < 0) {
        conn_abort(hp->conn, CLOSE_ABORTED);
        return;
    }
    exchange->content_left -= (size_t)n;
    if (conn_write(hp->conn, slice_of(piece, (size_t)n)) != 0)
        conn_abort(hp->conn, CLOSE_NO_MEMORY);
    else
        conn_notify_drained(hp->conn);
}

static void answer_now(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;
    struct pending *pending = exchange->pending;
    struct response resp;

    http_begin_response(hp, &resp);
    resp.site = exchange->site;
    resp.user = exchange->user;
    (void)http_decode_path(hp->http, &exchange->req); /* it has one, or nobody would wait */
    pending->ops->answer(pending, &exchange->req, &resp);
    assert(resp.pending != pending);
    resp.must_close |= exchange->must_close;
    if (resp.pending) {
        http_wait(hp, &resp);
        response_done(&resp);
        pending->ops->end(pending);
        return;
    }
    exchange->pending = NULL; /* the exchange may be given back with the answer */
    http_send_response(hp, &resp);
    response_done(&resp);
    if (hp->state == HTTP_PRODUCING) {
        exchange->pending = pending;
        return;
    }
    pending->ops->end(pending);
    if (hp->state == HTTP_IDLE)
        http_go_on(hp);
}

void pending_resume(struct pending *pending)
{
    struct http_protocol *hp = pending->waiter;

    if (!conn_is_open(hp->conn)) /* end() is about to come */
        return;
    if (hp->state == HTTP_WAITING)
        answer_now(hp);
    else
        http_produce(hp);
}
