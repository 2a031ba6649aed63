/* SPDX-License-Identifier: MIT */
/* cache.c - what is fresh is answered at once; the rest has to wait, or is the proxy's. */
#include "handler/cache.h"

#include "cache/cache_key.h"
#include "handler/cache_private.h"
#include "http/error_response.h"

#include <stdlib.h>
#include <unistd.h>

#define SWEEP_FILES 100
#define SWEEP_STEP_MS 10
#define SWEEP_PAUSE_MS 10000
/* A sweeper that has said nothing for so long is gone. */
#define SWEEP_AGE_S 60
#define MARK_DOUBLED_MAX 5

static struct cache *cache_of(struct handler *handler)
{
    return container_of(handler, struct cache, handler);
}

struct writer cache_head_space(struct cache *cache)
{
    return writer_on(cache->head_space, cache->head_size);
}

/* --- what was learned of keys */

static uint64_t mark_key(const struct store_name *name)
{
    return name->tag.low ^ name->tag.high;
}

struct cache_mark *cache_find_mark(struct shelf *shelf, const struct store_name *name, bool fails,
                                   time_t now)
{
    struct cache_mark *mark = &shelf->marks[mark_key(name) % CACHE_MARKS];

    return mark->key == mark_key(name) && mark->fails == fails && now < mark->until ? mark : NULL;
}

/* A key that fails again rests for longer: 1, 2, 4 … 32 s. */
void cache_set_mark(struct shelf *shelf, const struct store_name *name, bool fails, time_t now)
{
    struct cache_mark *mark = &shelf->marks[mark_key(name) % CACHE_MARKS];
    bool is_again = mark->key == mark_key(name) && mark->fails && fails;
    uint8_t doubled = is_again ? (uint8_t)MIN(mark->doubled + 1, MARK_DOUBLED_MAX) : 0;

    *mark = (struct cache_mark){
        .key = mark_key(name),
        .until = now + (fails ? (time_t)1 << doubled : CACHE_PASS_S),
        .fails = fails,
        .doubled = doubled,
    };
}

void cache_clear_mark(struct shelf *shelf, const struct store_name *name)
{
    struct cache_mark *mark = &shelf->marks[mark_key(name) % CACHE_MARKS];

    if (mark->key == mark_key(name))
        *mark = (struct cache_mark){.key = 0};
}

/* --- keys */

static struct slice write_key(struct cache *cache, struct slice host, struct slice path,
                              struct slice query)
{
    struct writer w = writer_on(cache->key_space, cache->key_size);

    cache_key_write(&w, host, path, query);
    return w.overflow ? slice_of(NULL, 0) : writer_content(&w);
}

struct slice cache_write_key(struct cache *cache, const struct request *req)
{
    return write_key(cache, req->host, req->path, req->query);
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
        cache_find_mark(shelf, &place->name, true, loop_wall_seconds(shelf->cache->http->loop)))
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
    struct cache_control control;
    const char *how = NULL;

    cache_request_read(&req->headers, &control);
    switch (cache_rules_reuse(&shelf->rules, freshness, &control, now)) {
    case REUSE_FRESH: counter_add(&http->counters->replies_hit, 1); break;
    case REUSE_WHILE:
        counter_add(&http->counters->replies_stale, 1);
        refresh_behind(shelf, resp->site, req, key, place);
        break;
    case REUSE_NOT:
        if (!cache_find_mark(shelf, &place->name, true, now) ||
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
        cache_find_mark(shelf, &place->index, false, loop_wall_seconds(http->loop))) {
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

/* --- what is no longer true */

void cache_answer_purge(struct visitor *visitor, struct response *resp)
{
    struct http_context *http = visitor->cache->http;
    struct library *library = &visitor->shelf->library;
    struct slice key = slice_of(visitor->key, visitor->key_len);

    if (!network_list_contains(&library->config->purge, pending_peer(&visitor->pending))) {
        error_response(http, resp, 403, "purge");
        return;
    }
    resp->reason = "purge";
    resp->status = library_purge(library, key, loop_now_ms(http->loop)) ? 200 : 404;
    resp->kind = CONTENT_TEXT;
    resp->text = resp->status == 200 ? SLICE_LITERAL("purged\n") : SLICE_LITERAL("nothing there\n");
    resp->text_type = SLICE_LITERAL("text/plain");
}

static void on_purged(struct library *library, const struct store_name *name)
{
    struct shelf *shelf = container_of(library, struct shelf, library);
    struct list_node *fills = &shelf->cache->fills;

    for (struct list_node *node = fills->next; node != fills; node = node->next) {
        struct fill *fill = container_of(node, struct fill, node);

        if (fill->shelf == shelf && (!name || siphash_equal(fill->place.index.tag, name->tag)))
            fill->is_void = true;
    }
}

/* Another target of the same host that a field names: "/a", or "http://host/a". */
static void purge_named(struct cache *cache, struct shelf *shelf, const struct request *req,
                        struct slice target)
{
    const struct slice scheme = SLICE_LITERAL("http://");
    struct slice host = req->host;
    ptrdiff_t end;

    if (slice_starts_with(target, scheme)) {
        target = slice_from(target, scheme.len);
        end = slice_find(target, '/');
        if (end < 0 || !slice_equal_nocase(slice_of(target.data, (size_t)end), req->host))
            return;
        target = slice_from(target, (size_t)end);
    }
    end = slice_find(target, '#');
    if (end >= 0)
        target.len = (size_t)end;
    if (target.len == 0 || target.data[0] != '/' || slice_starts_with(target, SLICE_LITERAL("//")))
        return;
    target = write_key(cache, host, target, slice_of("", 0));
    if (target.len > 0)
        (void)library_purge(&shelf->library, target, loop_now_ms(cache->http->loop));
}

void cache_note_reply(struct http_context *http, const struct http_site *site,
                      const struct request *req, const struct reply *reply)
{
    struct cache *cache;
    struct shelf *shelf;
    struct slice key;

    if (!site->location || !site->location->cache ||
        !cache_rules_invalidate(req->method, reply->status))
        return;
    cache = cache_of(http->handlers[ANSWER_CACHE]);
    shelf = &cache->shelves[site->location->cache_number];
    key = cache_write_key(cache, req);
    if (key.len > 0)
        (void)library_purge(&shelf->library, key, loop_now_ms(http->loop));
    for (unsigned i = 0; i < reply->headers.count; i++) {
        const struct header *row = &reply->headers.rows[i];

        if (header_is(row, SLICE_LITERAL("location")) ||
            header_is(row, SLICE_LITERAL("content-location")))
            purge_named(cache, shelf, req, row->value);
    }
}

/* --- the sweep */

static void on_sweep(struct timer *timer)
{
    struct shelf *shelf = container_of(timer, struct shelf, sweep_timer);
    struct library *library = &shelf->library;
    struct event_loop *loop = shelf->cache->http->loop;
    int64_t now_ms = loop_now_ms(loop);
    uint64_t key = library->salt ^ 1;
    uint32_t wait_ms = SWEEP_PAUSE_MS;

    if (!shelf->sweeps)
        shelf->sweeps = fill_claim(&library->shared->fills, key, shelf->cache->self, now_ms / 1000,
                                   SWEEP_AGE_S) == FILL_OURS;
    if (shelf->sweeps) {
        fill_refresh(&library->shared->fills, key, shelf->cache->self, now_ms / 1000);
        if (!sweep_step(&shelf->sweep, SWEEP_FILES, loop_wall_seconds(loop)))
            wait_ms = SWEEP_STEP_MS;
        else if (shelf->sweep.bytes > library->config->max_size)
            wait_ms = SWEEP_STEP_MS;
    }
    (void)loop_set_timer(loop, timer, now_ms + wait_ms);
}

/* --- */

static int open_shelf(struct cache *cache, size_t number)
{
    struct http_context *http = cache->http;
    const struct reply_cache_config *config = &http->config->reply_caches[number];
    const struct cache_config *memory = &http->config->cache;
    struct shelf *shelf = &cache->shelves[number];
    const struct file_cache_settings settings = {
        .valid_ms = 1000,
        .max_entries = memory->max_entries,
        .max_open = MIN(256, memory->max_entries),
        .max_size = memory->max_size,
        .max_file_size = memory->max_file_size + ENTRY_HEAD_SIZE + 4096,
        .hash_seed = http->boundary,
    };
    int err = library_open(&shelf->library, config, http->cache_fds[number], http->cache_shared,
                           &settings);

    shelf->cache = cache;
    shelf->library.on_purged = on_purged;
    shelf->rules = (struct cache_rules){
        .keeps_cookies = config->cache_cookies,
        .uses_heuristic = config->heuristic,
        .obeys_clients = config->obeys_clients,
        .errors_s = config->errors_ms / 1000,
    };
    sweep_init(&shelf->sweep, http->cache_fds[number], config->max_size,
               config->inactive_ms / 1000);
    timer_init(&shelf->sweep_timer, on_sweep);
    if (!err)
        err = loop_set_timer(http->loop, &shelf->sweep_timer, loop_now_ms(http->loop) + 1000);
    return err;
}

static void destroy(struct handler *handler)
{
    struct cache *cache = cache_of(handler);

    for (size_t i = 0; i < cache->shelf_count; i++) {
        struct shelf *shelf = &cache->shelves[i];

        loop_cancel_timer(cache->http->loop, &shelf->sweep_timer);
        if (shelf->sweeps)
            fill_release(&shelf->library.shared->fills, shelf->library.salt ^ 1, cache->self);
        sweep_done(&shelf->sweep);
        library_close(&shelf->library);
    }
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
        if (open_shelf(cache, i) != 0)
            goto failed;
    }
    return &cache->handler;

failed:
    destroy(&cache->handler);
    return NULL;
}
