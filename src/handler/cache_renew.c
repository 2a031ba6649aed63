/* SPDX-License-Identifier: MIT */
/*
 * cache_renew.c - what is stored is still true: it gets the fields of the 304, and a new lifetime (RFC
 * 9111 section 4.3.4).
 */
#include "handler/cache_private.h"

#include "http/conditional.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define ROWS_MAX 128
/* A stored reply whose lines have another length than before is written anew, if it is no larger. */
#define COPY_MAX (1U << 20)

static int64_t now_ms_of(const struct fill *fill)
{
    return loop_now_ms(fill->cache->http->loop);
}

/* Of the content, which a 304 says nothing of (RFC 9111 section 3.2). */
static bool is_of_content(const struct header *row)
{
    return header_is(row, SLICE_LITERAL("content-length")) ||
           header_is(row, SLICE_LITERAL("content-encoding")) ||
           header_is(row, SLICE_LITERAL("content-type")) ||
           header_is(row, SLICE_LITERAL("content-range"));
}

static bool has_row(const struct header_table *headers, struct slice name)
{
    for (unsigned i = 0; i < headers->count; i++) {
        if (!is_of_content(&headers->rows[i]) && header_is(&headers->rows[i], name))
            return true;
    }
    return false;
}

/* The stored lines with those of @fresh in place of their own. */
static bool merge(struct slice lines, const struct header_table *fresh, struct header_table *merged)
{
    struct slice line;

    while (lines.len > 0 && slice_next(&lines, '\n', &line)) {
        ptrdiff_t colon = slice_find(line, ':');
        struct slice name = slice_of(line.data, colon > 0 ? (size_t)colon : 0);

        if (line.len > 0 && line.data[line.len - 1] == '\r')
            line.len--;
        if (colon > 0 && !has_row(fresh, name) &&
            header_table_add(merged, name, slice_trim(slice_from(line, (size_t)colon + 1))) != 0)
            return false;
    }
    for (unsigned i = 0; i < fresh->count; i++) {
        if (!is_of_content(&fresh->rows[i]) &&
            header_table_add(merged, fresh->rows[i].name, fresh->rows[i].value) != 0)
            return false;
    }
    return true;
}

/* A new front over the old one of the same length. Whoever reads it meanwhile sees a wrong checksum,
 * and that nothing is there. */
static int overwrite(const struct fill *fill, struct slice front)
{
    int fd = openat(fill->shelf->library.store.dir_fd, fill->place.name.text,
                    O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    int err = 0;

    if (fd == -1)
        return -errno;
    if (pwrite(fd, front.data, front.len, 0) != (ssize_t)front.len)
        err = -EIO;
    close(fd);
    return err;
}

static bool copy_content(const struct fill *fill, struct store_file *file)
{
    const struct open_file *old = fill->place.file;
    uint64_t at = fill->place.stored->content_at;
    char *piece = fill->cache->piece;

    while (at < old->size) {
        size_t len = (size_t)MIN(old->size - at, CACHE_PIECE);

        if (old->body)
            memcpy(piece, old->body + at, len);
        else if (pread(old->fd, piece, len, (off_t)at) != (ssize_t)len)
            return false;
        if (store_append(file, slice_of(piece, len), now_ms_of(fill)) != 0)
            return false;
        at += len;
    }
    return true;
}

static bool write_anew(const struct fill *fill, struct slice front)
{
    struct store_file file;
    bool is_done = store_begin(&fill->shelf->library.store, &fill->place.name, now_ms_of(fill),
                               &file) == 0 &&
                   store_append(&file, front, now_ms_of(fill)) == 0 && copy_content(fill, &file) &&
                   store_commit(&file, slice_of(front.data, ENTRY_HEAD_SIZE), now_ms_of(fill)) == 0;

    store_close(&file);
    return is_done;
}

/* What is stored gets new fields and a new lifetime. */
static bool renew(struct fill *fill, const struct header_table *merged,
                  const struct caching_fields *fields, const struct freshness *freshness)
{
    const struct stored *stored = fill->place.stored;
    struct cache_entry entry = stored->entry;
    struct writer lines = cache_head_space(fill->cache);
    char *front;
    size_t len;
    bool is_done;

    if (!fill_write_lines(fill, merged, &lines))
        return false;
    entry.freshness = *freshness;
    entry.lines = writer_content(&lines);
    entry.etag = fields->etag;
    if (entry_front_size(&entry) != stored->content_at && entry.content_length > COPY_MAX) {
        entry.lines = stored->entry.lines; /* as they were: better than all again */
        entry.etag = stored->entry.etag;
    }
    front = fill_write_front(&entry, &len);
    if (!front)
        return false;
    entry_write_head(&entry, front);
    if (len == stored->content_at)
        is_done = overwrite(fill, slice_of(front, len)) == 0;
    else
        is_done = write_anew(fill, slice_of(front, len));
    free(front);
    return is_done;
}

/* A 304 without a tag is about the one that was asked for. What is no tag by the grammar, but the same,
 * is the same. */
static bool is_same_tag(const struct fill *fill, const struct reply *reply)
{
    struct caching_fields fields;
    struct slice own = fill->place.stored->entry.etag;

    caching_fields_read(&reply->headers, 0, &fields);
    return fields.etag.len == 0 || own.len == 0 || slice_equal(own, fields.etag) ||
           conditional_tags_match(own, fields.etag);
}

bool fill_take_not_modified(struct fill *fill, const struct reply *reply,
                            const struct exchange_times *times)
{
    struct header rows[ROWS_MAX];
    struct header_table merged;
    struct caching_fields fields;
    struct freshness freshness;
    struct library *library = &fill->shelf->library;

    header_table_init(&merged, rows, ROWS_MAX);
    if (!is_same_tag(fill, reply) ||
        !merge(fill->place.stored->entry.lines, &reply->headers, &merged))
        return false;
    caching_fields_read(&merged, times->received_at, &fields);
    /* Whatever it says of its keeping now, this once it answers. */
    fill->state = FILL_STORED;
    fill->how = "hit; fwd=stale; fwd-status=304";
    if (cache_rules_store(&fill->shelf->rules,
                          &(struct store_question){
                              .method = METHOD_GET,
                              .request = &fill->asked->req.headers,
                              .status = fill->place.stored->entry.status,
                              .fields = &fields,
                              .times = times,
                          },
                          &freshness) == STORE_YES) {
        if (!fill->is_void && renew(fill, &merged, &fields, &freshness))
            fill->how = "hit; fwd=stale; fwd-status=304; stored";
        /* For those who read it now; the next one opens the file again. */
        fill->place.stored->entry.freshness = freshness;
        fill->is_shared = freshness_ttl(&freshness, times->received_at) > 0;
    } else {
        (void)store_remove(&library->store, &fill->place.name);
    }
    library_forget_name(library, &fill->place.name, now_ms_of(fill));
    counter_add(&fill->cache->http->counters->replies_revalidated, 1);
    return true;
}
