/* SPDX-License-Identifier: MIT */
/* http_client_private.h - what the http_client*.c files share. */
#ifndef TINYWEB_UPSTREAM_HTTP_CLIENT_PRIVATE_H
#define TINYWEB_UPSTREAM_HTTP_CLIENT_PRIVATE_H

#include "net/connection_pool.h"
#include "net/connector.h"
#include "upstream/http_client.h"
#include "upstream/idle_pool.h"

#define FIELD_COUNT_MAX 256
/* How long a server may take to say 100 before the content is sent all the same (RFC 9110 section
 * 10.1.1: many never say it). */
#define CONTINUE_MS 1000

enum client_state {
    CLIENT_CONNECTING, /* no connection yet; or never, when it is retired */
    CLIENT_HEAD,       /* the request is being sent, or its reply's head is read */
    CLIENT_CONTENT,
    CLIENT_TUNNEL,
    CLIENT_KEPT, /* in its pool, or closed */
};

struct http_client {
    struct protocol protocol;
    struct http_clients *clients;
    struct idle_pool *pool;
    struct client_user *user; /* NULL: nobody has a request on it */
    struct connection *conn;  /* NULL until it is connected */
    /* CONNECTING: in clients->connecting, and then ->retired. KEPT: in the pool. Else in clients->posted
     * while it waits for its turn, or nowhere. */
    struct list_node node;
    struct connector connector;
    int connect_result; /* that was known at once */
    struct reply_parser parser;
    struct reply_context context;
    int64_t opened_ms;
    uint64_t sent_before; /* bytes of earlier requests */
    uint32_t requests;
    uint32_t generation; /* of the pool, when it was connected */
    uint32_t held;   /* bytes of content at the front of the input, which the user has not taken */
    uint8_t state;   /* enum client_state */
    uint8_t framing; /* enum body_framing, of the request */
    uint8_t interim_count;
    bool request_is_complete : 1;
    bool was_answered : 1;        /* a byte of the reply has come */
    bool may_keep : 1;            /* as the head says */
    bool content_is_complete : 1; /* but for what is held */
    bool is_paused : 1;
    bool wants_room : 1;
    bool awaits_continue : 1;
    bool output_ends : 1; /* of a tunnel: when all is sent */
    bool output_has_ended : 1;
    bool input_has_ended : 1;
};

struct http_clients {
    struct http_clients_settings settings;
    struct factory factory;
    struct connection_pool *connections;
    struct reply_limits limits;
    struct list_node connecting;
    struct list_node retired; /* freed at the end of the iteration */
    struct list_node posted;  /* those who go on at the end of the iteration */
    struct task retire;
    struct task go_on;
    struct http_client *opening; /* gets the next connection */
    bool is_draining;
    struct header rows[FIELD_COUNT_MAX];
};

static inline const struct upstream_config *config_of(const struct http_client *client)
{
    return client->clients->settings.config;
}

static inline void client_count(const struct http_client *client, size_t offset, int change)
{
    struct worker_counters *counters = client->clients->settings.counters;

    if (counters)
        counter_add((counter *)(void *)((char *)counters + offset), (uint64_t)(int64_t)change);
}

/* One more, or one less, of what worker_counters names. */
#define CLIENT_COUNT(client, name, change)                                                         \
    client_count((client), offsetof(struct worker_counters, name), (change))

static inline void client_enter_pool(struct http_client *client)
{
    idle_pool_put(client->pool, &client->node);
    CLIENT_COUNT(client, upstream_kept, 1);
}

static inline void client_leave_pool(struct http_client *client)
{
    idle_pool_remove(client->pool, &client->node);
    CLIENT_COUNT(client, upstream_kept, -1);
}

/* http_clients.c */
/* It goes on, soon. */
void http_client_post(struct http_client *client);
/* It has no connection, and will have none. */
void http_client_retire(struct http_client *client);

/* http_client.c */
/* The user is told, and has no more of it; the connection is closed, or kept. */
void http_client_fail(struct http_client *client, enum client_end why);
void http_client_finish(struct http_client *client);

/* http_client_read.c */
extern const struct protocol_ops http_client_protocol_ops;
/* Read what is in the buffer, until there is no more or it is paused. */
void http_client_read(struct http_client *client);
/* The deadline of the state it is in begins. */
void http_client_begin_deadline(struct http_client *client);

#endif
