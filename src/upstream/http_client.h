/* SPDX-License-Identifier: MIT */
/*
 * http_client.h - our side of HTTP/1.1 to another server: connections, each with one request at a time.
 *
 *   CONNECTING ──► HEAD ──► CONTENT ──► KEPT ──► HEAD …
 *                   │                    (idle_pool.h)
 *                   └──► TUNNEL
 *
 * Who has a request on a connection is its client_user, from http_clients_connect() or
 * http_client_take() until on_end(), or http_client_drop(). Between two users nothing of the first is
 * left; bytes of the server that belong to no request end the connection and go to nobody.
 */
#ifndef TINYWEB_UPSTREAM_HTTP_CLIENT_H
#define TINYWEB_UPSTREAM_HTTP_CLIENT_H

#include "base/counters.h"
#include "base/mempool.h"
#include "config/config.h"
#include "event/event_loop.h"
#include "http/reply_parser.h"
#include "http/request.h"
#include "net/transport.h"

struct client_user;
struct http_client;
struct http_clients;
struct idle_pool;

/* Heads of 1xx before the final one. */
#define CLIENT_INTERIM_MAX 8

/* Why there will be no more of a reply. */
enum client_end {
    CLIENT_DONE, /* it is complete */
    CLIENT_CONNECT_REFUSED,
    CLIENT_CONNECT_FAILED,
    CLIENT_CONNECT_TIMEOUT,
    CLIENT_NO_SOCKET, /* we have no descriptor, port or slot left */
    CLIENT_NO_MEMORY,
    CLIENT_CLOSED, /* by the server, before the first byte of a reply */
    CLIENT_CUT,    /* … or within it */
    CLIENT_HEAD_TIMEOUT,
    CLIENT_READ_TIMEOUT,
    CLIENT_SEND_TIMEOUT,
    CLIENT_BAD_HEAD,
    CLIENT_HEAD_TOO_LARGE,
    CLIENT_BAD_CONTENT,
    CLIENT_TOO_MANY_INTERIM, /* more than CLIENT_INTERIM_MAX */
    CLIENT_UNASKED_SWITCH,
    CLIENT_TUNNEL_TIMEOUT,
    CLIENT_SHUTDOWN,
    CLIENT_END_COUNT,
};

/* None is called from within a function below. Each may call all of them; after http_client_drop()
 * there is no further call. */
struct client_user_ops {
    /* Of http_clients_connect(): http_client_begin() has to follow, at once. */
    void (*on_connected)(struct client_user *user);
    /* A head, also of 1xx. False: neither it nor anything else is wanted now, until
     * http_client_resume(), and it will be told again. */
    bool (*on_head)(struct client_user *user, const struct reply *reply);
    /* Returns how much was taken; with less than all nothing more comes until http_client_resume(). In
     * a tunnel an empty slice tells that the server has ended its side. */
    size_t (*on_content)(struct client_user *user, struct slice bytes);
    /* http_client_send() takes more. */
    void (*on_room)(struct client_user *user);
    /* After a request that expects_continue, whose content is to be sent now: no answer has come within a
     * second. (If 100 comes, it is on_head() that tells.) */
    void (*on_continue)(struct client_user *user);
    /* Last. The connection is kept, or closed, already; until this returns it may be asked about. */
    void (*on_end)(struct client_user *user, enum client_end why);
};

struct client_user {
    const struct client_user_ops *ops;
};

struct http_clients_settings {
    struct event_loop *loop;
    struct mempool *mempool;
    const struct upstream_config *config; /* borrowed */
    uint32_t head_max;                    /* of a reply, in bytes */
    uint32_t capacity;                    /* connections */
    bool (*make_room)(void *context); /* close what somebody else keeps; NULL: nobody else does */
    void *context;
    struct worker_counters *counters;      /* NULL: nothing is counted */
    const struct transport_ops *transport; /* NULL: plain TCP */
};

/* All connections of a worker to the servers of one [upstream]. */
MUST_CHECK int http_clients_create(const struct http_clients_settings *settings,
                                   struct http_clients **ret_clients);
/* Closes all: users that are left hear CLIENT_SHUTDOWN. NULL is fine. */
void http_clients_destroy(struct http_clients *clients);
/* From now on none is kept, and those that are kept are closed. */
void http_clients_drain(struct http_clients *clients);

/* Close the one that is kept the longest; false: none is. */
bool http_clients_evict(struct http_clients *clients);

/*
 * A new connection for @user, which @pool may keep later, unless it is NULL. Returns 0, with *@ret_client; on_connected()
 * or on_end() follow, never from within this; -ENOMEM.
 */
MUST_CHECK int http_clients_connect(struct http_clients *clients, const struct sockaddr *addr,
                                    socklen_t addr_size, struct idle_pool *pool,
                                    struct client_user *user, struct http_client **ret_client);
/* A kept connection for @user, the one used last, which http_client_begin() has to follow; NULL: there
 * is none. With @is_checked one that the server has ended is not given: that costs a system call. */
struct http_client *http_clients_take(struct idle_pool *pool, struct client_user *user,
                                      bool is_checked);

/* The server has another address: close all that @pool keeps, and keep none that is busy now. */
void http_clients_close_kept(struct idle_pool *pool);

/* A request has come to an end: enum fetch_outcome. */
void http_clients_count(struct http_clients *clients, unsigned outcome);

/* What is sent; @framing of the content is what @head says of it. */
struct client_request {
    struct slice prologue; /* of a new connection, before its first head: copied */
    struct slice head;     /* copied */
    enum body_framing framing;
    bool expects_continue; /* the user holds the content back until on_continue() */
    struct reply_context context;
};

/* 0 or -ENOMEM, after which the user should drop it. */
MUST_CHECK int http_client_begin(struct http_client *client, const struct client_request *request);
/*
 * Content without framing, as much as there is room for, which is returned; @is_last with the end of it,
 * which is seen when all was taken. When less was taken on_room() comes. After a final head that came
 * before the end all is taken, and dropped.
 */
size_t http_client_send(struct http_client *client, struct slice bytes, bool is_last);
/* on_room() comes when what is queued has left. */
void http_client_want_room(struct http_client *client);
void http_client_resume(struct http_client *client);
/* The request is @user's from now on. */
void http_client_hand_over(struct http_client *client, struct client_user *user);
/* Nobody wants more of this: the connection is closed, and the user is told nothing. */
void http_client_drop(struct http_client *client);

/* Whether another request was on it before this one. */
bool http_client_is_reused(const struct http_client *client);
/* Whether a byte of an answer to this request has come. */
bool http_client_was_answered(const struct http_client *client);
/* Bytes of the current request that the kernel took. */
uint64_t http_client_sent_bytes(const struct http_client *client);

#endif
