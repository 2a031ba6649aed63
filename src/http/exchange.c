/* SPDX-License-Identifier: MIT */
/* exchange.c - taken from a stack of spare ones, so that a busy worker uses one hot in the cache. */
#include "http/exchange.h"

#include <stdlib.h>

#define SPARE_MAX 32

static struct exchange *make(struct http_context *http)
{
    struct exchange *exchange = calloc(1, sizeof(*exchange));

    if (!exchange)
        return NULL;
    exchange->parser = http_parser_create(&http->limits);
    if (!exchange->parser) {
        free(exchange);
        return NULL;
    }
    return exchange;
}

struct exchange *exchange_take(struct http_context *http)
{
    struct exchange *exchange = http->spare_exchanges;

    if (LIKELY(exchange != NULL)) {
        http->spare_exchanges = exchange->next;
        http->spare_count--;
    } else {
        exchange = make(http);
        if (!exchange)
            return NULL;
    }
    counter_set(&http->counters->exchanges, ++http->exchange_count);
    return exchange;
}

void exchange_give(struct http_context *http, struct exchange *exchange)
{
    if (!exchange)
        return;
    counter_set(&http->counters->exchanges, --http->exchange_count);
    if (http->spare_count < SPARE_MAX) {
        exchange->next = http->spare_exchanges;
        http->spare_exchanges = exchange;
        http->spare_count++;
        return;
    }
    http_parser_destroy(exchange->parser);
    free(exchange);
}

void exchange_log(struct http_context *http, const struct exchange *exchange,
                  const struct address *peer, uint64_t unsent, const char *reason)
{
    const struct header_table *headers = &exchange->req.headers;

    if (UNLIKELY(http->latency != NULL))
        latency_record(http->latency, exchange->started_us);
    if (!http->access_log)
        return;
    access_log_append(http->access_log,
                      &(struct access_record){
                          .peer = peer,
                          .user = exchange->user,
                          .request_line = exchange->req.line,
                          .referer = header_table_get(headers, HEADER_REFERER),
                          .user_agent = header_table_get(headers, HEADER_USER_AGENT),
                          .status = exchange->status,
                          .body_bytes = exchange->content - MIN(unsent, exchange->content),
                          .duration_ms = (loop_now_us(http->loop) - exchange->started_us) / 1000,
                          .reason = reason,
                      });
}
