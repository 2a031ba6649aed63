/* SPDX-License-Identifier: MIT */
/*
 * cache_fill.c - one fetch, its content into a file, and from there to everybody who wants it.
 *
 * While the file can be written, the upstream is read as fast as it sends, and slow clients read the
 * file later. What is in no file - the reply is not kept, or the disk is full - goes through a window
 * that moves on when all have read it.
 */
#include "handler/cache_private.h"

#include "http/http_date.h"
#include "http/vary.h"
#include "upstream/upstreams.h"

#include <stdlib.h>
#include <unistd.h>

#define CHOICE_SIZE 4096

static struct fill *fill_of(struct fetch_user *user)
{
    return container_of(user, struct fill, user);
}

static void release_claim(struct fill *fill)
{
    struct library *library = &fill->shelf->library;

    if (fill->has_claim)
        fill_release(&library->shared->fills, library_fill_key(library, &fill->place.name),
                     fill->cache->self);
    fill->has_claim = false;
}

static void destroy(struct fill *fill)
{
    release_claim(fill);
    loop_cancel_timer(fill->cache->http->loop, &fill->rest);
    list_remove(&fill->node);
    store_close(&fill->file);
    open_file_unref(fill->place.file);
    free(fill->asked);
    free(fill->key);
    free(fill->head);
    free(fill->front);
    free(fill->names);
    free(fill->window);
    free(fill);
}

static bool is_kept(const struct fill *fill)
{
    return fill->file.fd != -1 && fill->in_file == fill->received;
}

static void free_if_over(struct fill *fill)
{
    if (fill->calls > 0 || !list_is_empty(&fill->visitors))
        return;
    /* Nobody wants it: only for the sake of what is stored it goes on. */
    if (fill->fetch && fill->state == FILL_REPLYING && !is_kept(fill)) {
        fetch_cancel(fill->fetch);
        fill->fetch = NULL;
    }
    if (!fill->fetch)
        destroy(fill);
}

/* All that was promised is there, and only its end is not. */
static bool has_all(const struct fill *fill)
{
    return fill->state == FILL_REPLYING && fill->received == fill->length;
}

static void on_rest(struct timer *timer)
{
    struct fill *fill = container_of(timer, struct fill, rest);

    if (!fill->fetch || !list_is_empty(&fill->visitors) || has_all(fill))
        return;
    fetch_cancel(fill->fetch);
    fill->fetch = NULL;
    destroy(fill);
}

/* The last one has left. */
static void begin_rest(struct fill *fill)
{
    struct event_loop *loop = fill->cache->http->loop;
    uint32_t rest_ms = fill->shelf->library.config->fill_rest_ms;

    if (fill->fetch && list_is_empty(&fill->visitors) &&
        (fill->state == FILL_ASKING || fill->state == FILL_REPLYING))
        (void)loop_set_timer(loop, &fill->rest, loop_now_ms(loop) + rest_ms);
}

/* Tell all; each of them may leave meanwhile, and nobody else does. */
static void tell(struct fill *fill)
{
    struct list_node *node = fill->visitors.next;

    while (node != &fill->visitors) {
        struct visitor *visitor = container_of(node, struct visitor, node);

        node = node->next;
        visitor_hear(visitor);
    }
}

static void enter(struct fill *fill)
{
    fill->calls++;
}

static void leave(struct fill *fill)
{
    fill->calls--;
    free_if_over(fill);
}

/* --- what the fetch tells */

static void write_conditions(const struct fill *fill, struct writer *w)
{
    const struct cache_entry *entry = &fill->place.stored->entry;

    if (entry->etag.len > 0) {
        writer_literal(w, "If-None-Match: ");
        writer_slice(w, entry->etag);
        writer_literal(w, "\r\n");
    }
    if (entry->last_modified != -1) {
        char date[HTTP_DATE_SIZE];

        http_date_format(date, entry->last_modified);
        writer_literal(w, "If-Modified-Since: ");
        writer_append(w, date, sizeof(date));
        writer_literal(w, "\r\n");
    }
}

static int on_write_head(struct fetch_user *user, const struct upstream_server *server,
                         struct writer *head)
{
    struct fill *fill = fill_of(user);
    char text[512];
    struct writer conditions = writer_on(text, sizeof(text));

    if (fill->is_conditional)
        write_conditions(fill, &conditions);
    if (conditions.overflow) { /* of a tag that is too long */
        fill->is_conditional = false;
        conditions.len = 0;
    }
    proxy_write_request(fill->cache->http,
                        &(struct proxy_ask){
                            .req = &fill->asked->req,
                            .site = fill->site,
                            .peer = &fill->peer,
                            .framing = BODY_NONE,
                            .is_plain_get = true,
                            .more = writer_content(&conditions),
                        },
                        server, head);
    return 0;
}

static void on_head(struct fetch_user *user, const struct reply *reply)
{
    struct fill *fill = fill_of(user);

    enter(fill);
    fill_take_head(fill, reply);
    tell(fill);
    leave(fill);
}

/* True when everybody has read all that was received. */
static bool is_read(const struct fill *fill)
{
    for (struct list_node *node = fill->visitors.next; node != &fill->visitors; node = node->next) {
        const struct visitor *visitor = container_of(node, struct visitor, node);

        if (visitor->at < MIN(fill->received, visitor->end))
            return false;
    }
    return true;
}

static size_t take_into_window(struct fill *fill, struct slice bytes)
{
    size_t len = MIN(bytes.len, CACHE_PIECE);

    if (!is_read(fill)) {
        fill->waits = true;
        return 0;
    }
    if (!fill->window)
        fill->window = malloc(CACHE_PIECE);
    if (!fill->window) {
        fill->state = FILL_BROKEN; /* nobody will get all */
        return bytes.len;
    }
    memcpy(fill->window, bytes.data, len);
    fill->window_len = len;
    fill->received += len;
    return len;
}

static size_t take(struct fill *fill, struct slice bytes)
{
    int64_t now_ms = loop_now_ms(fill->cache->http->loop);

    if (is_kept(fill) && store_append(&fill->file, bytes, now_ms) == 0) {
        fill->received += bytes.len;
        fill->in_file = fill->received;
        return bytes.len;
    }
    return take_into_window(fill, bytes);
}

static size_t on_content(struct fetch_user *user, struct slice bytes)
{
    struct fill *fill = fill_of(user);
    struct library *library = &fill->shelf->library;
    size_t taken;

    enter(fill);
    if (fill->state == FILL_REPLYING)
        taken = take(fill, bytes);
    else
        taken = bytes.len; /* of a reply that nobody gets */
    if (fill->has_claim)
        fill_refresh(&library->shared->fills, library_fill_key(library, &fill->place.name),
                     fill->cache->self, loop_now_ms(fill->cache->http->loop) / 1000);
    tell(fill);
    leave(fill);
    return taken;
}

/* No reply has come: an old one may do. */
static void fail(struct fill *fill, const struct fetch_failure *failure)
{
    time_t now = loop_wall_seconds(fill->cache->http->loop);

    shelf_set_mark(fill->shelf, &fill->place.name, true, now);
    fill->failure = *failure;
    fill->state = FILL_FAILED;
    if (fill->place.stored && !fill->is_void &&
        freshness_may_serve_on_error(&fill->place.stored->entry.freshness, now)) {
        fill->state = FILL_STORED;
        fill->how = "hit; fwd=stale; detail=upstream-failed";
    }
}

static void on_end(struct fetch_user *user, const struct fetch_failure *failure)
{
    struct fill *fill = fill_of(user);

    enter(fill);
    fetch_facts(fill->fetch, &fill->facts);
    fill->fetch = NULL;
    if (fill->state == FILL_ASKING && failure)
        fail(fill, failure);
    else if (fill->state == FILL_REPLYING && failure)
        fill->state = FILL_BROKEN;
    else if (fill->state == FILL_REPLYING) {
        fill->state = FILL_COMPLETE;
        if (is_kept(fill))
            fill_commit(fill);
    }
    release_claim(fill);
    tell(fill);
    leave(fill);
}

static const struct fetch_ops fetch_ops = {
    .write_head = on_write_head,
    .head = on_head,
    .content = on_content,
    .end = on_end,
};

/* --- for visitors */

static int start(struct fill *fill)
{
    struct http_context *http = fill->cache->http;
    const struct fetch_request request = {
        .group = http->upstreams->groups[fill->site->location->upstream],
        .method = METHOD_GET,
        .framing = BODY_NONE,
        .req = &fill->asked->req,
        .client = &fill->peer,
    };

    fill->requested_at = loop_wall_seconds(http->loop);
    return fetch_start(http->upstreams->fetcher, &request, &fill->user, &fill->fetch);
}

void fill_start_again(struct fill *fill)
{
    static const struct fetch_failure failure = {.status = 503, .reason = "memory"};

    if (fill->fetch)
        fetch_cancel(fill->fetch);
    fill->fetch = NULL;
    if (start(fill) != 0) {
        fill->state = FILL_FAILED;
        fill->failure = failure;
    }
}

struct fill *fill_create(struct shelf *shelf, const struct http_site *site,
                         const struct request *req, struct slice key, struct library_place *place,
                         const struct address *peer, bool has_claim)
{
    struct fill *fill = calloc(1, sizeof(*fill));

    if (!fill) {
        if (has_claim)
            fill_release(&shelf->library.shared->fills,
                         library_fill_key(&shelf->library, &place->name), shelf->cache->self);
        return NULL;
    }
    fill->user.ops = &fetch_ops;
    list_init(&fill->node);
    list_init(&fill->visitors);
    timer_init(&fill->rest, on_rest);
    fill->cache = shelf->cache;
    fill->shelf = shelf;
    fill->site = site;
    fill->place = *place;
    place->file = NULL;
    place->stored = NULL;
    fill->has_claim = has_claim;
    fill->file.fd = -1;
    fill->asked = kept_request_create(req);
    fill->key = malloc(key.len + 1);
    if (peer)
        fill->peer = *peer;
    if (fill->place.stored) {
        const struct cache_entry *entry = &fill->place.stored->entry;

        fill->is_conditional = entry->etag.len > 0 || entry->last_modified != -1;
    }
    list_append(&shelf->cache->fills, &fill->node);
    if (!fill->asked || !fill->key)
        goto failed;
    memcpy(fill->key, key.data, key.len);
    fill->key_len = key.len;
    fill->asked->req.framing = BODY_NONE;
    if (start(fill) == 0)
        return fill;
failed:
    destroy(fill);
    return NULL;
}

bool fill_suits(const struct fill *fill, const struct request *req)
{
    char text[CHOICE_SIZE];
    struct writer choice = writer_on(text, sizeof(text));

    if (!fill->names)
        return true;
    vary_write_values(&choice, slice_from_string(fill->names), &req->headers);
    return !choice.overflow && slice_equal(writer_content(&choice), fill->entry.choice);
}

struct fill *fill_find(struct shelf *shelf, struct slice key, const struct library_place *place,
                       const struct request *req)
{
    struct list_node *fills = &shelf->cache->fills;

    for (struct list_node *node = fills->next; node != fills; node = node->next) {
        struct fill *fill = container_of(node, struct fill, node);
        bool is_open = fill->state == FILL_ASKING ||
                       (fill->state == FILL_REPLYING && fill->is_shared && is_kept(fill));

        if (fill->shelf == shelf && is_open && !fill->is_void &&
            siphash_equal(fill->place.name.tag, place->name.tag) &&
            slice_equal(slice_of(fill->key, fill->key_len), key) && fill_suits(fill, req))
            return fill;
    }
    return NULL;
}

void fill_join(struct fill *fill, struct visitor *visitor)
{
    list_append(&fill->visitors, &visitor->node);
    visitor->fill = fill;
    loop_cancel_timer(fill->cache->http->loop, &fill->rest);
}

void fill_leave(struct fill *fill, struct visitor *visitor)
{
    list_remove(&visitor->node);
    visitor->fill = NULL;
    if (fill->waits && fill->fetch && is_read(fill)) {
        fill->waits = false;
        fetch_resume(fill->fetch);
    }
    begin_rest(fill);
    free_if_over(fill);
}

static enum piece read_file(struct fill *fill, uint64_t at, size_t room, struct slice *ret_piece)
{
    char *piece = fill->cache->piece;
    size_t len = (size_t)MIN(MIN((uint64_t)room, CACHE_PIECE), fill->in_file - at);
    ssize_t n = pread(fill->file.fd, piece, len, (off_t)(fill->front_len + at));

    if (n <= 0)
        return PIECE_FAILED;
    *ret_piece = slice_of(piece, (size_t)n);
    return PIECE_GIVEN;
}

enum piece fill_read(struct fill *fill, uint64_t at, size_t room, struct slice *ret_piece)
{
    if (at < fill->in_file)
        return read_file(fill, at, room, ret_piece);
    if (at < fill->received) {
        uint64_t window_at = fill->received - fill->window_len;

        if (at < window_at)
            return PIECE_FAILED;
        *ret_piece = slice_from(slice_of(fill->window, fill->window_len), (size_t)(at - window_at));
        ret_piece->len = MIN(ret_piece->len, room);
        return PIECE_GIVEN;
    }
    if (fill->state == FILL_COMPLETE)
        return PIECE_LAST;
    if (fill->state != FILL_REPLYING)
        return PIECE_FAILED;
    if (fill->waits && is_read(fill)) {
        fill->waits = false;
        fetch_resume(fill->fetch);
    }
    return PIECE_LATER;
}
