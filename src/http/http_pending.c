/* SPDX-License-Identifier: MIT */
/* http_pending.c - the states of an answer that a handler gives later: WAITING and PRODUCING. */
#include "http/http_protocol_private.h"

#include "http/common_lines.h"

#include <assert.h>

/* Enough to fill a socket's buffer, little to hold for a slow client: with less of it unsent more
 * content is asked for, in pieces of at most as much. */
#define PRODUCED_AHEAD (64U * 1024)

void http_wait(struct http_protocol *hp, const struct response *resp)
{
    struct exchange *exchange = hp->exchange;
    struct pending *pending = resp->pending;

    exchange->pending = pending;
    exchange->must_close = resp->must_close;
    exchange->user = resp->user;
    exchange->site = resp->site;
    pending->waiter = hp;
    hp->state = HTTP_WAITING;
    conn_set_deadline(hp->conn, 0);
    http_direct_body(hp);
    if (pending->ops->begin)
        pending->ops->begin(pending, &exchange->req);
}

void http_end_pending(struct exchange *exchange)
{
    struct pending *pending = exchange->pending;

    exchange->pending = NULL;
    pending->ops->end(pending);
}

void http_begin_pieces(struct http_protocol *hp, const struct response *resp)
{
    struct exchange *exchange = hp->exchange;

    exchange->content = 0; /* what is queued is counted as it comes */
    exchange->content_left = resp->kind == CONTENT_TUNNEL ? LENGTH_UNKNOWN : resp->length;
    exchange->is_chunked = response_is_chunked(resp, &exchange->req);
    exchange->is_sending_content = true;
    exchange->may_fail = resp->may_fail;
    hp->state = HTTP_PRODUCING;
    conn_set_deadline(hp->conn, 0);
    if (resp->kind == CONTENT_TUNNEL)
        http_begin_tunnel(hp);
    else if (exchange->flow != BODY_OVER)
        conn_read_while_blocked(hp->conn);
}

/* 0 or -ENOMEM. */
static int queue_piece(struct http_protocol *hp, struct slice piece)
{
    struct exchange *exchange = hp->exchange;
    char size[24];
    struct writer w = writer_on(size, sizeof(size));
    int err = 0;

    if (piece.len == 0)
        return 0;
    if (exchange->content_left != LENGTH_UNKNOWN) {
        assert(piece.len <= exchange->content_left);
        exchange->content_left -= piece.len;
    }
    exchange->content += piece.len;
    if (exchange->is_chunked) {
        writer_hex(&w, piece.len);
        writer_literal(&w, "\r\n");
        err = conn_write(hp->conn, writer_content(&w));
    }
    if (!err)
        err = conn_write(hp->conn, piece);
    if (!err && exchange->is_chunked)
        err = conn_write(hp->conn, SLICE_LITERAL("\r\n"));
    exchange->content_end = conn_sent_bytes(hp->conn) + conn_unsent_bytes(hp->conn);
    return err;
}

/* The handler has no more of an answer that told no length. */
static void finish_unknown(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;

    exchange->content_left = 0;
    if (exchange->is_tunnel)
        http_end_tunnel_output(hp);
    else if (exchange->is_chunked && conn_write(hp->conn, SLICE_LITERAL("0\r\n\r\n")) != 0)
        conn_abort(hp->conn, CLOSE_NO_MEMORY);
    else
        http_finish_content(hp);
}

static void answer_now(struct http_protocol *hp);

/* What was promised does not come. As long as nothing was promised to the client, it is told so. Where the
 * framing shows it, all that is queued leaves, answers before this one among it; what is sent with a reset
 * may be lost. */
static void break_off(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;

    if (exchange->may_fail && conn_sent_bytes(hp->conn) <= exchange->starts_at) {
        exchange->is_sending_content = exchange->is_chunked = false;
        http_take_back(hp);
        answer_now(hp);
        return;
    }
    if (!exchange->is_chunked && exchange->content_left == LENGTH_UNKNOWN) {
        conn_abort(hp->conn, CLOSE_ABORTED);
        return;
    }
    exchange->keep_alive = false;
    exchange->reason = close_reason_name(CLOSE_ABORTED);
    http_finish_content(hp);
}

/* False: there is none now. */
static bool produce_piece(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;
    struct pending *pending = exchange->pending;
    struct slice piece = slice_of(NULL, 0);
    size_t room = (size_t)MIN(PRODUCED_AHEAD, exchange->content_left);
    enum piece result = pending->ops->content(pending, room, &piece);

    /* A length that was told and not kept must not be taken for an answer. */
    if (result == PIECE_FAILED ||
        (result == PIECE_LAST && exchange->content_left != LENGTH_UNKNOWN &&
         piece.len < exchange->content_left)) {
        break_off(hp);
        return false;
    }
    if (queue_piece(hp, piece) != 0) {
        conn_abort(hp->conn, CLOSE_NO_MEMORY);
        return false;
    }
    if (result == PIECE_LAST && exchange->content_left == LENGTH_UNKNOWN) {
        finish_unknown(hp);
        return false;
    }
    return result != PIECE_LATER || exchange->content_left == 0;
}

void http_produce(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;

    do {
        if (exchange->content_left == 0 && !exchange->is_tunnel) {
            http_finish_content(hp);
            return;
        }
        if (exchange->content_left == 0) {
            http_end_tunnel_output(hp);
            return;
        }
        if (conn_unsent_bytes(hp->conn) >= PRODUCED_AHEAD) {
            conn_notify_drained(hp->conn);
            return;
        }
    } while (produce_piece(hp));
}

/* The answer's head is queued, and all of it but for pieces: @pending has ended, or they follow. */
static void send_now(struct http_protocol *hp, struct response *resp, struct pending *pending)
{
    struct http_context *http = hp->http;
    bool has_pieces = response_has_pieces(resp, &hp->exchange->req);

    if (!has_pieces)
        hp->exchange->pending = NULL; /* the exchange may be given back with the answer */
    http->described = pending;
    http_send_response(hp, resp);
    http->described = NULL;
    response_done(resp);
    if (has_pieces) {
        if (hp->state == HTTP_PRODUCING)
            http_produce(hp);
        if (hp->state == HTTP_PRODUCING) /* of a tunnel, bytes may be there already */
            http_offer_body(hp);
        return;
    }
    pending->ops->end(pending);
    if (hp->state == HTTP_IDLE)
        http_go_on(hp);
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
        http_offer_body(hp);
        return;
    }
    http_leave_body(hp, &resp);
    /* Where it ends is where the connection does. */
    resp.must_close |= resp.kind == CONTENT_PIECES && resp.length == LENGTH_UNKNOWN &&
                       !response_is_chunked(&resp, &exchange->req);
    send_now(hp, &resp, pending);
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

void pending_send_interim(struct pending *pending, unsigned status, struct slice lines)
{
    struct http_protocol *hp = pending->waiter;
    char line[64];
    struct writer w = writer_on(line, sizeof(line));
    int err;

    if (hp->state != HTTP_WAITING || hp->exchange->req.is_http10)
        return;
    write_status_line(&w, status);
    err = conn_write(hp->conn, writer_content(&w));
    if (!err)
        err = conn_write(hp->conn, lines);
    if (!err)
        err = conn_write(hp->conn, SLICE_LITERAL("\r\n"));
    if (err)
        conn_abort(hp->conn, CLOSE_NO_MEMORY);
}

const struct address *pending_peer(const struct pending *pending)
{
    return conn_peer(pending->waiter->conn);
}

const struct address *pending_client(const struct pending *pending)
{
    return pending->waiter->exchange->client;
}

struct address pending_local(const struct pending *pending)
{
    struct address local;

    if (conn_local(pending->waiter->conn, &local) != 0)
        local = (struct address){.any.sa_family = AF_UNSPEC};
    return local;
}

struct slice pending_request_id(const struct pending *pending)
{
    const struct exchange *exchange = pending->waiter->exchange;

    return slice_of(exchange->request_id, exchange->request_id_len);
}
