/* SPDX-License-Identifier: MIT */
/*
 * buffer.h - a fixed block of bytes that is filled at its end and used up from its start.
 *
 *   data      start         end        capacity
 *    |  used   |   content   |   room   |
 *
 * The storage belongs to whoever made it. Nothing here moves content but buf_compact().
 */
#ifndef TINYWEB_BASE_BUFFER_H
#define TINYWEB_BASE_BUFFER_H

#include "base/slice.h"

#include <assert.h>
#include <stdint.h>

struct buffer {
    char *data;
    uint32_t start, end, capacity;
};

static inline size_t buf_length(const struct buffer *buf)
{
    return buf->end - buf->start;
}

static inline size_t buf_room(const struct buffer *buf)
{
    return buf->capacity - buf->end;
}

static inline struct slice buf_content(const struct buffer *buf)
{
    return slice_of(buf->data + buf->start, buf_length(buf));
}

/* @len bytes were written at the end (at most buf_room). */
static inline void buf_commit(struct buffer *buf, size_t len)
{
    assert(len <= buf_room(buf));
    buf->end += (uint32_t)len;
}

/* Drop @len bytes from the front; an emptied buffer starts over. */
static inline void buf_consume(struct buffer *buf, size_t len)
{
    assert(len <= buf_length(buf));
    buf->start += (uint32_t)len;
    if (buf->start == buf->end)
        buf->start = buf->end = 0;
}

/* Keep the first @len bytes of the content, drop those behind them. */
static inline void buf_truncate(struct buffer *buf, size_t len)
{
    assert(len <= buf_length(buf));
    buf->end = buf->start + (uint32_t)len;
}

/* Move the content to the front: slices into it die. */
static inline void buf_compact(struct buffer *buf)
{
    if (buf->start == 0)
        return;
    memmove(buf->data, buf->data + buf->start, buf_length(buf));
    buf->end -= buf->start;
    buf->start = 0;
}

#endif
