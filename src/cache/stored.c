/* SPDX-License-Identifier: MIT */
/* stored.c - reads the front of a file, wherever its bytes are. */

#include "cache/stored.h"

#include "http/common_lines.h"
#include "http/status.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void free_stored(void *attachment)
{
    struct stored *stored = attachment;

    free(stored->front);
    free(stored);
}

static bool read_bytes(const struct open_file *file, char *bytes, size_t len)
{
    if (!file->body)
        return pread(file->fd, bytes, len, 0) == (ssize_t)len;
    if (file->size < len)
        return false;
    memcpy(bytes, file->body, len);
    return true;
}

/* A copy; NULL: it cannot be read, or is no entry. */
static char *read_front(const struct open_file *file, size_t *ret_len)
{
    char head[ENTRY_HEAD_SIZE];
    ssize_t needed;
    char *front;

    if (!read_bytes(file, head, sizeof(head)) ||
        (needed = entry_front_needed(slice_of(head, sizeof(head)))) < 0)
        return NULL;
    front = malloc((size_t)needed);
    if (front && !read_bytes(file, front, (size_t)needed)) {
        free(front);
        return NULL;
    }
    *ret_len = (size_t)needed;
    return front;
}

static struct stored *read_stored(const struct open_file *file)
{
    struct cache_entry entry = {.kind = ENTRY_REPLY};
    size_t len = 0;
    char *front = read_front(file, &len);
    int err = front ? entry_parse(slice_of(front, len), file->size, &entry) : -EBADMSG;
    struct stored *stored = calloc(1, sizeof(*stored) + entry.lines.len + STORED_HEAD_ROOM);

    if (!stored) {
        free(front);
        return NULL;
    }
    stored->entry = entry;
    stored->is_broken = err != 0;
    stored->content_at = file->size - entry.content_length;
    stored->front = front;
    stored->touched_at = file->mtime.tv_sec;
    stored->head_time = stored->whole_time = -1;
    return stored;
}

struct stored *stored_of(struct open_file *file)
{
    struct stored *stored = file->attachment;

    if (!stored) {
        stored = read_stored(file);
        if (!stored)
            return NULL;
        file->attachment = stored;
        file->free_attachment = free_stored;
    }
    return stored->is_broken ? NULL : stored;
}

void stored_write_how(const struct stored *stored, time_t now, const char *how, struct writer *w)
{
    int64_t ttl = freshness_ttl(&stored->entry.freshness, now);

    writer_literal(w, "Age: ");
    writer_number(w, freshness_age(&stored->entry.freshness, now));
    writer_literal(w, "\r\nCache-Status: tinyweb; ");
    if (how) {
        writer_string(w, how);
    } else {
        writer_string(w, ttl < 0 ? "hit; ttl=-" : "hit; ttl=");
        writer_number(w, (uint64_t)(ttl < 0 ? -ttl : ttl));
    }
    writer_literal(w, "\r\n");
}

void stored_write_head(const struct stored *stored, time_t now, const char *how, struct writer *w)
{
    const struct cache_entry *entry = &stored->entry;

    write_status_line(w, entry->status);
    writer_slice(w, entry->lines);
    if (status_has_content(entry->status))
        write_content_length(w, entry->content_length);
    stored_write_how(stored, now, how, w);
}

struct slice stored_head(struct stored *stored, time_t now)
{
    if (stored->head_time != now) {
        struct writer w = writer_on(stored->head, stored->entry.lines.len + STORED_HEAD_ROOM);

        stored_write_head(stored, now, NULL, &w);
        stored->head_len = w.len;
        stored->head_time = now;
    }
    return slice_of(stored->head, stored->head_len);
}

/* The content stays where it is; what is before it are bytes of the file that nobody reads again. */
static void write_before_content(struct stored *stored, struct open_file *file, struct slice head)
{
    char *content = file->body + stored->content_at;
    char *start = content - head.len - 2;

    memcpy(start, head.data, head.len);
    memcpy(content - 2, "\r\n", 2);
    stored->whole = slice_of(start, head.len + 2 + (size_t)stored->entry.content_length);
}

struct slice stored_whole(struct stored *stored, struct open_file *file, time_t now)
{
    if (stored->whole_time != now) {
        struct slice head = stored_head(stored, now);

        if (!file->body || head.len + 2 > file->headroom + stored->content_at ||
            !open_file_is_unshared(file))
            return slice_of(NULL, 0);
        write_before_content(stored, file, head);
        stored->whole_time = now;
    }
    return stored->whole;
}
