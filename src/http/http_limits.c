/* SPDX-License-Identifier: MIT */
/* http_limits.c - what a client hears that runs into a limit, and how long its body may take. */
#include "http/http_protocol_private.h"

#include "base/client_rates.h"
#include "http/error_response.h"

static const struct http_refusal refusals[LIMIT_COUNT] = {
    [LIMIT_HEADER_TIMEOUT] = {408, "timeout-header"},
    [LIMIT_BODY_TIMEOUT] = {408, "timeout-body"},
    [LIMIT_MIN_BODY_RATE] = {408, "body-too-slow"},
    [LIMIT_HEADER_SIZE] = {431, "header-too-large"},
    [LIMIT_HEADER_COUNT] = {431, "too-many-headers"},
    [LIMIT_URI_SIZE] = {414, "uri-too-long"},
    [LIMIT_BODY_SIZE] = {413, "body-too-large"},
};

const struct http_refusal *http_limit_refusal(enum limit limit)
{
    return refusals[limit].status ? &refusals[limit] : NULL;
}

void http_note_limit(struct http_protocol *hp, enum limit limit)
{
    const struct address *client = hp->exchange ? hp->exchange->client : conn_peer(hp->conn);

    limit_log_note(&hp->http->limit_log, limit, client, loop_now_ms(hp->http->loop));
}

void http_note_close(struct http_protocol *hp, enum close_reason why)
{
    switch (why) {
    case CLOSE_SEND_TIMEOUT: http_note_limit(hp, LIMIT_SEND_TIMEOUT); break;
    case CLOSE_SEND_RATE: http_note_limit(hp, LIMIT_MIN_SEND_RATE); break;
    case CLOSE_EVICTED: http_note_limit(hp, LIMIT_WORKER_CONNECTIONS); break;
    case CLOSE_NO_MEMORY: http_note_limit(hp, LIMIT_MEMORY); break;
    case CLOSE_READ_TIMEOUT:
        http_note_limit(hp, hp->state == HTTP_IDLE && hp->requests > 0 ? LIMIT_KEEPALIVE_TIMEOUT
                                                                       : LIMIT_HEADER_TIMEOUT);
        break;
    case CLOSE_DONE:
    case CLOSE_REFUSED:
    case CLOSE_PEER:
    case CLOSE_ABORTED:
    case CLOSE_SHUTDOWN:
    case CLOSE_REASON_COUNT: break;
    }
}

NOINLINE bool http_may_ask(struct http_protocol *hp)
{
    struct http_context *http = hp->http;
    const struct address *client = hp->exchange->client;
    struct response resp;
    bool is_known;
    uint32_t wait_ms;

    if (network_list_contains(&http->config->server.trusted_proxy, client))
        return true; /* it asks for many */
    wait_ms = client_rates_take(http->rates, client, loop_now_ms(http->loop), &is_known);
    if (!is_known)
        http_note_limit(hp, LIMIT_CLIENT_TABLE);
    if (wait_ms == 0)
        return true;
    http_note_limit(hp, LIMIT_REQUEST_RATE);
    http_begin_response(hp, &resp);
    writer_format(&resp.headers, "Retry-After: %u\r\n", (wait_ms + 999) / 1000);
    error_response(http, &resp, 429, "request-rate");
    resp.must_close = hp->exchange->req.framing != BODY_NONE; /* which is not waited for */
    http_send_response(hp, &resp);
    response_done(&resp);
    return false;
}

/* When the body is late as a whole: each byte gives it a little more time. INT64_MAX: never. */
static int64_t body_end_ms(const struct http_protocol *hp)
{
    const struct server_config *config = &hp->http->config->server;
    const struct exchange *exchange = hp->exchange;

    if (config->min_body_rate == 0)
        return INT64_MAX;
    return exchange->body_started_ms + config->body_timeout_ms +
           (int64_t)(exchange->body_bytes / config->min_body_rate * 1000 +
                     exchange->body_bytes % config->min_body_rate * 1000 / config->min_body_rate);
}

void http_begin_body_deadline(struct http_protocol *hp)
{
    hp->exchange->body_started_ms = loop_now_ms(hp->http->loop);
    hp->exchange->body_bytes = 0;
    conn_set_deadline(hp->conn, hp->http->config->server.body_timeout_ms);
}

void http_extend_body_deadline(struct http_protocol *hp, size_t received)
{
    int64_t left_ms;

    hp->exchange->body_bytes += received;
    left_ms = body_end_ms(hp) - loop_now_ms(hp->http->loop);
    conn_set_deadline(
        hp->conn,
        (uint32_t)MAX(MIN(left_ms, (int64_t)hp->http->config->server.body_timeout_ms), INT64_C(1)));
}

enum limit http_late_body_limit(const struct http_protocol *hp)
{
    return hp->exchange->body_bytes > 0 && body_end_ms(hp) <= loop_now_ms(hp->http->loop)
               ? LIMIT_MIN_BODY_RATE
               : LIMIT_BODY_TIMEOUT;
}
