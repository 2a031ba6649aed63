/* SPDX-License-Identifier: MIT */
/*
 * http_context.h - all that the HTTP layer of one worker shares between its connections.
 *
 * Made by the worker from the configuration, after fork. Gives the factory that the server makes
 * protocols with. Borrows everything; owns its caches, pools and the access log's buffer.
 */
#ifndef TINYWEB_HTTP_HTTP_CONTEXT_H
#define TINYWEB_HTTP_HTTP_CONTEXT_H

#include "base/counters.h"
#include "base/mempool.h"
#include "config/config.h"
#include "event/event_loop.h"
#include "net/factory.h"

struct http_context;

struct http_settings {
    const struct config *config;
    struct event_loop *loop;
    struct mempool *mempool;
    struct worker_counters *counters; /* ours */
    int root_fd;                      /* of the document root, opened by the master (O_PATH) */
    int access_log_fd;                /* -1: off */
};

MUST_CHECK int http_context_create(const struct http_settings *settings,
                                   struct http_context **ret_http);
/* After the server is gone: every connection is closed. Flushes the access log. */
void http_context_destroy(struct http_context *http);

struct factory *http_context_factory(struct http_context *http);

/* The log was rotated: what is buffered goes to the old descriptor, the rest to @fd. */
void http_context_set_access_log(struct http_context *http, int fd);

#endif
