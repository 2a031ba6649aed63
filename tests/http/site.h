/* SPDX-License-Identifier: MIT */
/*
 * site.h - a folder of files, the HTTP layer that serves it, and clients without sockets.
 *
 *     site_init(&site);
 *     site_file(&site, "a.txt", "hello");
 *     site_start(&site);                              the configuration is fixed from here on
 *     client_open(&site, &client, "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
 *     client_reply(&client, false, &reply);
 *     client_close(&client);
 *     site_done(&site);
 *
 * For programs linked with -Wl,--wrap=clock_gettime. The clock stands at SITE_NOW; files are of
 * SITE_MTIME.
 */
#ifndef HTTP_SITE_H
#define HTTP_SITE_H

#include "http/http_context.h"
#include "net/connection_pool.h"
#include "support/memory_transport.h"

#define SITE_NOW 4102444800 /* seconds */
#define SITE_DATE "Fri, 01 Jan 2100 00:00:00 GMT"
#define SITE_MTIME 784111777
#define SITE_MTIME_DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define SITE_CLIENTS_MAX 64
#define SITE_PEERS_MAX 4096

struct site {
    /* To be changed between site_init and site_start. */
    struct config config;
    /* Usually that of the registry. */
    struct handler *(*make_handler)(struct http_context *http, enum answer_kind kind);
    struct handler *(*make_health)(struct http_context *http, const counter *is_draining);
    struct handler *(*make_status)(struct http_context *http, const struct server_stats *stats,
                                   const struct worker_counters *workers);
    counter is_draining;
    struct server_stats stats; /* of one worker, whose counters are below */
    bool is_far;               /* clients come from 192.0.2.1, not from this machine */
    char root[64];
    int root_fd, log_fd;
    struct worker_counters counters;
    struct event_loop *loop;
    struct mempool *mempool;
    struct thread_pool *threads;
    struct http_context *http;
    struct connection_pool *pool;
    struct memory_transport *peers[SITE_PEERS_MAX]; /* not forgotten yet */
};

struct client {
    struct site *site;
    struct memory_transport *peer; /* the site's, so that a test may fail and leave it */
    struct conn_ref ref;
    size_t seen; /* of what was received: replies that were looked at */
};

struct reply {
    unsigned status;
    struct slice head, content; /* the head with its empty line */
};

void site_init(struct site *site);
void site_file(struct site *site, const char *name, const char *content);
void site_bytes(struct site *site, const char *name, struct slice content);
/* Of @size bytes that tell their place. */
void site_large_file(struct site *site, const char *name, size_t size);
char site_byte(size_t at);
void site_folder(struct site *site, const char *name);
void site_start(struct site *site);
/* Iterations of the loop until nothing is posted. */
void site_turn(struct site *site);
/* The clock goes on, and what is due happens. */
void site_wait(struct site *site, int64_t ms);
/* The access log so far; terminated, valid until the next call. */
const char *site_log(struct site *site);
void site_done(struct site *site);
/* For client_init and client_close. */
struct memory_transport *site_peer(struct site *site);
void site_forget_peer(struct site *site, struct memory_transport *peer);

/* A connection whose first bytes are there; @text is borrowed until it is read. */
void client_open(struct site *site, struct client *client, const char *text);
/* The same, before its first byte: change *client->peer, then client_start. */
void client_init(struct site *site, struct client *client);
void client_start(struct client *client);
bool client_try(struct client *client); /* false: there was no memory for a connection */
/* More bytes, which are delivered at once. */
void client_send(struct client *client, const char *text);
void client_send_bytes(struct client *client, struct slice bytes);
void client_end(struct client *client); /* no more will come */
/* Its connection, or NULL when it is closed. */
struct connection *client_conn(const struct client *client);
/* What was received and not been taken by client_reply. */
struct slice client_rest(const struct client *client);
void client_close(struct client *client);

/* Turn until there is something to read: a thread works on it. */
void client_wait(const struct client *client);
/* The next reply, whole and well-formed; @is_head: without content. */
void client_reply(struct client *client, bool is_head, struct reply *ret_reply);
/* The value of a field, "" with a NULL pointer when there is none; fails when there are two. */
struct slice reply_field(const struct reply *reply, const char *name);
void assert_field(const struct reply *reply, const char *name, const char *value);
/* NULL @value: there is none. */
#define assert_no_field(reply, name) assert_field(reply, name, NULL)
void assert_content(const struct reply *reply, const char *content);
/* The next reply has @status. */
void expect_status(struct client *client, unsigned status);
/* Nothing more was received. */
void expect_nothing(const struct client *client);
/* The connection has ended, in order or by a reset. */
void expect_closed(const struct client *client, bool by_reset);

/* One request on a connection of its own; the reply is valid until site_done. */
struct reply ask(struct site *site, const char *text);

#endif
