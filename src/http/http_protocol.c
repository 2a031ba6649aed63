/* SPDX-License-Identifier: MIT */
/*
 * http_protocol.c - the state machine of one connection.
 *
 * proceed() takes the input as far as it goes; settle() leaves the connection in order when it has
 * to wait. Slices of the request point into the input buffer, whose start is the head: nothing is
 * consumed before the answer is queued and logged.
 */
#include "http/http_protocol.h"

#include "file/path.h"
#include "http/error_response.h"
#include "http/http_protocol_private.h"
#include "http/router.h"

#include <assert.h>

/* Queued output above either of these has to leave before the next request is looked at. */
#define HIGH_WATER_BYTES (256U * 1024)
#define HIGH_WATER_CHUNKS 256
/* Never sent, only logged: who has asked did not wait for the answer. */
#define STATUS_CLIENT_LEFT 499

static const struct server_config *config_of(const struct http_protocol *hp)
{
    return &hp->http->config->server;
}

static ALWAYS_INLINE void log_exchange(const struct http_protocol *hp, uint64_t unsent,
                                       const char *reason)
{
    if (UNLIKELY(hp->http->latency != NULL))
        latency_record(hp->http->latency, hp->exchange->started_us);
    if (UNLIKELY(hp->http->access_log != NULL))
        exchange_log(hp->http, hp->exchange, unsent, reason);
}

/* The answer is queued, or has left: forget the request. */
static inline void end_exchange(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;

    buf_consume(conn_input(hp->conn), exchange->used);
    http_parser_reset(exchange->parser);
    exchange->is_sending_content = false;
    hp->state = HTTP_IDLE;
}

/* Nothing of the input is looked at any more: its buffer and the exchange are for others now. */
static void drop_exchange(struct http_protocol *hp)
{
    struct buffer *in = conn_input(hp->conn);

    buf_consume(in, buf_length(in));
    exchange_give(hp->http, hp->exchange);
    hp->exchange = NULL;
}

/* The worker leaves: what the client has sent already is answered, and nothing more. */
static bool is_last_of_drain(const struct http_protocol *hp)
{
    return conn_is_draining(hp->conn) && buf_length(conn_input(hp->conn)) <= hp->exchange->used;
}

static bool may_keep_alive(const struct http_protocol *hp, const struct response *resp)
{
    const struct server_config *config = config_of(hp);

    return hp->exchange->req.keep_alive && !resp->must_close && !is_last_of_drain(hp) &&
           config->keepalive_timeout_ms > 0 &&
           (config->keepalive_requests == 0 || hp->requests + 1 < config->keepalive_requests);
}

static void count_response(struct http_protocol *hp, unsigned status)
{
    struct worker_counters *counters = hp->http->counters;

    hp->requests++;
    counter_add(&counters->requests, 1);
    counter_add(&counters->responses[status / 100], 1);
}

void http_take_back(struct http_protocol *hp)
{
    const struct exchange *exchange = hp->exchange;
    struct worker_counters *counters = hp->http->counters;

    conn_take_back(hp->conn, exchange->starts_at);
    hp->requests--;
    counter_add(&counters->requests, (uint64_t)-1);
    counter_add(&counters->responses[exchange->status / 100], (uint64_t)-1);
    hp->state = HTTP_WAITING;
}

/* The client may be sending more, which must not turn our answer into a reset. */
static bool needs_linger(const struct http_protocol *hp, bool must_close)
{
    const struct exchange *exchange = hp->exchange;

    return must_close || exchange->req.keep_alive ||
           buf_length(conn_input(hp->conn)) > exchange->used;
}

static void after_queueing(struct http_protocol *hp, const struct response *resp, bool keep_alive)
{
    bool sends_file = resp->kind >= CONTENT_FILE && resp->file->fd != -1 &&
                      hp->exchange->req.method != METHOD_HEAD;

    hp->exchange->is_sending_content = sends_file;
    if (!sends_file)
        log_exchange(hp, 0, resp->reason);
    if (!keep_alive) {
        if (UNLIKELY(hp->requests == config_of(hp)->keepalive_requests))
            http_note_limit(hp, LIMIT_KEEPALIVE_REQUESTS);
        /* Much of a file is still on its way when the kernel has taken its last byte, and a stray
         * byte of the client would make all of that a reset. */
        conn_finish(hp->conn, sends_file || needs_linger(hp, resp->must_close));
        hp->state = HTTP_ENDED;
        if (!sends_file) /* lingering may take a while, and needs neither */
            drop_exchange(hp);
        return;
    }
    if (!sends_file)
        end_exchange(hp);
    if (sends_file || conn_unsent_bytes(hp->conn) > HIGH_WATER_BYTES ||
        conn_unsent_chunks(hp->conn) > HIGH_WATER_CHUNKS) {
        hp->state = HTTP_SENDING;
        conn_set_deadline(hp->conn, 0);
        conn_pause_reading(hp->conn);
        conn_notify_drained(hp->conn);
    }
}

/* For the log, and so that the next answer of several parts has another line between them. */
static NOINLINE void note_ranges(struct http_protocol *hp, const struct response *resp)
{
    hp->exchange->part = resp->part;
    hp->exchange->part_count = (uint8_t)MAX(resp->range_count, 1);
    if (resp->range_count > 1)
        hp->http->boundary++;
}

/* Head and content from several places. */
static NOINLINE int queue_response(struct http_protocol *hp, struct response *resp, bool keep_alive)
{
    struct http_context *http = hp->http;
    struct exchange *exchange = hp->exchange;
    const struct response_env env = {
        .now = loop_wall_seconds(http->loop),
        .date = http_context_date(http),
        .boundary = http->boundary,
        .req = &exchange->req,
        .keep_alive = keep_alive,
    };

    if (UNLIKELY(resp->status == 206))
        note_ranges(hp, resp);
    if (UNLIKELY(resp->may_fail))
        exchange->starts_at = conn_sent_bytes(hp->conn) + conn_unsent_bytes(hp->conn);
    return response_send(resp, &env, hp->conn, &exchange->content);
}

void http_send_response(struct http_protocol *hp, struct response *resp)
{
    struct http_context *http = hp->http;
    struct exchange *exchange = hp->exchange;
    bool keep_alive = may_keep_alive(hp, resp);
    struct slice whole = response_in_memory(resp, &exchange->req, keep_alive,
                                            loop_wall_seconds(http->loop), http_context_date(http));
    int err;

    if (LIKELY(whole.len > 0)) {
        exchange->content = exchange->req.method == METHOD_HEAD ? 0 : resp->file->size;
        err = conn_write_shared(hp->conn, whole, &resp->file->counted);
    } else {
        err = queue_response(hp, resp, keep_alive);
    }
    if (UNLIKELY(err != 0)) {
        conn_abort(hp->conn, CLOSE_NO_MEMORY);
        hp->state = HTTP_ENDED;
        return;
    }
    exchange->status = resp->status;
    exchange->reason = resp->reason;
    exchange->user = resp->user;
    exchange->coding = (uint8_t)(resp->rep ? resp->rep->coding : CODING_IDENTITY);
    exchange->content_end = conn_sent_bytes(hp->conn) + conn_unsent_bytes(hp->conn);
    count_response(hp, resp->status);
    if (UNLIKELY(resp->kind == CONTENT_PIECES || resp->kind == CONTENT_TUNNEL) &&
        response_has_pieces(resp, &exchange->req)) {
        exchange->must_close = resp->must_close;
        exchange->keep_alive = keep_alive;
        http_begin_pieces(hp, resp);
    } else {
        after_queueing(hp, resp, keep_alive);
    }
}

NOINLINE void http_refuse(struct http_protocol *hp, unsigned status, const char *reason)
{
    struct response resp;

    http_begin_response(hp, &resp);
    error_response(hp->http, &resp, status, reason);
    resp.must_close = true;
    hp->exchange->used = 0; /* nothing behind it is believed */
    http_send_response(hp, &resp);
    response_done(&resp);
}

void http_refuse_by_limit(struct http_protocol *hp, enum limit limit)
{
    const struct http_refusal *refusal = http_limit_refusal(limit);

    http_note_limit(hp, limit);
    http_refuse(hp, refusal->status, refusal->reason);
}

static const char *reason_for(unsigned status)
{
    switch (status) {
    case 417: return "expectation";
    case 501: return "not-implemented";
    case 505: return "http-version";
    default: return "bad-request";
    }
}

static NOINLINE void refuse_head(struct http_protocol *hp, unsigned status)
{
    if (status == 414)
        http_refuse_by_limit(hp, LIMIT_URI_SIZE);
    else if (status == 431 && http_parser_has_too_many_fields(hp->exchange->parser))
        http_refuse_by_limit(hp, LIMIT_HEADER_COUNT);
    else if (status == 431)
        http_refuse_by_limit(hp, LIMIT_HEADER_SIZE);
    else
        http_refuse(hp, status, reason_for(status));
}

bool http_decode_odd_path(struct http_context *http, struct request *req)
{
    req->name = slice_of(NULL, 0);
    if (req->path.len == 0) /* "*", or an authority */
        return true;
    return path_decode(req->path, http->path_space, &req->name) == 0;
}

/* What the server answers itself; NULL: nothing of its own. */
static struct handler *own_handler(const struct http_protocol *hp, const struct request *req)
{
    const struct own_paths *own = &hp->http->own_paths;

    if (LIKELY(!own_paths_may_have(own, req->name)))
        return NULL;
    return own_paths_find(own, hp->http, req, hp->exchange->client);
}

/* What has become of the request's body when it is answered. */
enum body_at_answer {
    BODY_READ,    /* to its end */
    BODY_UNREAD,  /* nobody will read it */
    BODY_OFFERED, /* the handler may take it */
};

/* To whom a request belongs. */
struct route {
    const struct http_site *site;
    bool has_name; /* else its path is no path */
};

/* Its name is set, too. */
static inline struct route find_route(struct http_protocol *hp)
{
    struct http_context *http = hp->http;
    struct request *req = &hp->exchange->req;
    struct route route = {.site = &http->site, .has_name = http_decode_path(http, req)};

    req->stripped = 0;
    if (UNLIKELY(http->router != NULL))
        route.site = router_find(http->router, req);
    return route;
}

/* The same, of a request that had to wait; others may have had the space of its name. */
static struct route found_route(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;

    return (struct route){.site = exchange->site,
                          .has_name = http_decode_path(hp->http, &exchange->req)};
}

static void answer(struct http_protocol *hp, struct route route, enum body_at_answer body)
{
    struct http_context *http = hp->http;
    struct request *req = &hp->exchange->req;
    struct response resp;

    http_begin_response(hp, &resp);
    resp.site = route.site;
    if (LIKELY(route.has_name)) {
        struct handler *own = own_handler(hp, req);
        struct handler *handler = UNLIKELY(own != NULL) ? own : route.site->handler;

        handler->ops->start(handler, req, &resp);
    } else {
        error_response(http, &resp, 400, "bad-path");
    }
    if (UNLIKELY(body != BODY_READ))
        resp.must_close |= body == BODY_UNREAD || (!resp.pending && !http_skip_body(hp));
    if (UNLIKELY(resp.pending != NULL)) {
        if (body != BODY_OFFERED)
            http_begin_flow(hp->exchange, false);
        http_wait(hp, &resp);
    } else {
        http_send_response(hp, &resp);
    }
    response_done(&resp);
}

/* A method whose content nobody wants is refused at once, and the content is not waited for. */
static bool is_read_method(enum http_method method)
{
    return method == METHOD_GET || method == METHOD_HEAD || method == METHOD_OPTIONS;
}

/* A body passes through behind its head, which must not move meanwhile. So it moves now, when it
 * lies so near the end of the buffer that little or nothing would fit behind it. */
void http_make_room_for_body(struct http_protocol *hp)
{
    struct buffer *in = conn_input(hp->conn);
    struct exchange *exchange = hp->exchange;
    unsigned result;

    if (in->start == 0 || in->capacity - in->start - exchange->head_len >= HTTP_BODY_ROOM)
        return;
    buf_compact(in);
    http_parser_reset(exchange->parser); /* the slices have to point to the new place */
    result = http_parser_head(exchange->parser, buf_content(in), &exchange->req,
                              &exchange->head_len);
    assert(result == HTTP_HEAD_COMPLETE);
    (void)result;
}

static void offer_body(struct http_protocol *hp, struct route route)
{
    struct exchange *exchange = hp->exchange;

    /* Who sends it unasked waits for nothing (RFC 9110 section 10.1.1). */
    if (buf_length(conn_input(hp->conn)) > exchange->head_len)
        exchange->req.expects_continue = false;
    http_begin_flow(exchange, true);
    answer(hp, route, BODY_OFFERED);
}

static NOINLINE void begin_body(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;
    const struct request *req = &exchange->req;
    bool is_large = req->content_length > config_of(hp)->max_body_size;
    struct route route;
    int err = 0;

    http_make_room_for_body(hp); /* before anything points into the head */
    route = find_route(hp);
    if (route.has_name && route.site->guarded->ops->takes_body) { /* who answers takes it himself */
        offer_body(hp, route);
        return;
    }
    if (!is_read_method(req->method) && (is_large || req->expects_continue)) {
        answer(hp, route, BODY_UNREAD);
        return;
    }
    if (is_large) {
        http_refuse_by_limit(hp, LIMIT_BODY_SIZE);
        return;
    }
    if (req->expects_continue && buf_length(conn_input(hp->conn)) == exchange->head_len)
        err = conn_write(hp->conn, SLICE_LITERAL("HTTP/1.1 100 Continue\r\n\r\n"));
    if (err) {
        conn_abort(hp->conn, CLOSE_NO_MEMORY);
        return;
    }
    exchange->site = route.site;
    hp->state = HTTP_READING_BODY;
    http_begin_body_deadline(hp);
}

static bool begin_exchange(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;

    if (!exchange) {
        exchange = hp->exchange = exchange_take(hp->http);
        if (!exchange) {
            conn_abort(hp->conn, CLOSE_NO_MEMORY);
            return false;
        }
        http_parser_reset(exchange->parser);
    }
    exchange->has_deadline = false;
    exchange->is_sending_content = false;
    exchange->request_id_len = 0;
    exchange->client = conn_peer(hp->conn);
    exchange->status = 0;
    exchange->user = NULL;
    exchange->content = 0;
    exchange->started_us = loop_now_us(hp->http->loop);
    hp->state = HTTP_READING_HEAD;
    conn_set_idle(hp->conn, false);
    return true;
}

/* The deadline of a first head runs since the connection was accepted. */
static NOINLINE void wait_for_head(struct http_protocol *hp, struct buffer *in)
{
    struct exchange *exchange = hp->exchange;

    /* ... unless the worker leaves, which has shortened it to the patience with quiet ones. */
    if (!exchange->has_deadline && (hp->requests > 0 || conn_is_draining(hp->conn))) {
        exchange->has_deadline = true;
        conn_set_deadline(hp->conn, config_of(hp)->header_timeout_ms);
    }
    if (buf_room(in) == 0) {
        if (exchange->req.line.data) /* for the log, should no more come */
            exchange->req.line.data -= in->start;
        buf_compact(in);
    }
}

/* The functions that read return false when they have to wait for more bytes. */
static bool read_head(struct http_protocol *hp)
{
    struct buffer *in = conn_input(hp->conn);
    struct exchange *exchange;
    unsigned result;

    if (!in || buf_length(in) == 0)
        return false;
    if (hp->state == HTTP_IDLE && !begin_exchange(hp))
        return true;
    exchange = hp->exchange;
    result = http_parser_head(exchange->parser, buf_content(in), &exchange->req,
                              &exchange->head_len);
    if (result == 0) {
        wait_for_head(hp, in);
        return false;
    }
    if (result != HTTP_HEAD_COMPLETE) {
        refuse_head(hp, result);
        return true;
    }
    exchange->used = exchange->head_len;
    if (UNLIKELY(hp->http->identifies_requests))
        exchange_identify(hp->http, exchange);
    if (UNLIKELY(hp->http->rates != NULL) && !http_may_ask(hp))
        return true;
    if (LIKELY(exchange->req.framing == BODY_NONE))
        answer(hp, find_route(hp), BODY_READ);
    else
        begin_body(hp);
    return true;
}

static NOINLINE bool read_body(struct http_protocol *hp)
{
    struct buffer *in = conn_input(hp->conn);
    struct exchange *exchange = hp->exchange;
    struct slice part = slice_from(buf_content(in), exchange->head_len);
    size_t used;

    if (part.len == 0)
        return false;
    switch (http_parser_body(exchange->parser, part, config_of(hp)->max_body_size, &used)) {
    case BODY_BAD: http_refuse(hp, 400, "bad-body"); return true;
    case BODY_TOO_LARGE: http_refuse_by_limit(hp, LIMIT_BODY_SIZE); return true;
    case BODY_COMPLETE:
        exchange->used = exchange->head_len + used;
        answer(hp, found_route(hp), BODY_READ);
        return true;
    case BODY_INCOMPLETE: break;
    }
    buf_truncate(in, exchange->head_len); /* dropped, the head stays */
    http_extend_body_deadline(hp, used);
    return false;
}

/* There is nothing to do until more bytes come. */
static inline void settle(struct http_protocol *hp)
{
    if (conn_peer_has_ended(hp->conn)) {
        hp->state = HTTP_ENDED; /* what is there will never become a request */
        conn_finish(hp->conn, false);
        return;
    }
    if (hp->state != HTTP_IDLE)
        return;
    exchange_give(hp->http, hp->exchange);
    hp->exchange = NULL;
    conn_set_idle(hp->conn, true);
    if (hp->requests > 0)
        conn_set_deadline(hp->conn, config_of(hp)->keepalive_timeout_ms);
}

static void proceed(struct http_protocol *hp)
{
    while (conn_is_open(hp->conn)) {
        switch (hp->state) {
        case HTTP_IDLE:
        case HTTP_READING_HEAD:
            if (!read_head(hp)) {
                settle(hp);
                return;
            }
            break;
        case HTTP_READING_BODY:
            if (!read_body(hp)) {
                settle(hp);
                return;
            }
            break;
        case HTTP_WAITING:
        case HTTP_PRODUCING: http_offer_body(hp); return;
        case HTTP_SENDING:
        case HTTP_ENDED: return;
        }
    }
}

void http_go_on(struct http_protocol *hp)
{
    conn_resume_reading(hp->conn);
    proceed(hp);
}

void http_finish_content(struct http_protocol *hp)
{
    struct exchange *exchange = hp->exchange;

    log_exchange(hp, 0, exchange->reason);
    http_end_pending(exchange);
    if (exchange->keep_alive) {
        end_exchange(hp);
        http_go_on(hp);
        return;
    }
    conn_finish(hp->conn, needs_linger(hp, exchange->must_close));
    hp->exchange->is_sending_content = false;
    hp->state = HTTP_ENDED;
    drop_exchange(hp);
}

static struct http_protocol *protocol_of(struct protocol *protocol)
{
    return container_of(protocol, struct http_protocol, protocol);
}

static void on_bytes(struct protocol *protocol, struct buffer *in)
{
    (void)in; /* conn_input */
    proceed(protocol_of(protocol));
}

static void on_end(struct protocol *protocol)
{
    struct http_protocol *hp = protocol_of(protocol);

    if (hp->state == HTTP_WAITING || hp->state == HTTP_PRODUCING)
        http_body_has_ended(hp);
    else if (hp->state != HTTP_SENDING) /* else settle() will see it */
        settle(hp);
}

static void on_reset(struct protocol *protocol)
{
    struct http_protocol *hp = protocol_of(protocol);

    if (hp->state == HTTP_WAITING || hp->state == HTTP_PRODUCING)
        http_body_is_reset(hp);
}

static void on_drained(struct protocol *protocol)
{
    struct http_protocol *hp = protocol_of(protocol);
    const struct server_config *config = config_of(hp);

    switch (hp->state) {
    case HTTP_SENDING:
        if (hp->exchange->is_sending_content) {
            log_exchange(hp, 0, hp->exchange->reason);
            end_exchange(hp);
        }
        hp->state = HTTP_IDLE;
        http_go_on(hp);
        break;
    case HTTP_PRODUCING: http_produce(hp); break;
    case HTTP_WAITING:
        if (hp->exchange->flow == BODY_OPEN && !hp->exchange->req.expects_continue)
            http_extend_body_deadline(hp, 0);
        break;
    case HTTP_IDLE: conn_set_deadline(hp->conn, config->keepalive_timeout_ms); break;
    case HTTP_READING_BODY: http_extend_body_deadline(hp, 0); break;
    case HTTP_READING_HEAD:
    case HTTP_ENDED: conn_set_deadline(hp->conn, config->header_timeout_ms); break;
    }
}

/* The next request may be on its way: it finds a closed connection, not a reset. */
static void part_quietly(struct http_protocol *hp)
{
    hp->state = HTTP_ENDED;
    conn_finish(hp->conn, true);
}

static void on_deadline(struct protocol *protocol)
{
    struct http_protocol *hp = protocol_of(protocol);
    struct buffer *in = conn_input(hp->conn);

    if (hp->state == HTTP_READING_BODY)
        http_refuse_by_limit(hp, http_late_body_limit(hp));
    else if (hp->state == HTTP_WAITING)
        http_body_is_late(hp);
    else if (hp->state == HTTP_READING_HEAD && in &&
             http_parser_has_begun(hp->exchange->parser, buf_content(in)))
        http_refuse_by_limit(hp, LIMIT_HEADER_TIMEOUT);
    else if (hp->state == HTTP_IDLE && conn_is_draining(hp->conn))
        part_quietly(hp);
    else
        conn_close(hp->conn, CLOSE_READ_TIMEOUT);
}

/* Content that was being sent ends with its last byte, or before it. */
static void log_content(struct http_protocol *hp, enum close_reason why)
{
    const struct exchange *exchange = hp->exchange;
    uint64_t sent = conn_sent_bytes(hp->conn);
    uint64_t unsent = exchange->content_end - MIN(sent, exchange->content_end);

    log_exchange(hp, unsent, unsent == 0 ? exchange->reason : close_reason_name(why));
}

/* A request that has begun and never got an answer. */
static void log_unanswered(struct http_protocol *hp, enum close_reason why)
{
    struct buffer *in = conn_input(hp->conn);

    if (!in || !http_parser_has_begun(hp->exchange->parser, buf_content(in)))
        return;
    counter_add(&hp->http->counters->responses[0], 1);
    if (hp->state == HTTP_WAITING && why == CLOSE_PEER)
        hp->exchange->status = STATUS_CLIENT_LEFT;
    log_exchange(hp, 0, close_reason_name(why));
}

static void on_close(struct protocol *protocol, enum close_reason why)
{
    struct http_protocol *hp = protocol_of(protocol);

    if (UNLIKELY(why != CLOSE_DONE && why != CLOSE_PEER))
        http_note_close(hp, why);
    if (hp->exchange && hp->exchange->is_sending_content)
        log_content(hp, why);
    else if (hp->exchange && hp->exchange->status == 0)
        log_unanswered(hp, why);
    if (hp->exchange && hp->exchange->pending)
        http_end_pending(hp->exchange);
    exchange_give(hp->http, hp->exchange);
    mempool_free(hp->http->mempool, hp, sizeof(*hp));
}

static const struct protocol_ops http_protocol_ops = {
    .on_bytes = on_bytes,
    .on_end = on_end,
    .on_reset = on_reset,
    .on_drained = on_drained,
    .on_deadline = on_deadline,
    .on_close = on_close,
};

struct protocol *http_protocol_make(struct factory *factory, struct connection *conn)
{
    struct http_context *http = container_of(factory, struct http_context, factory);
    struct http_protocol *hp = mempool_alloc(http->mempool, sizeof(*hp));

    if (!hp)
        return NULL;
    *hp = (struct http_protocol){.protocol.ops = &http_protocol_ops, .conn = conn, .http = http};
    conn_set_idle(conn, true);
    conn_set_deadline(conn, http->config->server.header_timeout_ms);
    return &hp->protocol;
}
