/* SPDX-License-Identifier: MIT */
/*
 * cache_visitor.c - a request for what is not there, or no longer fresh.
 *
 *   NEW ─► WAITS ─► READS            the fill that it has joined, or leads
 *            ├────► STORED           what is in the library, meanwhile or again
 *            ├────► ALONE            the proxy: not to be shared, or waited for too long
 *            └────► FAILS
 */
#include "handler/cache_private.h"

#include "http/error_response.h"
#include "upstream/group.h"

#include <stdlib.h>

/* How often one looks whether another worker has come to an end: after 5 ms, then twice as long … */
#define LOOK_MIN_MS 5
#define LOOK_MAX_MS 100

static struct visitor *visitor_of(const struct pending *pending)
{
    return container_of((struct pending *)(uintptr_t)pending, struct visitor, pending);
}

static int64_t now_ms_of(const struct visitor *visitor)
{
    return loop_now_ms(visitor->cache->http->loop);
}

static void leave_fill(struct visitor *visitor)
{
    if (visitor->fill)
        fill_leave(visitor->fill, visitor);
}

static void resume(struct visitor *visitor)
{
    loop_cancel_timer(visitor->cache->http->loop, &visitor->timer);
    pending_resume(&visitor->pending);
}

static void go_alone(struct visitor *visitor)
{
    visitor->state = VISITOR_ALONE;
}

/* What the answer is was found while that could not be said. */
static void answer_soon(struct visitor *visitor)
{
    loop_post(visitor->cache->http->loop, &visitor->soon);
}

static bool use_stored(struct visitor *visitor, const struct library_place *place, const char *how)
{
    visitor->place = *place;
    open_file_ref(place->file);
    visitor->how = how;
    visitor->word = visitor->leads ? "revalidated" : "collapsed";
    visitor->state = VISITOR_STORED;
    return true;
}

/* True: somebody else has brought it meanwhile. */
static bool is_there(struct visitor *visitor, struct library_place *place)
{
    struct cache_control control;
    time_t now = loop_wall_seconds(visitor->cache->http->loop);

    if (!place->stored)
        return false;
    cache_request_read(&visitor->req->headers, &control);
    return cache_rules_reuse(&visitor->shelf->rules, &place->stored->entry.freshness, &control,
                             now) == REUSE_FRESH;
}

static void wait_for_others(struct visitor *visitor)
{
    int64_t now_ms = now_ms_of(visitor);
    int64_t passed = now_ms -
                     (visitor->deadline_ms - visitor->shelf->library.config->lock_timeout_ms);
    int64_t next_ms = now_ms + MIN(MAX(passed, LOOK_MIN_MS), LOOK_MAX_MS);

    visitor->state = VISITOR_WAITS;
    if (now_ms >= visitor->deadline_ms ||
        loop_set_timer(visitor->cache->http->loop, &visitor->timer,
                       MIN(next_ms, visitor->deadline_ms)) != 0)
        go_alone(visitor);
}

static void join(struct visitor *visitor, struct fill *fill)
{
    fill_join(fill, visitor);
    if (fill->state == FILL_REPLYING) {
        visitor->state = VISITOR_READS;
        return;
    }
    visitor->state = VISITOR_WAITS;
    if (visitor->leads)
        return; /* for as long as the upstream may take */
    if (now_ms_of(visitor) >= visitor->deadline_ms ||
        loop_set_timer(visitor->cache->http->loop, &visitor->timer, visitor->deadline_ms) != 0) {
        leave_fill(visitor);
        go_alone(visitor);
    }
}

static void lead(struct visitor *visitor, struct library_place *place, bool has_claim)
{
    struct slice key = slice_of(visitor->key, visitor->key_len);
    struct fill *fill = fill_create(visitor->shelf, visitor->site, visitor->req, key, place,
                                    pending_peer(&visitor->pending), has_claim);

    if (!fill) {
        go_alone(visitor);
        return;
    }
    visitor->leads = true;
    join(visitor, fill);
}

/* What is in memory may be older than what another worker has just brought. */
static void lead_unless_brought(struct visitor *visitor, struct library_place *place,
                                bool has_claim)
{
    struct library *library = &visitor->shelf->library;
    int64_t now_ms = now_ms_of(visitor);

    if (place->stored) {
        library_forget(library, place, now_ms);
        open_file_unref(place->file);
        library_find(library, slice_of(visitor->key, visitor->key_len), &visitor->req->headers,
                     now_ms, place);
    }
    if (!is_there(visitor, place)) {
        lead(visitor, place, has_claim);
        return;
    }
    if (has_claim)
        fill_release(&library->shared->fills, library_fill_key(library, &place->name),
                     visitor->cache->self);
    (void)use_stored(visitor, place, "hit; collapsed");
}

/* Finds out what to do; never answers by itself. */
static void seek(struct visitor *visitor)
{
    struct library *library = &visitor->shelf->library;
    struct slice key = slice_of(visitor->key, visitor->key_len);
    int64_t now_ms = now_ms_of(visitor);
    struct library_place place;
    struct fill *fill;
    enum fill_claim claim = FILL_BUSY;

    library_find(library, key, &visitor->req->headers, now_ms, &place);
    if (is_there(visitor, &place)) {
        (void)use_stored(visitor, &place, visitor->has_begun ? "hit; collapsed" : NULL);
    } else if ((fill = fill_find(visitor->shelf, key, &place, visitor->req)) != NULL) {
        join(visitor, fill);
    } else {
        claim = fill_claim(&library->shared->fills, library_fill_key(library, &place.name),
                           visitor->cache->self, now_ms / 1000,
                           library->config->lock_age_ms / 1000);
        if (claim == FILL_OTHERS)
            wait_for_others(visitor);
        else
            lead_unless_brought(visitor, &place, claim == FILL_OURS);
    }
    visitor->has_begun = true;
    open_file_unref(place.file);
}

static bool is_settled(const struct visitor *visitor)
{
    return visitor->state == VISITOR_STORED || visitor->state == VISITOR_ALONE ||
           visitor->state == VISITOR_FAILS || visitor->state == VISITOR_PURGES ||
           visitor->state == VISITOR_READS;
}

static void on_soon(struct task *task)
{
    resume(container_of(task, struct visitor, soon));
}

static void on_timer(struct timer *timer)
{
    struct visitor *visitor = container_of(timer, struct visitor, timer);

    if (visitor->fill) { /* it takes too long */
        leave_fill(visitor);
        go_alone(visitor);
    } else {
        seek(visitor);
    }
    if (is_settled(visitor))
        resume(visitor);
}

/* Another one's fill was for nothing: this one may lead the next, once. */
static void seek_again(struct visitor *visitor)
{
    struct fetch_failure failure = visitor->fill->failure;

    leave_fill(visitor);
    if (visitor->was_let_down) {
        visitor->failure = failure;
        visitor->state = VISITOR_FAILS;
    } else {
        visitor->was_let_down = true;
        seek(visitor);
    }
}

static void hear_of_reply(struct visitor *visitor)
{
    struct fill *fill = visitor->fill;

    if (visitor->leads || (fill->is_shared && fill_suits(fill, visitor->req))) {
        visitor->state = VISITOR_READS;
    } else if (fill->is_shared) {
        leave_fill(visitor); /* another one of several: that has a fill of its own */
        seek(visitor);
    } else {
        leave_fill(visitor);
        go_alone(visitor);
    }
}

void visitor_hear(struct visitor *visitor)
{
    struct fill *fill = visitor->fill;

    if (visitor->state == VISITOR_READS) {
        pending_resume(&visitor->pending);
        return;
    }
    switch (fill->state) {
    case FILL_ASKING: return;
    case FILL_REPLYING:
    case FILL_COMPLETE: hear_of_reply(visitor); break;
    case FILL_STORED:
        (void)use_stored(visitor, &fill->place, fill->how);
        leave_fill(visitor);
        break;
    case FILL_FAILED:
    case FILL_BROKEN:
        if (visitor->leads) {
            visitor->failure = fill->failure;
            visitor->state = VISITOR_FAILS;
            leave_fill(visitor);
        } else {
            seek_again(visitor);
        }
        break;
    }
    if (is_settled(visitor))
        resume(visitor);
}

/* --- as http/ sees it */

static void begin(struct pending *pending, const struct request *req)
{
    struct visitor *visitor = visitor_of(pending);
    const struct reply_cache_config *config = visitor->shelf->library.config;

    visitor->req = req;
    if (visitor->state == VISITOR_PURGES) {
        answer_soon(visitor);
        return;
    }
    visitor->deadline_ms = now_ms_of(visitor) + config->lock_timeout_ms;
    seek(visitor);
    if (is_settled(visitor))
        answer_soon(visitor);
}

/* What comes while it is fetched. */
static void answer_with_reply(struct visitor *visitor, struct response *resp)
{
    const struct fill *fill = visitor->fill;
    struct writer space = cache_head_space(visitor->cache);
    struct byte_range range = {0, fill->length};
    enum partial partial = PARTIAL_WHOLE;

    if (fill->front && fill->length != LENGTH_UNKNOWN) {
        const struct partial_reply reply = {
            .status = fill->status,
            .lines = fill->entry.lines,
            .etag = fill->entry.etag,
            .last_modified = fill->entry.last_modified,
            .length = fill->length,
        };
        partial = cache_answer_partial(visitor->cache->http, visitor->req, &reply, &space, resp,
                                       &range);
    }
    writer_format(&resp->headers, "Cache-Status: tinyweb; fwd=%s; %s%s%s\r\n",
                  fill->place.stored ? "stale" : "miss",
                  fill->front ? "stored" : "detail=", fill->front ? "" : fill->how,
                  visitor->leads ? "" : "; collapsed");
    visitor->word = visitor->leads ? "miss" : "collapsed";
    resp->reason = visitor->word;
    if (partial == PARTIAL_NOTHING) {
        resp->relayed = writer_content(&space);
        return;
    }
    resp->status = partial == PARTIAL_RANGE ? 206 : fill->status;
    resp->is_relayed = true;
    resp->relayed = partial == PARTIAL_RANGE ? writer_content(&space)
                                             : slice_of(fill->head, fill->head_len);
    resp->kind = fill->has_content ? CONTENT_PIECES : CONTENT_NONE;
    resp->length = partial == PARTIAL_RANGE ? range.length : fill->length;
    visitor->at = range.first;
    visitor->end = resp->length == LENGTH_UNKNOWN ? UINT64_MAX : range.first + resp->length;
}

static void answer(struct pending *pending, const struct request *req, struct response *resp)
{
    struct visitor *visitor = visitor_of(pending);
    struct http_context *http = visitor->cache->http;
    struct writer space = cache_head_space(visitor->cache);

    switch (visitor->state) {
    case VISITOR_STORED:
        cache_answer(http, req, &visitor->place, visitor->how, &space, resp);
        return;
    case VISITOR_ALONE: {
        struct handler *proxy = http->handlers[ANSWER_PROXY];

        counter_add(&http->counters->replies_passed, 1);
        proxy->ops->start(proxy, req, resp);
        return;
    }
    case VISITOR_PURGES: cache_answer_purge(visitor, resp); return;
    case VISITOR_READS: answer_with_reply(visitor, resp); return;
    case VISITOR_NEW:
    case VISITOR_WAITS:
    case VISITOR_FAILS: break;
    }
    if (visitor->failure.status == 0)
        visitor->failure = (struct fetch_failure){.status = 502, .reason = "reply-cut"};
    proxy_answer_failure(http, &visitor->failure, resp);
}

static enum piece content(struct pending *pending, size_t room, struct slice *ret_piece)
{
    struct visitor *visitor = visitor_of(pending);
    enum piece result;

    if (!visitor->fill)
        return PIECE_FAILED;
    room = (size_t)MIN((uint64_t)room, visitor->end - visitor->at);
    result = fill_read(visitor->fill, visitor->at, room, ret_piece);
    if (result == PIECE_GIVEN)
        visitor->at += ret_piece->len;
    return result;
}

/* Of a fetch that others wait for, too, each line tells the same. */
static void describe(const struct pending *pending, struct access_record *record)
{
    struct visitor *visitor = visitor_of(pending);
    struct access_upstream *described = &visitor->cache->described;
    struct fetch_facts facts;

    record->cache = visitor->word;
    if (!visitor->fill)
        return;
    facts = visitor->fill->facts;
    if (visitor->fill->fetch)
        fetch_facts(visitor->fill->fetch, &facts);
    proxy_describe(&facts, described);
    record->upstream = described;
}

static void end(struct pending *pending)
{
    struct visitor *visitor = visitor_of(pending);
    struct http_context *http = visitor->cache->http;

    loop_cancel_timer(http->loop, &visitor->timer);
    loop_unpost(&visitor->soon);
    leave_fill(visitor);
    open_file_unref(visitor->place.file);
    free(visitor);
}

static const struct pending_ops visitor_ops = {
    .begin = begin,
    .answer = answer,
    .content = content,
    .describe = describe,
    .end = end,
};

struct visitor *visitor_create(struct cache *cache, struct shelf *shelf,
                               const struct http_site *site, struct slice key)
{
    struct visitor *visitor = calloc(1, sizeof(*visitor) + key.len);

    if (!visitor)
        return NULL;
    visitor->pending.ops = &visitor_ops;
    list_init(&visitor->node);
    visitor->cache = cache;
    visitor->shelf = shelf;
    visitor->site = site;
    visitor->end = UINT64_MAX;
    visitor->key = (char *)(visitor + 1);
    visitor->key_len = key.len;
    memcpy(visitor->key, key.data, key.len);
    task_init(&visitor->soon, on_soon);
    timer_init(&visitor->timer, on_timer);
    return visitor;
}
