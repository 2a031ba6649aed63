/* SPDX-License-Identifier: MIT */
/*
 * http_context.h - all that the HTTP layer of one worker shares between its connections.
 *
 * Made by the worker from the configuration, after fork. Gives the factory that the server makes
 * protocols with. Borrows what it is given; owns its file cache, media types, handlers, access log
 * buffer and spare exchanges.
 */
#ifndef TINYWEB_HTTP_HTTP_CONTEXT_H
#define TINYWEB_HTTP_HTTP_CONTEXT_H

#include "base/counters.h"
#include "base/mempool.h"
#include "base/stats.h"
#include "config/config.h"
#include "event/event_loop.h"
#include "file/file_cache.h"
#include "file/siblings.h"
#include "http/access_log.h"
#include "http/error_page.h"
#include "http/handler.h"
#include "http/http_parser.h"
#include "http/http_site.h"
#include "http/latency.h"
#include "http/limit_log.h"
#include "http/own_paths.h"
#include "http/representation.h"
#include "http/request_id.h"
#include "net/factory.h"

struct cache_shared;
struct compressor;
struct exchange;
struct thread_pool;
struct router;
struct upstreams;

/* A body passes through behind its head, which stays: this much room it has at least. */
#define HTTP_BODY_ROOM 4096

struct http_settings {
    const struct config *config;
    struct event_loop *loop;
    struct mempool *mempool;
    struct thread_pool *threads;       /* ends after the connections, before this */
    struct upstreams *upstreams;       /* ends in the same way; NULL: there are none */
    struct worker_counters *counters;  /* ours */
    const int *root_fds;               /* of config->roots, opened by the master (O_PATH) */
    const int *cache_fds;              /* of config->reply_caches, the same */
    struct cache_shared *cache_shared; /* of all caches and workers */
    int access_log_fd;                 /* -1: off */
    const struct client_rates *rates;  /* borrowed; NULL: no limit */
    /* Makes what answers; called once for each kind. NULL: out of memory. */
    struct handler *(*make_handler)(struct http_context *http, enum answer_kind kind);
    /* Makes what answers at live_path and ready_path; NULL: nothing does. */
    struct handler *(*make_health)(struct http_context *http, const counter *is_draining);
    const counter *is_draining;
    /* Makes what answers at the paths of `status`; NULL: nothing does. */
    struct handler *(*make_status)(struct http_context *http, const struct server_stats *stats,
                                   const struct worker_counters *workers);
    const struct server_stats *stats;
    const struct worker_counters *all_counters; /* of all workers, by slot */
    struct file_observer *file_observer;        /* of the file cache; NULL: none */
};

/* Plain, for http/ and handler/; the fields are constant but for the caches behind them. */
struct http_context {
    struct factory factory;
    const struct config *config;
    struct event_loop *loop;
    struct mempool *mempool;
    struct worker_counters *counters;
    const int *root_fds;
    const int *cache_fds;
    struct cache_shared *cache_shared;
    struct file_cache *files;
    struct siblings *siblings;
    struct compressor *compressor;
    struct thread_pool *threads; /* for what would stop the loop */
    struct upstreams *upstreams; /* of handlers that pass requests on; NULL: there are none */
    struct mime_types *mime_types;
    struct representation_settings representation;
    struct http_parser_limits limits;
    bool identifies_requests; /* their client, or their id, is more than their connection tells */
    struct access_log *access_log; /* NULL: off */
    struct limit_log limit_log;
    const struct client_rates *rates; /* NULL: clients may ask as often as they like */
    struct handler *handlers[ANSWER_KIND_COUNT];
    struct http_site site;      /* of [server]: of each request, if there is no router */
    struct router *router;      /* NULL: there are no hosts and no locations */
    struct handler *health;     /* NULL: off */
    struct handler *status;     /* NULL: off */
    struct own_paths own_paths; /* theirs */
    char *path_space;           /* of the path that is being decoded, max_uri_size bytes */
    struct exchange *spare_exchanges;
    unsigned spare_count;
    unsigned exchange_count; /* taken and not given back */
    struct latency *latency; /* NULL: not measured */
    struct request_id_source request_ids;
    uint64_t boundary;               /* of the next multipart answer */
    time_t date_time;                /* what `date` says */
    char date[32];                   /* HTTP_DATE_SIZE bytes of it */
    char via[32];                    /* `via = auto` */
    const struct pending *described; /* whose answer is being sent whole; NULL: nobody's */
    char *header_space;              /* of the answer that is being made */
    size_t header_space_size;
    char error_space[ERROR_PAGE_BUILTIN_SIZE]; /* the built-in page that is being sent */
};

MUST_CHECK int http_context_create(const struct http_settings *settings,
                                   struct http_context **ret_http);
/* After the server is gone: every connection is closed. Flushes the access log. NULL is fine. */
void http_context_destroy(struct http_context *http);

/* The table of what [mime] says. 0 or -ENOMEM. */
MUST_CHECK int http_mime_types_create(const struct mime_config *mime,
                                      struct mime_types **ret_types);

struct factory *http_context_factory(struct http_context *http);

/* What a client hears whose connection is not accepted. */
enum http_refused { HTTP_TOO_MANY_CONNECTIONS, HTTP_SERVER_BUSY };
struct slice http_refusal(enum http_refused why);

/* The size of input buffers that the protocol needs. */
uint32_t http_input_size(const struct config *config);

/* The log was rotated: what is buffered goes to the old descriptor, the rest to @fd. */
void http_context_set_access_log(struct http_context *http, int fd);

/* The Date of this second, HTTP_DATE_SIZE bytes without a terminator. */
const char *http_context_date(struct http_context *http);

#endif
