/* SPDX-License-Identifier: MIT */
/* cache_purge.c - what is no longer true: somebody says so, or a request has changed it (RFC 9111
 * section 4.4). */
#include "handler/cache.h"

#include "handler/cache_private.h"
#include "http/error_response.h"

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

void cache_on_purged(struct library *library, const struct store_name *name)
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
    target = cache_write_key_of(cache, host, target, slice_of("", 0));
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
