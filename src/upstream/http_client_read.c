/* SPDX-License-Identifier: MIT */
/*
 * http_client_read.c - what comes from a server: heads, content, or the end at a wrong moment.
 *
 * After each call to the user it may have dropped the connection, so every step says whether the next
 * one may follow.
 */
#include "upstream/http_client_private.h"

void http_client_begin_deadline(struct http_client *client)
{
    const struct upstream_config *config = config_of(client);
    uint32_t after_ms = 0;

    switch ((enum client_state)client->state) {
    case CLIENT_CONNECTING: return;
    case CLIENT_HEAD:
        /* While content is sent the server need not say anything. */
        if (client->awaits_continue)
            after_ms = CONTINUE_MS;
        else if (client->request_is_complete || client->was_answered)
            after_ms = config->head_timeout_ms;
        break;
    case CLIENT_CONTENT: after_ms = config->read_timeout_ms; break;
    case CLIENT_TUNNEL: after_ms = config->tunnel_timeout_ms; break;
    case CLIENT_KEPT: after_ms = config->keepalive_timeout_ms; break;
    }
    conn_set_deadline(client->conn, client->is_paused ? 0 : after_ms);
}

static bool goes_on(const struct http_client *client, const struct client_user *user)
{
    return client->user == user && conn_is_open(client->conn) && !client->is_paused;
}

static void pause(struct http_client *client)
{
    client->is_paused = true;
    conn_pause_reading(client->conn);
    conn_set_deadline(client->conn, 0);
}

/* The head may be one of 1xx: then the next one is read. */
static bool take_head(struct http_client *client, const struct reply *reply, size_t len)
{
    struct client_user *user = client->user;
    bool is_interim = reply->status < 200 && reply->status != 101;

    if (is_interim && ++client->interim_count > CLIENT_INTERIM_MAX) {
        http_client_fail(client, CLIENT_TOO_MANY_INTERIM);
        return false;
    }
    if (reply->status == 101 && (!reply->may_switch || !client->request_is_complete)) {
        http_client_fail(client, CLIENT_UNASKED_SWITCH);
        return false;
    }
    if (!user->ops->on_head(user, reply)) {
        if (client->user && conn_is_open(client->conn)) { /* maybe another user's by now */
            reply_parser_reset(&client->parser);          /* it is read again */
            pause(client);
        }
        return false;
    }
    if (!goes_on(client, user))
        return false;
    buf_consume(conn_input(client->conn), len);
    if (is_interim) {
        reply_parser_reset(&client->parser);
        client->awaits_continue &= reply->status != 100;
        http_client_begin_deadline(client); /* anew: it says that it is at work */
    } else if (reply->status == 101) {
        client->state = CLIENT_TUNNEL;
        client->request_is_complete = false; /* there is no end of it */
    } else {
        /* What the server has not read of the request it might take for the next one. */
        client->may_keep = reply->keep_alive && client->request_is_complete &&
                           conn_unsent_bytes(client->conn) == 0;
        client->state = CLIENT_CONTENT;
        client->content_is_complete = reply->framing == REPLY_NONE ||
                                      (reply->framing == REPLY_LENGTH &&
                                       reply->content_length == 0);
    }
    return true;
}

static bool read_head(struct http_client *client)
{
    struct buffer *in = conn_input(client->conn);
    struct reply reply;
    size_t len;

    if (!in || buf_length(in) == 0)
        return false;
    client->was_answered = true;
    switch (reply_parser_head(&client->parser, &client->clients->limits, &client->context,
                              buf_content(in), &reply, &len)) {
    case REPLY_COMPLETE: return take_head(client, &reply, len);
    case REPLY_BAD: http_client_fail(client, CLIENT_BAD_HEAD); return false;
    case REPLY_TOO_LARGE: http_client_fail(client, CLIENT_HEAD_TOO_LARGE); return false;
    case REPLY_INCOMPLETE: break;
    }
    if (buf_room(in) == 0)
        buf_compact(in);
    return false;
}

/* Give the user what is held for it. */
static bool give_content(struct http_client *client)
{
    struct client_user *user = client->user;
    struct buffer *in = conn_input(client->conn);
    size_t taken = user->ops->on_content(user, slice_of(in->data + in->start, client->held));

    if (client->user != user || !conn_is_open(client->conn))
        return false;
    buf_consume(in, taken);
    client->held -= (uint32_t)taken;
    if (client->held > 0)
        pause(client);
    return client->held == 0;
}

static bool read_content(struct http_client *client)
{
    struct buffer *in = conn_input(client->conn);
    enum reply_result result;
    struct slice content;
    size_t used;

    if (client->held > 0 && !give_content(client))
        return false;
    if (client->content_is_complete) {
        http_client_finish(client);
        return false;
    }
    if (!in || buf_length(in) == 0)
        return false;
    result = reply_parser_content(&client->parser, buf_content(in), &used, &content);
    if (result == REPLY_BAD || result == REPLY_TOO_LARGE) {
        http_client_fail(client, CLIENT_BAD_CONTENT);
        return false;
    }
    buf_consume(in, used - content.len);
    client->held = (uint32_t)content.len;
    client->content_is_complete = result == REPLY_COMPLETE;
    return true;
}

static bool read_tunnel(struct http_client *client)
{
    const struct buffer *in = conn_input(client->conn);

    client->held = in ? (uint32_t)buf_length(in) : 0;
    return client->held > 0 && give_content(client);
}

void http_client_read(struct http_client *client)
{
    const struct client_user *user = client->user;
    enum client_state before = (enum client_state)client->state;
    bool was_answered = client->was_answered;
    bool may_go_on = true;

    while (may_go_on && goes_on(client, user)) {
        switch ((enum client_state)client->state) {
        case CLIENT_HEAD: may_go_on = read_head(client); break;
        case CLIENT_CONTENT: may_go_on = read_content(client); break;
        case CLIENT_TUNNEL: may_go_on = read_tunnel(client); break;
        case CLIENT_CONNECTING:
        case CLIENT_KEPT: return;
        }
    }
    /* The deadline of a head is not moved by a piece of it. */
    if (goes_on(client, user) && (client->state != CLIENT_HEAD || before != client->state ||
                                  was_answered != client->was_answered))
        http_client_begin_deadline(client);
}

static struct http_client *client_of(struct protocol *protocol)
{
    return container_of(protocol, struct http_client, protocol);
}

/* Nobody has asked for anything: whatever happens now ends it, before somebody takes it. */
static void close_kept(struct http_client *client, enum close_reason why)
{
    if (client->state == CLIENT_KEPT && list_is_linked(&client->node))
        client_leave_pool(client);
    conn_close(client->conn, why);
}

static void on_bytes(struct protocol *protocol, struct buffer *in)
{
    struct http_client *client = client_of(protocol);

    (void)in; /* it is conn_input() */
    if (client->user)
        http_client_read(client);
    else
        close_kept(client, CLOSE_PEER);
}

static bool tunnel_is_over(struct http_client *client)
{
    if (!client->input_has_ended || !client->output_has_ended)
        return false;
    http_client_finish(client);
    return true;
}

static void end_tunnel_input(struct http_client *client)
{
    struct client_user *user = client->user;

    client->input_has_ended = true;
    if (tunnel_is_over(client))
        return;
    (void)user->ops->on_content(user, slice_of("", 0));
}

static void on_end(struct protocol *protocol)
{
    struct http_client *client = client_of(protocol);

    if (!client->user)
        close_kept(client, CLOSE_PEER);
    else if (client->state == CLIENT_TUNNEL)
        end_tunnel_input(client);
    else if (client->state == CLIENT_CONTENT && reply_parser_ends_there(&client->parser))
        http_client_finish(client);
    else
        http_client_fail(client, client->was_answered ? CLIENT_CUT : CLIENT_CLOSED);
}

static void on_drained(struct protocol *protocol)
{
    struct http_client *client = client_of(protocol);
    struct client_user *user = client->user;

    if (!user)
        return;
    http_client_begin_deadline(client); /* sending had one of its own */
    if (client->output_ends && !client->output_has_ended) {
        conn_end_output(client->conn);
        client->output_has_ended = true;
        (void)tunnel_is_over(client);
    } else if (client->wants_room) {
        client->wants_room = false;
        user->ops->on_room(user);
    }
}

static void on_deadline(struct protocol *protocol)
{
    struct http_client *client = client_of(protocol);

    switch ((enum client_state)client->state) {
    case CLIENT_CONNECTING: break;
    case CLIENT_HEAD:
        if (client->awaits_continue) {
            client->awaits_continue = false;
            http_client_begin_deadline(client);
            client->user->ops->on_continue(client->user);
        } else {
            http_client_fail(client, CLIENT_HEAD_TIMEOUT);
        }
        break;
    case CLIENT_CONTENT: http_client_fail(client, CLIENT_READ_TIMEOUT); break;
    case CLIENT_TUNNEL: http_client_fail(client, CLIENT_TUNNEL_TIMEOUT); break;
    case CLIENT_KEPT: close_kept(client, CLOSE_READ_TIMEOUT); break;
    }
}

static enum client_end end_of(const struct http_client *client, enum close_reason why)
{
    switch (why) {
    case CLOSE_SEND_TIMEOUT:
    case CLOSE_SEND_RATE: return CLIENT_SEND_TIMEOUT;
    case CLOSE_SHUTDOWN: return CLIENT_SHUTDOWN;
    case CLOSE_NO_MEMORY: return CLIENT_NO_MEMORY;
    case CLOSE_DONE:
    case CLOSE_PEER:
    case CLOSE_READ_TIMEOUT:
    case CLOSE_ABORTED:
    case CLOSE_REFUSED:
    case CLOSE_EVICTED:
    case CLOSE_REASON_COUNT: break;
    }
    return client->was_answered ? CLIENT_CUT : CLIENT_CLOSED;
}

static void on_close(struct protocol *protocol, enum close_reason why)
{
    struct http_client *client = client_of(protocol);
    struct client_user *user = client->user;
    enum client_end end = end_of(client, why);

    if (client->state == CLIENT_KEPT && list_is_linked(&client->node))
        client_leave_pool(client);
    list_remove(&client->node);
    CLIENT_COUNT(client, upstream_connections, -1);
    if (user)
        user->ops->on_end(user, end);
    mempool_free(client->clients->settings.mempool, client, sizeof(*client));
}

const struct protocol_ops http_client_protocol_ops = {
    .on_bytes = on_bytes,
    .on_end = on_end,
    .on_drained = on_drained,
    .on_deadline = on_deadline,
    .on_close = on_close,
};
