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

/* From the descriptor; NULL: it cannot be read, or is no entry. */
static char *read_front(const struct open_file *file, size_t *ret_len)
{
    char head[ENTRY_HEAD_SIZE];
    ssize_t needed, n = pread(file->fd, head, sizeof(head), 0);
    char *front;

    if (n != (ssize_t)sizeof(head) ||
        (needed = entry_front_needed(slice_of(head, sizeof(head)))) < 0)
        return NULL;
    front = malloc((size_t)needed);
    if (front && pread(file->fd, front, (size_t)needed, 0) != needed) {
        free(front);
        return NULL;
    }
    *ret_len = (size_t)needed;
    return front;
}

static struct stored *read_stored(const struct open_file *file)
{
    char *front = NULL;
    struct slice bytes = slice_of(file->body, (size_t)file->size);
    struct cache_entry entry = {.kind = ENTRY_REPLY};
    struct stored *stored;
    int err = 0;

    if (!file->body) {
        front = read_front(file, &bytes.len);
        bytes.data = front;
    }
    err = bytes.data ? entry_parse(bytes, file->size, &entry) : -EBADMSG;
    stored = calloc(1, sizeof(*stored) + entry.lines.len + STORED_HEAD_ROOM);
    if (!stored) {
        free(front);
        return NULL;
    }
    stored->entry = entry;
    stored->is_broken = err != 0;
    stored->content_at = file->size - entry.content_length;
    stored->front = front;
    stored->touched_at = file->mtime.tv_sec;
    stored->head_time = -1;
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
