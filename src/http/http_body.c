/* SPDX-License-Identifier: MIT */
/*
 * http_body.c - content of a request that a handler takes while it works on the answer, and what a
 * tunnel brings.
 *
 *     input:  | head | taken, dropped when nothing is behind it | untaken | not looked at |
 *             0      head_len                                 body_at
 *
 * The head stays where it is, since slices of the request point into it.
 */
#include "http/http_protocol_private.h"

#include <assert.h>

static void stop_reading(struct http_protocol *hp)
{
    conn_set_deadline(hp->conn, 0);
    conn_pause_reading(hp->conn);
}

void http_begin_flow(struct exchange *exchange, bool is_offered)
{
    exchange->flow = is_offered ? BODY_OPEN : BODY_OVER;
    exchange->body_at = exchange->head_len;
    exchange->untaken = 0;
    exchange->is_last = false;
    exchange->is_tunnel = exchange->was_reset = false;
}

/* The client has been asked for it, or sends unasked: now it may be late. */
static void await_body(struct http_protocol *hp)
{
    hp->exchange->req.expects_continue = false;
    if (hp->state == HTTP_WAITING)
        http_begin_body_deadline(hp);
}

void http_direct_body(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;

    if (exchange->flow == BODY_OVER) {
        conn_pause_reading(hp->conn);
        return;
    }
    if (!exchange->pending->ops->body) {
        exchange->flow = BODY_HELD;
        stop_reading(hp);
        return;
    }
    if (exchange->flow == BODY_HELD)
        conn_resume_reading(hp->conn);
    exchange->flow = BODY_OPEN;
    if (!exchange->req.expects_continue)
        await_body(hp);
}

/* It is no request any more, or one that takes too long. */
static void give_up(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;

    exchange->flow = BODY_OVER;
    if (hp->state == HTTP_PRODUCING)
        conn_abort(hp->conn, CLOSE_ABORTED);
    else
        http_end_pending(exchange);
}

static void refuse(struct http_protocol *hp, enum body_result why)
{
    give_up(hp);
    if (!conn_is_open(hp->conn))
        return;
    if (why == BODY_BAD)
        http_refuse(hp, 400, "bad-body");
    else
        http_refuse_by_limit(hp, LIMIT_BODY_SIZE);
}

void http_body_is_late(struct http_protocol *hp)
{
    enum limit limit = http_late_body_limit(hp);

    give_up(hp);
    if (conn_is_open(hp->conn))
        http_refuse_by_limit(hp, limit);
}

static struct slice rest_of_input(struct http_protocol *hp)
{
    struct buffer *in = conn_input(hp->conn);

    if (!in)
        return slice_of(NULL, 0);
    return slice_from(buf_content(in), hp->exchange->body_at + hp->exchange->untaken);
}

/* More content becomes `untaken`, or the last is seen. False: there is none, or it is none. */
static bool parse_more(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;
    struct slice rest = rest_of_input(hp);
    struct slice content;
    enum body_result result;
    size_t used;

    if (rest.len == 0)
        return false;
    if (exchange->is_tunnel) {
        exchange->untaken = rest.len;
        return true;
    }
    if (exchange->req.expects_continue)
        await_body(hp);
    result = http_parser_content(exchange->parser, rest, exchange->pending->body_max, &used,
                                 &content);
    if (result == BODY_BAD || result == BODY_TOO_LARGE) {
        refuse(hp, result);
        return false;
    }
    exchange->body_at += used - content.len;
    exchange->untaken = content.len;
    exchange->is_last = result == BODY_COMPLETE;
    if (exchange->is_last && content.len == 0)
        return true;
    if (hp->state == HTTP_WAITING)
        http_extend_body_deadline(hp, used);
    return true;
}

/* What is held back, perhaps for ever, need not be held for a client that is gone. */
static void leave_if_reset(struct http_protocol *hp)
{
    const struct exchange *exchange = hp->exchange;

    if (exchange->was_reset && exchange->flow == BODY_HELD)
        conn_close(hp->conn, CLOSE_PEER);
}

void http_body_is_reset(struct http_protocol *hp)
{
    hp->exchange->was_reset = true;
    leave_if_reset(hp);
}

/* The bytes that the handler has not got yet. False: it has enough for now, or all. */
static bool hand_over(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;
    struct pending *pending = exchange->pending;
    struct slice part = slice_of("", 0);
    size_t taken;

    if (exchange->untaken > 0)
        part = slice_of(buf_content(conn_input(hp->conn)).data + exchange->body_at,
                        exchange->untaken);
    taken = pending->ops->body(pending, part, exchange->is_last);
    assert(taken <= part.len);
    exchange->body_at += taken;
    exchange->untaken -= taken;
    if (exchange->untaken > 0) {
        exchange->flow = BODY_HELD;
        stop_reading(hp);
        leave_if_reset(hp);
        return false;
    }
    if (exchange->is_last) {
        exchange->flow = BODY_OVER;
        exchange->used = exchange->body_at;
        stop_reading(hp);
        return false;
    }
    return true;
}

/* Make room, where all that has come is taken. */
static void drop_taken(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;
    struct buffer *in = conn_input(hp->conn);

    if (in && exchange->untaken == 0 && buf_length(in) == exchange->body_at) {
        buf_truncate(in, exchange->head_len);
        exchange->body_at = exchange->head_len;
    }
}

NOINLINE void http_offer_body(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;
    bool goes_on = true;

    while (goes_on && exchange->flow == BODY_OPEN) {
        if (exchange->untaken == 0 && !exchange->is_last && !parse_more(hp))
            break;
        if (exchange->untaken > 0 || exchange->is_last)
            goes_on = hand_over(hp);
    }
    if (conn_is_open(hp->conn) && hp->exchange == exchange && exchange->flow == BODY_OPEN)
        drop_taken(hp);
}

void http_body_has_ended(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;

    if (exchange->flow != BODY_OPEN) /* what came before it has not been taken yet */
        return;
    if (!exchange->is_tunnel) {
        conn_close(hp->conn, CLOSE_PEER); /* half a request */
        return;
    }
    exchange->is_last = true;
    http_offer_body(hp);
    http_end_tunnel(hp);
}

static void flow_on(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;

    if (exchange->flow != BODY_HELD)
        return;
    exchange->flow = BODY_OPEN;
    if (!exchange->is_tunnel)
        await_body(hp);
    conn_resume_reading(hp->conn);
    http_offer_body(hp);
}

void pending_resume_body(struct pending *pending)
{
    struct http_protocol *hp = pending->waiter;

    if (conn_is_open(hp->conn) && pending->ops->body)
        flow_on(hp);
}

void pending_send_continue(struct pending *pending)
{
    struct http_protocol *hp = pending->waiter;

    if (hp->state != HTTP_WAITING || !hp->exchange->req.expects_continue)
        return;
    await_body(hp);
    if (conn_write(hp->conn, SLICE_LITERAL("HTTP/1.1 100 Continue\r\n\r\n")) != 0)
        conn_abort(hp->conn, CLOSE_NO_MEMORY);
}

/* The rest of the content is there already, and is not missed. */
bool http_skip_body(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;
    struct slice rest = rest_of_input(hp);
    size_t used;

    if (!exchange->is_last &&
        (rest.len == 0 ||
         http_parser_body(exchange->parser, rest, BODY_MAX_NONE, &used) != BODY_COMPLETE))
        return false;
    if (exchange->is_last)
        used = 0;
    exchange->used = exchange->body_at + exchange->untaken + used;
    return true;
}

void http_leave_body(struct http_protocol *hp, struct response *resp)
{
    struct exchange *exchange = hp->exchange;

    if (exchange->flow == BODY_OVER)
        return;
    if (resp->kind == CONTENT_PIECES && resp->reads_on) {
        resp->must_close = true;
        return;
    }
    exchange->flow = BODY_OVER;
    stop_reading(hp);
    resp->must_close |= !http_skip_body(hp);
}

void http_begin_tunnel(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;

    http_make_room_for_body(hp);
    exchange->is_tunnel = true;
    exchange->flow = BODY_OPEN;
    exchange->body_at = exchange->used;
    exchange->untaken = 0;
    exchange->is_last = false;
    conn_read_while_blocked(hp->conn);
    conn_resume_reading(hp->conn);
}

/* Both sides have ended, and what they said has been passed on. */
void http_end_tunnel(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;

    if (!conn_is_open(hp->conn) || exchange->flow != BODY_OVER || exchange->content_left > 0)
        return;
    if (conn_unsent_bytes(hp->conn) == 0)
        http_finish_content(hp);
    else
        conn_notify_drained(hp->conn);
}

void http_end_tunnel_output(struct http_protocol *hp)
{
    if (conn_unsent_bytes(hp->conn) > 0) {
        conn_notify_drained(hp->conn);
        return;
    }
    conn_end_output(hp->conn);
    http_end_tunnel(hp);
}
