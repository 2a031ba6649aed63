/* SPDX-License-Identifier: MIT */
/*
 * cache_reply.c - the head of a reply: is it new, and may it be kept?
 *
 * What is stored of its fields is what a client would get, but for those that are for one answer
 * alone: Age, the length, and what is about the connection.
 */
#include "handler/cache_private.h"

#include "http/vary.h"

#include <stdlib.h>
#include <sys/random.h>

#define NAMES_SIZE 1024
#define CHOICE_SIZE 4096
#define ROWS_MAX 128

static int64_t now_ms_of(const struct fill *fill)
{
    return loop_now_ms(fill->cache->http->loop);
}

bool fill_write_lines(const struct fill *fill, const struct header_table *headers, struct writer *w)
{
    struct header rows[ROWS_MAX];
    struct header_table kept;
    char *end;

    header_table_init(&kept, rows, ROWS_MAX);
    for (unsigned i = 0; i < headers->count; i++) {
        const struct header *row = &headers->rows[i];

        if (!header_is(row, SLICE_LITERAL("age")) &&
            header_table_add_known(&kept, row->name, row->value, row->id) != 0)
            return false;
    }
    forward_write_reply(w, &(struct forward_reply){
                               .status = 200,
                               .reason = SLICE_LITERAL("OK"),
                               .headers = &kept,
                               .config = &fill->site->location->forward,
                               .site = fill->site->config,
                               .has_request_id = fill->cache->http->config->server.request_id,
                               .date = http_context_date(fill->cache->http),
                           });
    end = w->len > 0 ? memchr(w->data, '\n', w->len) : NULL;
    if (w->overflow || !end)
        return false;
    w->len -= (size_t)(end + 1 - w->data);
    w->data = end + 1;
    return true;
}

/* --- which of several replies to a key it is */

/* The names of Vary, and those of key_add. False: too many. */
static bool find_names(const struct fill *fill, const struct header_table *headers,
                       struct writer *w)
{
    const struct string_list *added = &fill->shelf->library.config->key_add;
    struct header rows[ROWS_MAX];
    struct header_table all;

    header_table_init(&all, rows, ROWS_MAX);
    for (unsigned i = 0; i < headers->count; i++) {
        if (header_is(&headers->rows[i], SLICE_LITERAL("vary")) &&
            header_table_add(&all, SLICE_LITERAL("vary"), headers->rows[i].value) != 0)
            return false;
    }
    for (size_t i = 0; i < added->count; i++) {
        if (header_table_add(&all, SLICE_LITERAL("vary"), slice_from_string(added->items[i])) != 0)
            return false;
    }
    vary_write_names(w, &all);
    return !w->overflow;
}

/* What the index has, if there is one with the same names. */
static bool has_same_index(const struct fill *fill, struct slice names, uint64_t *ret_variation)
{
    struct library *library = &fill->shelf->library;
    struct open_file *file;
    struct stored *stored;
    bool is_same = false;

    if (file_cache_get(library->files, &library->root, slice_from_string(fill->place.index.text),
                       now_ms_of(fill), &file) != 0)
        return false;
    stored = stored_of(file);
    if (stored && stored->entry.kind == ENTRY_VARIES &&
        slice_equal(stored->entry.key, slice_of(fill->key, fill->key_len)) &&
        slice_equal(stored->entry.choice, names)) {
        *ret_variation = stored->entry.variation;
        is_same = true;
    }
    open_file_unref(file);
    return is_same;
}

/* Sets name and choice of the entry that varies on @names. */
static bool choose(struct fill *fill, struct slice names, struct writer *choice)
{
    vary_write_values(choice, names, &fill->asked->req.headers);
    fill->names = malloc(names.len + 1);
    if (choice->overflow || !fill->names)
        return false;
    memcpy(fill->names, names.data, names.len);
    fill->names[names.len] = '\0';
    fill->is_new_index = !has_same_index(fill, names, &fill->entry.variation);
    if (fill->is_new_index && getrandom(&fill->entry.variation, sizeof(fill->entry.variation),
                                        GRND_NONBLOCK) != (ssize_t)sizeof(fill->entry.variation))
        return false;
    fill->entry.choice = writer_content(choice);
    store_name_of_choice(slice_of(fill->key, fill->key_len), fill->entry.variation,
                         fill->entry.choice, &fill->file.name);
    return true;
}

/* --- writing */

char *fill_write_front(struct cache_entry *entry, size_t *ret_len)
{
    size_t len = entry_front_size(entry);
    char *front = len <= ENTRY_TEXT_MAX + ENTRY_HEAD_SIZE ? malloc(len) : NULL;
    struct slice *parts[] = {&entry->key, &entry->choice, &entry->etag, &entry->lines};
    struct writer w = writer_on(front, len);
    const char *at;

    if (!front)
        return NULL;
    entry_write_front(entry, &w);
    at = front + ENTRY_HEAD_SIZE;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        parts[i]->data = at;
        at += parts[i]->len;
    }
    *ret_len = len;
    return front;
}

static bool open_file_for(struct fill *fill)
{
    struct store_name name = fill->file.name;
    struct store *store = &fill->shelf->library.store;

    return store_begin(store, &name, now_ms_of(fill), &fill->file) == 0 &&
           store_append(&fill->file, slice_of(fill->front, fill->front_len), now_ms_of(fill)) == 0;
}

/* False: it is passed on, but not kept. */
static bool begin_storing(struct fill *fill, const struct reply *reply,
                          const struct caching_fields *fields)
{
    char name_text[NAMES_SIZE], choice_text[CHOICE_SIZE];
    struct writer names = writer_on(name_text, sizeof(name_text));
    struct writer choice = writer_on(choice_text, sizeof(choice_text));
    struct writer lines = cache_head_space(fill->cache);

    if (reply->framing == REPLY_UNTIL_CLOSE) /* a reply that was cut off would look the same */
        return false;
    if (reply->framing == REPLY_LENGTH &&
        reply->content_length > fill->shelf->library.config->max_object)
        return false;
    fill->file.name = fill->place.index;
    if (!find_names(fill, &reply->headers, &names) ||
        (names.len > 0 && !choose(fill, writer_content(&names), &choice)) ||
        !fill_write_lines(fill, &reply->headers, &lines))
        return false;
    fill->entry.kind = ENTRY_REPLY;
    fill->entry.status = reply->status;
    fill->entry.last_modified = fields->last_modified;
    fill->entry.key = slice_of(fill->key, fill->key_len);
    fill->entry.etag = fields->etag;
    fill->entry.lines = writer_content(&lines);
    fill->front = fill_write_front(&fill->entry, &fill->front_len);
    fill->has_no_room = !fill->front || !open_file_for(fill);
    if (fill->has_no_room)
        store_close(&fill->file);
    return !fill->has_no_room;
}

/* The file by which the replies to a key are found that vary. */
static bool commit_index(struct fill *fill)
{
    struct cache_entry index = {
        .kind = ENTRY_VARIES,
        .status = 200,
        .variation = fill->entry.variation,
        .freshness = {.stored_at = fill->entry.freshness.stored_at},
        .last_modified = -1,
        .key = fill->entry.key,
        .choice = slice_from_string(fill->names),
    };
    char head[ENTRY_HEAD_SIZE];
    struct store_file file;
    size_t len;
    char *front = fill_write_front(&index, &len);
    bool is_done;

    if (!front)
        return false;
    entry_write_head(&index, head);
    is_done = store_begin(&fill->shelf->library.store, &fill->place.index, now_ms_of(fill),
                          &file) == 0 &&
              store_append(&file, slice_of(front, len), now_ms_of(fill)) == 0 &&
              store_commit(&file, slice_of(head, sizeof(head)), now_ms_of(fill)) == 0;
    store_close(&file);
    free(front);
    return is_done;
}

void fill_commit(struct fill *fill)
{
    struct library *library = &fill->shelf->library;
    char head[ENTRY_HEAD_SIZE];

    library_hear_of_purges(library, now_ms_of(fill));
    if (fill->is_void)
        return;
    fill->entry.content_length = fill->received;
    entry_write_head(&fill->entry, head);
    if (fill->names && fill->is_new_index && !commit_index(fill))
        return;
    if (store_commit(&fill->file, slice_of(head, sizeof(head)), now_ms_of(fill)) != 0)
        return;
    library_forget_name(library, &fill->place.index, now_ms_of(fill));
    library_forget_name(library, &fill->file.name, now_ms_of(fill));
    counter_add(&fill->cache->http->counters->replies_stored, 1);
}

/* --- a new reply */

/* As the first one gets it. */
static bool keep_head(struct fill *fill, const struct reply *reply)
{
    struct writer space = cache_head_space(fill->cache);
    struct response resp;

    response_init(&resp, fill->site, NULL, 0);
    proxy_write_reply(fill->cache->http, reply, &space, &resp);
    fill->head = space.overflow ? NULL : malloc(space.len + 1);
    if (!fill->head)
        return false;
    memcpy(fill->head, space.data, space.len);
    fill->head_len = space.len;
    fill->status = reply->status;
    fill->has_content = resp.kind == CONTENT_PIECES;
    fill->length = fill->has_content ? resp.length : 0;
    return true;
}

/* It is the reply that is not to be kept, whoever asks. */
static bool is_of_reply(enum store_verdict verdict, const struct caching_fields *fields)
{
    return verdict != STORE_AUTHORIZED &&
           (verdict != STORE_FORBIDDEN || cache_control_has(&fields->control, CC_NO_STORE));
}

static void take_new(struct fill *fill, const struct reply *reply,
                     const struct exchange_times *times)
{
    struct caching_fields fields;
    enum store_verdict verdict;
    time_t now = times->received_at;

    fill->state = FILL_REPLYING;
    if (!keep_head(fill, reply)) {
        fill->failure = (struct fetch_failure){.status = 502, .reason = "reply-head"};
        fill->state = FILL_FAILED;
        return;
    }
    caching_fields_read(&reply->headers, now, &fields);
    verdict = cache_rules_store(&fill->shelf->rules,
                                &(struct store_question){
                                    .method = METHOD_GET,
                                    .request = &fill->asked->req.headers,
                                    .status = reply->status,
                                    .fields = &fields,
                                    .times = times,
                                },
                                &fill->entry.freshness);
    fill->how = verdict == STORE_YES ? "stored" : store_verdict_name(verdict);
    if (verdict == STORE_YES && !begin_storing(fill, reply, &fields)) {
        verdict = STORE_USELESS;
        fill->how = "not-stored";
    }
    fill->is_shared = verdict == STORE_YES &&
                      (freshness_ttl(&fill->entry.freshness, now) > 0 ||
                       freshness_may_serve_while(&fill->entry.freshness, now));
    if (verdict == STORE_YES) {
        shelf_clear_mark(fill->shelf, &fill->place.index);
    } else {
        /* What was stored is no longer what the upstream says. */
        if (fill->place.stored && reply->status < 500) {
            (void)store_remove(&fill->shelf->library.store, &fill->place.name);
            library_forget_name(&fill->shelf->library, &fill->place.name, now_ms_of(fill));
        }
        if (reply->status < 500 && is_of_reply(verdict, &fields) && !fill->has_no_room)
            shelf_set_mark(fill->shelf, &fill->place.index, false, now);
    }
}

void fill_take_head(struct fill *fill, const struct reply *reply)
{
    time_t now = loop_wall_seconds(fill->cache->http->loop);
    const struct exchange_times times = {fill->requested_at, now};
    const struct stored *stored = fill->place.stored;

    if (reply->status == 304 && fill->is_conditional) {
        if (!fill_take_not_modified(fill, reply, &times)) {
            fill->is_conditional = false;
            fill_start_again(fill);
        }
        return;
    }
    if (reply->status >= 500 && stored && !fill->is_void &&
        freshness_may_serve_on_error(&stored->entry.freshness, now)) {
        shelf_set_mark(fill->shelf, &fill->place.name, true, now);
        fill->state = FILL_STORED;
        fill->how = "hit; fwd=stale; detail=upstream-error";
        return;
    }
    take_new(fill, reply, &times);
}
