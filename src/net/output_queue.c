/* SPDX-License-Identifier: MIT */
/*
 * output_queue.c - chunks to writev(2) and sendfile(2).
 *
 * sendfile(2) waits for the disk where the page cache has not what it wants. So a file that may
 * wait is sent window by window; a window is looked at once, at its end and where it does not
 * follow another at its start, and is believed to be whole between.
 */
#include "net/output_queue.h"

#include "os/page_cache.h"

#include <errno.h>
#include <limits.h>

/* Pieces of one writev. More would only grow the stack: the kernel copies them one by one. */
#define IOV_COUNT 64
/* Copied bytes get chunks of at least this size, so that small pieces share one. */
#define COPY_SIZE_MIN 512
/* A window: what one look, or one read, is good for. Two turns of a connection. */
#define WINDOW_SIZE (1024U * 1024)
/* The kernel reads at least so much at once: no need to look at both ends of less. */
#define READ_AHEAD (128U * 1024)
#define NEVER_WAITS INT64_MAX

struct chunk {
    struct chunk *next;    /* of the last one: the first */
    struct counted *owner; /* NULL: the bytes follow the struct */
    union {
        const char *data;       /* memory: what is left starts here */
        struct cold_read *read; /* file: under way for it; NULL: none */
    };
    off_t offset;       /* file: what is left starts here */
    off_t warm_end;     /* file: up to here it is sent without a look */
    uint64_t len;       /* what is left */
    uint64_t end;       /* of it, among the bytes of this queue since it was empty */
    uint32_t ordinal;   /* among its chunks */
    int file_fd;        /* -1: memory */
    uint32_t copy_size; /* room behind the struct */
};

static struct chunk *first_of(const struct output_queue *queue)
{
    return queue->last->next;
}

static char *copied_bytes(struct chunk *chunk)
{
    return (char *)(chunk + 1);
}

/* What the chunk holds is for the caller to say, and then where it ends. */
static inline struct chunk *append(struct output_queue *queue, struct mempool *pool,
                                   uint32_t copy_size)
{
    struct chunk *chunk = mempool_alloc(pool, sizeof(*chunk) + copy_size);

    if (!chunk)
        return NULL;
    chunk->copy_size = copy_size;
    chunk->next = chunk;
    chunk->end = 0;
    chunk->ordinal = 0;
    if (queue->last) {
        chunk->next = first_of(queue);
        chunk->end = queue->last->end;
        chunk->ordinal = queue->last->ordinal + 1;
        queue->last->next = chunk;
    }
    queue->last = chunk;
    return chunk;
}

static inline void drop_first(struct output_queue *queue, struct mempool *pool)
{
    struct chunk *chunk = first_of(queue);

    if (chunk == queue->last)
        queue->last = NULL;
    else
        queue->last->next = chunk->next;
    counted_unref(chunk->owner);
    mempool_free(pool, chunk, sizeof(*chunk) + chunk->copy_size);
}

uint64_t output_bytes(const struct output_queue *queue)
{
    const struct chunk *first;

    if (!queue->last)
        return 0;
    first = first_of(queue);
    return queue->last->end - first->end + first->len;
}

uint32_t output_count(const struct output_queue *queue)
{
    return queue->last ? queue->last->ordinal - first_of(queue)->ordinal + 1 : 0;
}

/* Bytes that still fit behind what the last chunk holds, when that one holds copies. */
static size_t room_in_last(const struct output_queue *queue)
{
    struct chunk *last = queue->last;

    if (!last || last->copy_size == 0)
        return 0;
    return last->copy_size - (size_t)(last->data + last->len - copied_bytes(last));
}

int output_copy(struct output_queue *queue, struct mempool *pool, struct slice bytes,
                uint32_t ahead)
{
    struct chunk *chunk = queue->last;

    if (bytes.len == 0)
        return 0;
    if (bytes.len > UINT32_MAX - sizeof(*chunk) - ahead)
        return -ENOMEM;
    if (room_in_last(queue) < bytes.len) {
        chunk = append(queue, pool, (uint32_t)MAX(bytes.len + ahead, COPY_SIZE_MIN));
        if (!chunk)
            return -ENOMEM;
        chunk->owner = NULL;
        chunk->data = copied_bytes(chunk);
        chunk->len = 0;
        chunk->file_fd = -1;
    }
    memcpy(copied_bytes(chunk) + (chunk->data - copied_bytes(chunk)) + chunk->len, bytes.data,
           bytes.len);
    chunk->len += bytes.len;
    chunk->end += bytes.len;
    return 0;
}

int output_memory(struct output_queue *queue, struct mempool *pool, struct slice bytes,
                  struct counted *owner)
{
    struct chunk *chunk;

    if (bytes.len == 0)
        return 0;
    chunk = append(queue, pool, 0);
    if (!chunk)
        return -ENOMEM;
    counted_ref(owner);
    chunk->owner = owner;
    chunk->data = bytes.data;
    chunk->len = bytes.len;
    chunk->file_fd = -1;
    chunk->end += bytes.len;
    return 0;
}

int output_file(struct output_queue *queue, struct mempool *pool, int file_fd, off_t offset,
                uint64_t len, struct counted *owner)
{
    struct chunk *chunk;

    if (len == 0)
        return 0;
    chunk = append(queue, pool, 0);
    if (!chunk)
        return -ENOMEM;
    counted_ref(owner);
    chunk->owner = owner;
    chunk->read = NULL;
    chunk->file_fd = file_fd;
    chunk->offset = offset;
    chunk->warm_end = NEVER_WAITS;
    chunk->len = len;
    chunk->end += len;
    return 0;
}

void output_may_wait(struct output_queue *queue)
{
    struct chunk *chunk = queue->last;

    if (chunk && chunk->file_fd != -1)
        chunk->warm_end = 0; /* no window before it */
}

static void consume_memory(struct output_queue *queue, struct mempool *pool, size_t sent)
{
    while (sent > 0) {
        struct chunk *chunk;

        assert(queue->last); /* nobody sends more than there is */
        chunk = first_of(queue);
        if (sent < chunk->len) {
            chunk->data += sent;
            chunk->len -= sent;
            return;
        }
        sent -= chunk->len;
        drop_first(queue, pool);
    }
}

/* Several answers, or an answer in pieces. */
static NOINLINE ssize_t send_pieces(const struct output_queue *queue, struct transport *transport)
{
    struct iovec iov[IOV_COUNT];
    const struct chunk *chunk = first_of(queue);
    int count = 0;
    bool more_follow = true;

    while (more_follow && chunk->file_fd == -1 && count < IOV_COUNT) {
        /* iov_base is not const, but only read from. */
        iov[count++] = (struct iovec){.iov_base = (void *)(uintptr_t)chunk->data,
                                      .iov_len = chunk->len};
        more_follow = chunk != queue->last;
        chunk = chunk->next;
    }
    return transport->ops->writev(transport, iov, count, more_follow);
}

static ssize_t send_memory(struct output_queue *queue, struct mempool *pool,
                           struct transport *transport)
{
    const struct chunk *chunk = first_of(queue);
    ssize_t n;

    if (LIKELY(chunk == queue->last)) {
        const struct iovec iov = {.iov_base = (void *)(uintptr_t)chunk->data,
                                  .iov_len = chunk->len};

        n = transport->ops->writev(transport, &iov, 1, false);
    } else {
        n = send_pieces(queue, transport);
    }
    if (n > 0)
        consume_memory(queue, pool, (size_t)n);
    return n;
}

static size_t window_of(const struct chunk *chunk)
{
    return (size_t)MIN(chunk->len, WINDOW_SIZE);
}

/* Whether the next window is in memory, which is then its whole answer. */
static NOINLINE bool look_ahead(struct chunk *chunk)
{
    size_t window = window_of(chunk);
    bool follows = chunk->offset > 0 && chunk->warm_end == chunk->offset;

    if (chunk->read)
        return false;
    if (!follows && !page_cache_holds(chunk->file_fd, chunk->offset))
        return false;
    if ((follows || window > READ_AHEAD) &&
        !page_cache_holds(chunk->file_fd, chunk->offset + (off_t)window - 1))
        return false;
    chunk->warm_end = chunk->offset + (off_t)window;
    return true;
}

static ssize_t send_file(struct output_queue *queue, struct mempool *pool,
                         struct transport *transport, uint64_t budget)
{
    struct chunk *chunk = first_of(queue);
    /* A short rest leaves with the others: the budget is about fairness, not about the byte. */
    uint64_t len = chunk->len <= budget + budget / 8 ? chunk->len : budget;
    ssize_t n;

    if (UNLIKELY(chunk->warm_end != NEVER_WAITS)) {
        if (chunk->warm_end <= chunk->offset && !look_ahead(chunk))
            return -EINPROGRESS;
        len = MIN(len, (uint64_t)(chunk->warm_end - chunk->offset));
    }
    n = transport->ops->sendfile(transport, chunk->file_fd, &chunk->offset, (size_t)len);
    if (n == 0)
        return -EIO; /* the file has shrunk: its announced length cannot be kept */
    if (n > 0) {
        chunk->len -= (uint64_t)n;
        if (chunk->len == 0)
            drop_first(queue, pool);
    }
    return n;
}

int output_flush(struct output_queue *queue, struct mempool *pool, struct transport *transport,
                 uint64_t budget, uint64_t *ret_sent)
{
    uint64_t sent = 0;
    ssize_t n = 0;

    while (queue->last && sent < budget) {
        if (first_of(queue)->file_fd == -1)
            n = send_memory(queue, pool, transport);
        else
            n = send_file(queue, pool, transport, budget - sent);
        if (n < 0 && n != -EINTR)
            break;
        sent += n > 0 ? (uint64_t)n : 0;
    }
    *ret_sent = sent;
    return n < 0 && n != -EINTR ? (int)n : 0;
}

int output_start_read(struct output_queue *queue, struct cold_reader *reader,
                      struct conn_ref waiter)
{
    struct chunk *chunk = first_of(queue);
    const struct cold_part part = {
        .fd = chunk->file_fd,
        .offset = chunk->offset,
        .len = window_of(chunk),
        .owner = chunk->owner,
    };
    int err;

    if (chunk->read)
        return 0;
    err = cold_read_start(reader, &part, waiter, &chunk->read);
    if (err)
        output_read_is_done(queue);
    return err;
}

void output_read_is_done(struct output_queue *queue)
{
    struct chunk *chunk = first_of(queue);

    chunk->read = NULL;
    chunk->warm_end = chunk->offset + (off_t)window_of(chunk);
}

void output_truncate(struct output_queue *queue, struct mempool *pool, uint64_t len)
{
    struct output_queue rest = {queue->last};
    struct chunk *first, *last;

    if (output_bytes(queue) <= len)
        return;
    if (len == 0) {
        output_clear(queue, pool);
        return;
    }
    for (last = first = first_of(queue); last->len < len; last = last->next)
        len -= last->len;
    last->end -= last->len - len;
    last->len = len;
    queue->last = last;
    if (last == rest.last)
        return;
    rest.last->next = last->next;
    last->next = first;
    while (rest.last)
        drop_first(&rest, pool);
}

void output_clear(struct output_queue *queue, struct mempool *pool)
{
    if (queue->last && first_of(queue)->file_fd != -1)
        cold_read_cancel(first_of(queue)->read);
    while (queue->last)
        drop_first(queue, pool);
}
