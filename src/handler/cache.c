/* SPDX-License-Identifier: MIT */
/* cache.c - what is fresh is answered at once; the rest has to wait, or is the proxy's. */
#include "handler/cache.h"

#include "cache/cache_key.h"
#include "handler/cache_private.h"
#include "http/error_response.h"

#include <stdlib.h>
#include <unistd.h>

struct writer cache_head_space(struct cache *cache)
{
    return writer_on(cache->head_space, cache->head_size);
}

/* --- keys */

struct slice cache_write_key_of(struct cache *cache, struct slice host, struct slice path,
                                struct slice query)
{
    struct writer w = writer_on(cache->key_space, cache->key_size);

    cache_key_write(&w, host, path, query);
    return w.overflow ? slice_of(NULL, 0) : writer_content(&w);
}

struct slice cache_write_key(struct cache *cache, const struct request *req)
{
    return cache_write_key_of(cache, req->host, req->path, req->query);
}

/* --- requests */

/* What a cache can answer. If-Match and If-Unmodified-Since are for the upstream to judge. */
static bool is_for_cache(const struct request *req, const struct http_site *site)
{
    const uint32_t not_ours = BIT(HEADER_IF_MATCH) | BIT(HEADER_IF_UNMODIFIED_SINCE);

    return (req->method == METHOD_GET || req->method == METHOD_HEAD) && req->framing == BODY_NONE &&
           req->path.len > 0 && (req->headers.present & not_ours) == 0 &&
           !forward_wants_upgrade(req, &site->location->forward);
}

static void pass(struct cache *cache, const struct request *req, struct response *resp)
{
    struct handler *proxy = cache->http->handlers[ANSWER_PROXY];

    counter_add(&cache->http->counters->replies_passed, 1);
    proxy->ops->start(proxy, req, resp);
}

static void wait(struct cache *cache, struct shelf *shelf, struct slice key,
                 enum visitor_state state, struct response *resp)
{
    struct visitor *visitor = visitor_create(cache, shelf, resp->site, key);

    if (!visitor) {
        error_response(cache->http, resp, 503, "memory");
        return;
    }
    visitor->state = state;
    resp->pending = &visitor->pending;
}

/* Nobody waits for it: it is for those who come later. */
static void refresh_behind(struct shelf *shelf, const struct http_site *site,
                           const struct request *req, struct slice key,
                           const struct library_place *place)
{
    struct library *library = &shelf->library;
    struct library_place own;
    int64_t now_s = loop_now_ms(shelf->cache->http->loop) / 1000;
    enum fill_claim claim;

    if (fill_find(shelf, key, place, req) ||
        shelf_find_mark(shelf, &place->name, true, loop_wall_seconds(shelf->cache->http->loop)))
        return;
    claim = fill_claim(&library->shared->fills, library_fill_key(library, &place->name),
                       shelf->cache->self, now_s, library->config->lock_age_ms / 1000);
    if (claim == FILL_OTHERS)
        return;
    /* What is in memory may be older than what another worker has just brought. */
    library_forget(library, place, now_s * 1000);
    library_find(library, key, &req->headers, loop_now_ms(shelf->cache->http->loop), &own);
    if (own.stored && freshness_ttl(&own.stored->entry.freshness,
                                    loop_wall_seconds(shelf->cache->http->loop)) > 0) {
        if (claim == FILL_OURS)
            fill_release(&library->shared->fills, library_fill_key(library, &place->name),
                         shelf->cache->self);
    } else {
        (void)!fill_create(shelf, site, req, key, &own, NULL, claim == FILL_OURS);
    }
    open_file_unref(own.file);
}

/* True: @resp is the answer. */
static bool answer_stored(struct shelf *shelf, const struct request *req, struct slice key,
                          const struct library_place *place, struct response *resp)
{
    struct cache *cache = shelf->cache;
    struct http_context *http = cache->http;
    struct writer space = cache_head_space(cache);
    const struct freshness *freshness = &place->stored->entry.freshness;
    time_t now = loop_wall_seconds(http->loop);
    struct cache_control control = {.present = 0}; /* what is asked, where that counts */
    const char *how = NULL;

    if (shelf->rules.obeys_clients)
        cache_request_read(&req->headers, &control);
    switch (cache_rules_reuse(&shelf->rules, freshness, &control, now)) {
    case REUSE_FRESH: counter_add(&http->counters->replies_hit, 1); break;
    case REUSE_WHILE:
        counter_add(&http->counters->replies_stale, 1);
        refresh_behind(shelf, resp->site, req, key, place);
        break;
    case REUSE_NOT:
        if (!shelf_find_mark(shelf, &place->name, true, now) ||
            !freshness_may_serve_on_error(freshness, now))
            return false;
        counter_add(&http->counters->replies_stale, 1);
        how = "hit; detail=upstream-failed";
        break;
    }
    library_touch(&shelf->library, place, now);
    cache_answer(http, req, place, how, &space, resp);
    return true;
}

static void start_missing(struct shelf *shelf, const struct request *req, struct slice key,
                          const struct library_place *place, struct response *resp)
{
    struct cache *cache = shelf->cache;
    struct http_context *http = cache->http;
    struct cache_control control;

    cache_request_read(&req->headers, &control);
    if (cache_control_has(&control, CC_ONLY_IF_CACHED)) {
        error_response(http, resp, 504, "only-if-cached");
        return;
    }
    if ((req->method == METHOD_HEAD && !place->stored) ||
        forward_is_loop(req, proxy_name(http, &resp->site->location->forward)) ||
        shelf_find_mark(shelf, &place->index, false, loop_wall_seconds(http->loop))) {
        pass(cache, req, resp);
        return;
    }
    counter_add(&http->counters->replies_missed, 1);
    wait(cache, shelf, key, VISITOR_NEW, resp);
}

static void start(struct handler *handler, const struct request *req, struct response *resp)
{
    struct cache *cache = cache_of(handler);
    struct shelf *shelf;
    struct slice key;
    struct library_place place;

    if (!cache->shelves) {
        pass(cache, req, resp);
        return;
    }
    shelf = &cache->shelves[resp->site->location->cache_number];
    key = cache_write_key(cache, req);
    if (key.len > 0 && req->method == METHOD_PURGE) {
        wait(cache, shelf, key, VISITOR_PURGES, resp);
        return;
    }
    if (key.len == 0 || !is_for_cache(req, resp->site)) {
        pass(cache, req, resp);
        return;
    }
    library_find(&shelf->library, key, &req->headers, loop_now_ms(cache->http->loop), &place);
    if (!place.stored || !answer_stored(shelf, req, key, &place, resp))
        start_missing(shelf, req, key, &place, resp);
    open_file_unref(place.file);
}

/* --- its life */

static void destroy(struct handler *handler)
{
    struct cache *cache = cache_of(handler);

    for (size_t i = 0; i < cache->shelf_count; i++)
        shelf_close(&cache->shelves[i]);
    free(cache->shelves);
    free(cache->key_space);
    free(cache->head_space);
    free(cache);
}

static const struct handler_ops cache_ops = {
    .name = "cache",
    .start = start,
    .destroy = destroy,
    .takes_body = true,
};

struct handler *cache_create(struct http_context *http)
{
    struct cache *cache = malloc(sizeof(*cache) + CACHE_PIECE);

    if (!cache)
        return NULL;
    *cache = (struct cache){.handler.ops = &cache_ops, .http = http, .self = getpid()};
    list_init(&cache->fills);
    if (http->config->reply_cache_count == 0 || !http->cache_fds)
        return &cache->handler; /* nobody asks it, or only what it would do */
    cache->key_size = http->config->server.max_uri_size + http->config->server.max_header_size;
    cache->head_size = cache_answer_space(http->config);
    cache->key_space = malloc(cache->key_size);
    cache->head_space = malloc(cache->head_size);
    cache->shelves = calloc(http->config->reply_cache_count, sizeof(*cache->shelves));
    if (!cache->key_space || !cache->head_space || !cache->shelves)
        goto failed;
    for (size_t i = 0; i < http->config->reply_cache_count; i++) {
        cache->shelf_count = i + 1;
        if (shelf_open(cache, i) != 0)
            goto failed;
    }
    return &cache->handler;

failed:
    destroy(&cache->handler);
    return NULL;
}
