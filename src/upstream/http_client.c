/* SPDX-License-Identifier: MIT */
/* http_client.c - one request on a connection: what is sent of it, and how it ends. */
#include "upstream/http_client_private.h"

#include "base/writer.h"

/* Unsent content there may be; beyond it the user has to wait for the server. */
#define HIGH_WATER (64U * 1024)

int http_client_begin(struct http_client *client, const struct client_request *request)
{
    struct connection *conn = client->conn;

    client->state = CLIENT_HEAD;
    client->requests++;
    client->context = request->context;
    client->framing = (uint8_t)request->framing;
    client->request_is_complete = request->framing == BODY_NONE;
    client->awaits_continue = request->expects_continue;
    if (UNLIKELY(request->prologue.len > 0)) {
        int err = conn_write(conn, request->prologue);

        if (err)
            return err;
    }
    client->sent_before = conn_sent_bytes(conn) + conn_unsent_bytes(conn);
    http_client_begin_deadline(client);
    return conn_write(conn, request->head);
}

/* RFC 9112 section 7.1. 0 or -ENOMEM. */
static int write_chunk(struct connection *conn, struct slice bytes)
{
    char size[24];
    struct writer w = writer_on(size, sizeof(size));
    int err;

    writer_hex(&w, bytes.len);
    writer_literal(&w, "\r\n");
    err = conn_write(conn, writer_content(&w));
    if (!err)
        err = conn_write(conn, bytes);
    return err ? err : conn_write(conn, SLICE_LITERAL("\r\n"));
}

static int write_content(const struct http_client *client, struct slice bytes)
{
    if (bytes.len > 0 && client->state == CLIENT_HEAD && client->framing == BODY_CHUNKED)
        return write_chunk(client->conn, bytes);
    return conn_write(client->conn, bytes);
}

static int end_content(struct http_client *client)
{
    if (client->state == CLIENT_TUNNEL) {
        client->output_ends = true;
        conn_notify_drained(client->conn);
        return 0;
    }
    client->request_is_complete = true;
    client->awaits_continue = false;
    http_client_begin_deadline(client);
    return client->framing == BODY_CHUNKED ? conn_write(client->conn, SLICE_LITERAL("0\r\n\r\n"))
                                           : 0;
}

void http_client_want_room(struct http_client *client)
{
    client->wants_room = true;
    conn_notify_drained(client->conn);
}

size_t http_client_send(struct http_client *client, struct slice bytes, bool is_last)
{
    uint64_t unsent = conn_unsent_bytes(client->conn);
    size_t room = (size_t)(HIGH_WATER - MIN(unsent, HIGH_WATER));
    size_t taken = MIN(bytes.len, room);
    int err;

    if (client->request_is_complete || client->output_ends)
        return bytes.len; /* there can be no more of it */
    err = write_content(client, slice_of(bytes.data, taken));
    if (!err && taken == bytes.len && is_last)
        err = end_content(client);
    if (err) {
        conn_abort(client->conn, CLOSE_NO_MEMORY);
        return bytes.len;
    }
    if (taken < bytes.len)
        http_client_want_room(client);
    if (client->state == CLIENT_TUNNEL)
        http_client_begin_deadline(client);
    return taken;
}

void http_client_resume(struct http_client *client)
{
    if (client->is_paused && conn_is_open(client->conn))
        http_client_post(client);
}

void http_client_hand_over(struct http_client *client, struct client_user *user)
{
    client->user = user;
}

/* It may be in the middle of something, and should not go on with it. */
static void close_now(struct http_client *client, enum close_reason why)
{
    if (client->state == CLIENT_HEAD && client->request_is_complete)
        conn_close(client->conn, why);
    else
        conn_abort(client->conn, why);
}

void http_client_drop(struct http_client *client)
{
    client->user = NULL;
    if (!client->conn) {
        http_client_retire(client);
        return;
    }
    list_remove(&client->node);
    close_now(client, CLOSE_ABORTED);
    client->state = CLIENT_KEPT;
}

void http_client_fail(struct http_client *client, enum client_end why)
{
    struct client_user *user = client->user;

    http_client_drop(client);
    user->ops->on_end(user, why);
}

static bool may_be_kept(const struct http_client *client)
{
    const struct upstream_config *config = config_of(client);
    const struct buffer *in = conn_input(client->conn);
    int64_t now_ms = loop_now_ms(client->clients->settings.loop);

    return client->may_keep && client->pool && client->generation == client->pool->generation &&
           !client->clients->is_draining && config->keepalive > 0 && (!in || buf_length(in) == 0) &&
           !conn_peer_has_ended(client->conn) &&
           (config->keepalive_requests == 0 || client->requests < config->keepalive_requests) &&
           (config->keepalive_age_ms == 0 ||
            now_ms - client->opened_ms < (int64_t)config->keepalive_age_ms);
}

static void keep(struct http_client *client)
{
    struct idle_pool *pool = client->pool;

    if (pool->count >= config_of(client)->keepalive) {
        struct http_client *oldest = container_of(idle_pool_oldest(pool), struct http_client, node);

        client_leave_pool(oldest);
        conn_close(oldest->conn, CLOSE_EVICTED);
    }
    client_enter_pool(client);
    reply_parser_reset(&client->parser);
    client->was_answered = client->may_keep = client->content_is_complete = false;
    client->interim_count = 0;
    conn_set_idle(client->conn, true);
    http_client_begin_deadline(client);
}

void http_client_finish(struct http_client *client)
{
    struct client_user *user = client->user;

    client->user = NULL;
    client->state = CLIENT_KEPT;
    list_remove(&client->node);
    client->wants_room = false;
    if (may_be_kept(client))
        keep(client);
    else
        conn_close(client->conn, CLOSE_DONE);
    user->ops->on_end(user, CLIENT_DONE);
}

bool http_client_is_reused(const struct http_client *client)
{
    return client->requests > 1;
}

bool http_client_was_answered(const struct http_client *client)
{
    return client->was_answered;
}

uint64_t http_client_sent_bytes(const struct http_client *client)
{
    uint64_t sent = client->conn ? conn_sent_bytes(client->conn) : 0;

    return sent - MIN(sent, client->sent_before);
}
