/* SPDX-License-Identifier: MIT */
/* http_context.c - builds what the connections of one worker share. */
#include "http/http_context.h"

#include "base/log.h"
#include "http/access_json.h"
#include "http/compressor.h"
#include "http/exchange.h"
#include "http/forward.h"
#include "http/http_date.h"
#include "http/http_protocol.h"
#include "http/router.h"
#include "http/site_lines.h"
#include "http/status_access.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>

/* An encoded path is at most three times as long as the bytes it stands for. */
#define ENCODED_FACTOR 3
/* No line of the configuration, from which a redirect's target comes, is longer. */
#define LOCATION_TEXT_MAX 1024
/* Of the descriptors that this process may have, the cache holds at most this share. */
#define CACHED_FILES_SHARE 4

static uint64_t random_number(void)
{
    struct timespec now;
    uint64_t number = 0;

    if (getrandom(&number, sizeof(number), GRND_NONBLOCK) == sizeof(number))
        return number;
    /* Only at boot, before the kernel has collected enough: then a weaker seed is no drama. */
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec;
}

static uint32_t max_cached_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
        return 64;
    return (uint32_t)(MIN(limit.rlim_cur, (rlim_t)UINT32_MAX) / CACHED_FILES_SHARE);
}

/* Enough for the heads of all sites. */
static size_t headroom_of(const struct config *config)
{
    size_t room = site_lines_room(&config->site);

    for (size_t i = 0; i < config->host_count; i++)
        room = MAX(room, site_lines_room(&config->hosts[i].site));
    for (size_t i = 0; i < config->route_count; i++)
        room = MAX(room, site_lines_room(&config->routes[i].site));
    return REPRESENTATION_HEADROOM + room;
}

static int create_files(struct http_context *http, struct file_observer *observer)
{
    const struct cache_config *cache = &http->config->cache;
    const struct file_cache_settings settings = {
        .valid_ms = cache->valid_ms,
        .max_entries = cache->max_entries,
        .max_open = max_cached_files(),
        .max_size = cache->max_size,
        .max_file_size = cache->max_file_size,
        .headroom = headroom_of(http->config),
        .hash_seed = random_number(),
        .hits = &http->counters->file_cache_hits,
        .misses = &http->counters->file_cache_misses,
        .observer = observer,
    };

    return file_cache_create(&settings, &http->files);
}

static int create_siblings(struct http_context *http)
{
    const struct siblings_settings settings = {
        .valid_ms = http->config->cache.valid_ms,
        .hash_seed = random_number(),
    };

    return siblings_create(&settings, &http->siblings);
}

int http_mime_types_create(const struct mime_config *mime, struct mime_types **ret_types)
{
    struct mime_types *types = mime_types_create(mime->count,
                                                 slice_from_string(mime->default_type));

    if (!types)
        return -ENOMEM;
    for (size_t i = 0; i < mime->count; i++) {
        int err = mime_types_add(types, slice_from_string(mime->rows[i].extension),
                                 slice_from_string(mime->rows[i].type));

        if (err) {
            mime_types_destroy(types);
            return err;
        }
    }
    *ret_types = types;
    return 0;
}

static int create_mime_types(struct http_context *http)
{
    const struct mime_config *mime = &http->config->mime;
    int err = http_mime_types_create(mime, &http->mime_types);

    if (err)
        return err;
    http->representation = (struct representation_settings){
        .mime_types = http->mime_types,
        .charset = mime->charset ? slice_from_string(mime->charset) : slice_of(NULL, 0),
    };
    return 0;
}

static int create_header_space(struct http_context *http)
{
    const struct server_config *server = &http->config->server;

    /* A Location: of the configuration, then the re-encoded path and the query of a target. */
    http->header_space_size = LOCATION_TEXT_MAX +
                              (size_t)server->max_uri_size * (ENCODED_FACTOR + 1) +
                              REQUEST_ID_LINE_MAX + 256;
    http->header_space = malloc(http->header_space_size);
    http->path_space = malloc(server->max_uri_size);
    return http->header_space && http->path_space ? 0 : -ENOMEM;
}

/* Memory is short: files can be read again, and idle clients connect again. */
static bool on_pressure(void *context, size_t wanted)
{
    struct http_context *http = context;

    (void)wanted;
    siblings_trim(http->siblings);
    return file_cache_trim(http->files);
}

static int create_handlers(struct http_context *http, const struct http_settings *settings)
{
    for (unsigned kind = 0; kind < ANSWER_KIND_COUNT; kind++) {
        http->handlers[kind] = settings->make_handler(http, (enum answer_kind)kind);
        if (!http->handlers[kind])
            return -ENOMEM;
    }
    return 0;
}

static void destroy_handlers(struct http_context *http)
{
    for (unsigned kind = 0; kind < ANSWER_KIND_COUNT; kind++) {
        if (http->handlers[kind])
            http->handlers[kind]->ops->destroy(http->handlers[kind]);
    }
    if (http->health)
        http->health->ops->destroy(http->health);
    if (http->status)
        http->status->ops->destroy(http->status);
}

static bool is_health_asker(const struct http_context *http, const struct request *req,
                            const struct address *peer)
{
    (void)req;
    return http->config->server.health == HEALTH_ON || address_is_loopback(peer);
}

static int create_health(struct http_context *http, const struct http_settings *settings)
{
    const struct server_config *server = &settings->config->server;

    if (!settings->make_health || server->health == HEALTH_OFF)
        return 0;
    http->health = settings->make_health(http, settings->is_draining);
    if (!http->health)
        return -ENOMEM;
    own_paths_add(&http->own_paths,
                  &(struct own_path){server->live_path, http->health, is_health_asker});
    own_paths_add(&http->own_paths,
                  &(struct own_path){server->ready_path, http->health, is_health_asker});
    return 0;
}

static int create_status(struct http_context *http, const struct http_settings *settings)
{
    static const char *const names[] = {"-/", "-/status", "-/status.json", "-/metrics"};

    if (!settings->make_status || !settings->config->server.status)
        return 0;
    http->status = settings->make_status(http, settings->stats, settings->all_counters);
    http->latency = latency_create(http->loop, http->counters, http->mempool);
    if (!http->status || !http->latency)
        return -ENOMEM;
    for (unsigned i = 0; i < COUNT_OF(names); i++)
        own_paths_add(&http->own_paths,
                      &(struct own_path){names[i], http->status, status_access_is_allowed});
    return 0;
}

static void prepare_identification(struct http_context *http, const struct server_config *server)
{
    http->identifies_requests = server->client_address != CLIENT_ADDRESS_PEER || server->request_id;
    if (server->request_id)
        http->request_ids.key = (struct siphash_key){random_number(), random_number()};
}

static size_t (*const line_writers[])(struct access_line *line, const struct access_record *record,
                                      time_t now, char *out) = {
    [ACCESS_LOG_COMBINED] = access_line_write,
    [ACCESS_LOG_VHOST_COMBINED] = access_line_write_vhost,
    [ACCESS_LOG_UPSTREAM] = access_line_write_upstream,
    [ACCESS_LOG_JSON] = access_json_write,
};

static int build(struct http_context *http, const struct http_settings *settings)
{
    const struct server_config *server = &settings->config->server;
    int err = create_files(http, settings->file_observer);

    if (!err)
        err = create_siblings(http);
    if (!err)
        err = create_mime_types(http);
    if (!err)
        err = create_header_space(http);
    if (err)
        return err;
    http->limits = (struct http_parser_limits){
        .max_header_size = server->max_header_size,
        .max_uri_size = server->max_uri_size,
        .max_header_count = (uint16_t)server->max_header_count,
    };
    http->boundary = random_number() | UINT64_C(1) << 63; /* always of the same length */
    prepare_identification(http, server);
    if (settings->access_log_fd != -1) {
        http->access_log = access_log_create(
            http->loop, settings->access_log_fd, &http->counters->log_lines_dropped,
            &(struct access_log_settings){
                .write_line = line_writers[server->access_log_format],
                .delay_ms = server->access_log_delay_ms,
                .sample = server->access_log_sample,
            });
        if (!http->access_log)
            return -ENOMEM;
    }
    http->compressor = compressor_create(http->threads, http->files, headroom_of(http->config));
    if (!http->compressor)
        return -ENOMEM;
    err = create_handlers(http, settings);
    if (!err)
        err = create_health(http, settings);
    if (!err)
        err = create_status(http, settings);
    if (err)
        return err;
    http_site_init(&http->site, http, &http->config->site, NULL);
    err = router_create(http, &http->router);
    if (err)
        return err;
    mempool_set_pressure_handler(http->mempool, on_pressure, http);
    return 0;
}

int http_context_create(const struct http_settings *settings, struct http_context **ret_http)
{
    struct http_context *http = calloc(1, sizeof(*http));
    int err;

    if (!http)
        return -ENOMEM;
    http->factory.make = http_protocol_make;
    http->config = settings->config;
    http->loop = settings->loop;
    http->mempool = settings->mempool;
    http->threads = settings->threads;
    http->upstreams = settings->upstreams;
    if (http->upstreams)
        forward_make_name(slice_from_string(http->config->path ? http->config->path : ""),
                          http->via);
    http->counters = settings->counters;
    limit_log_init(&http->limit_log, settings->counters);
    http->rates = settings->rates;
    http->root_fds = settings->root_fds;
    http->cache_fds = settings->cache_fds;
    http->cache_shared = settings->cache_shared;
    err = build(http, settings);
    if (err) {
        http_context_destroy(http);
        return err;
    }
    *ret_http = http;
    return 0;
}

void http_context_destroy(struct http_context *http)
{
    if (!http)
        return;
    mempool_set_pressure_handler(http->mempool, NULL, NULL);
    access_log_destroy(http->access_log);
    destroy_handlers(http);
    latency_destroy(http->latency);
    while (http->spare_exchanges) {
        struct exchange *exchange = http->spare_exchanges;

        http->spare_exchanges = exchange->next;
        http_parser_destroy(exchange->parser);
        free(exchange);
    }
    router_destroy(http->router);
    compressor_destroy(http->compressor);
    file_cache_destroy(http->files);
    siblings_destroy(http->siblings);
    mime_types_destroy(http->mime_types);
    free(http->header_space);
    free(http->path_space);
    free(http);
}

struct factory *http_context_factory(struct http_context *http)
{
    return &http->factory;
}

/* Without a Date, which a 503 need not have (RFC 9110 section 6.6.1). */
#define REFUSAL(len, text)                                                                         \
    SLICE_LITERAL("HTTP/1.1 503 Service Unavailable\r\nServer: TinyWeb\r\n"                        \
                  "Content-Type: text/plain\r\nContent-Length: " #len "\r\n"                       \
                  "Retry-After: 1\r\nConnection: close\r\n\r\n" text)

struct slice http_refusal(enum http_refused why)
{
    return why == HTTP_TOO_MANY_CONNECTIONS
               ? REFUSAL(40, "Too many connections from your address.\n")
               : REFUSAL(46, "The server has too many connections just now.\n");
}

uint32_t http_input_size(const struct config *config)
{
    return config->server.max_header_size + HTTP_BODY_ROOM;
}

void http_context_set_access_log(struct http_context *http, int fd)
{
    if (http->access_log)
        access_log_set_fd(http->access_log, fd);
}

const char *http_context_date(struct http_context *http)
{
    time_t now = loop_wall_seconds(http->loop);

    if (UNLIKELY(http->date_time != now)) {
        http_date_format(http->date, now);
        http->date_time = now;
    }
    return http->date;
}
