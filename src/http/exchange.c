/* SPDX-License-Identifier: MIT */
/* exchange.c - taken from a stack of spare ones, so that a busy worker uses one hot in the cache. */
#include "http/exchange.h"

#include "http/forwarded.h"

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

static void take_request_id(struct exchange *exchange)
{
    unsigned position = 0;
    struct slice id, other;

    if (!header_table_next(&exchange->req.headers, HEADER_X_REQUEST_ID, &position, &id) ||
        header_table_next(&exchange->req.headers, HEADER_X_REQUEST_ID, &position, &other) ||
        !request_id_is_sound(id))
        return;
    memcpy(exchange->request_id, id.data, id.len);
    exchange->request_id_len = (uint8_t)id.len;
}

NOINLINE void exchange_identify(struct http_context *http, struct exchange *exchange)
{
    const struct server_config *server = &http->config->server;
    enum header_id field = server->client_address == CLIENT_ADDRESS_FORWARDED
                               ? HEADER_FORWARDED
                               : HEADER_X_FORWARDED_FOR;

    if (!network_list_contains(&server->trusted_proxy, exchange->client))
        return;
    if (server->request_id)
        take_request_id(exchange);
    if (server->client_address == CLIENT_ADDRESS_PEER)
        return;
    exchange->client_space = forwarded_client(&exchange->req.headers, field, exchange->client,
                                              &server->trusted_proxy);
    exchange->client = &exchange->client_space;
}

void exchange_write_id(struct http_context *http, struct exchange *exchange, struct writer *headers)
{
    if (!http->config->server.request_id)
        return;
    if (exchange->request_id_len == 0) {
        request_id_make(&http->request_ids, exchange->request_id);
        exchange->request_id_len = REQUEST_ID_SIZE;
    }
    writer_literal(headers, "X-Request-ID: ");
    writer_append(headers, exchange->request_id, exchange->request_id_len);
    writer_literal(headers, "\r\n");
}

/* Which part of a file a 206 has, into @out of RANGE_TEXT_SIZE bytes. */
static NOINLINE struct slice part_text(const struct exchange *exchange, char *out)
{
    struct writer w = writer_on(out, RANGE_TEXT_SIZE);

    if (exchange->part.length > 0)
        range_write(&w, &exchange->part, exchange->part_count);
    return writer_content(&w);
}

void exchange_log(struct http_context *http, const struct exchange *exchange, uint64_t unsent,
                  const char *reason)
{
    const struct header_table *headers = &exchange->req.headers;
    const struct pending *pending = exchange->pending ? exchange->pending : http->described;
    char part[RANGE_TEXT_SIZE];
    struct access_record record;

    /* One by one, all of them: an initialiser clears the whole record first. */
    record.peer = exchange->client;
    record.user = exchange->user;
    record.request_line = exchange->req.line;
    record.referer = header_table_get(headers, HEADER_REFERER);
    record.user_agent = header_table_get(headers, HEADER_USER_AGENT);
    record.status = exchange->status;
    record.body_bytes = exchange->content - MIN(unsent, exchange->content);
    record.duration_ms = (loop_now_us(http->loop) - exchange->started_us) / 1000;
    record.reason = reason;
    record.host = exchange->req.host;
    record.request_id = exchange->request_id;
    record.request_id_len = exchange->request_id_len;
    record.upstream = NULL;
    record.coding = exchange->coding;
    record.cache = NULL;
    record.range = UNLIKELY(exchange->status == 206) ? part_text(exchange, part)
                                                     : slice_of(NULL, 0);
    if (UNLIKELY(pending && pending->ops->describe))
        pending->ops->describe(pending, &record);
    access_log_append(http->access_log, &record);
}
