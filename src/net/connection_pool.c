/* SPDX-License-Identifier: MIT */
/* connection_pool.c - slots: free -> open -> closed, until the end of the iteration -> free. */
#include "net/connection_pool.h"

#include "os/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* With the 40 bytes of the HTTP protocol and its place among the timers an idle one takes 200. */
static_assert(sizeof(void *) > 8 || sizeof(struct connection) <= 152, "there may be many");

/* Of how many idle ones it is asked whether they are quiet, before nobody is closed. */
#define EVICT_LOOKS 8

/* The slots lie behind the heads of the lists they are in, as near_list.h wants it. */
struct connection_pool {
    struct conn_shared shared;
    struct connpool_settings settings;
    uint32_t touched;      /* slots before this one have been used at least once */
    uint32_t used;         /* slots that are not free: open, or waiting to be recycled */
    struct near_node free; /* used before, closed, recycled */
    struct connection slots[];
};

static void recycle(struct task *task)
{
    struct conn_shared *shared = container_of(task, struct conn_shared, recycle);
    struct connection_pool *pool = container_of(shared, struct connection_pool, shared);

    while (!near_is_empty(&shared->recycled)) {
        struct connection *conn = container_of(near_next(&shared->recycled), struct connection,
                                               node);

        near_remove(&conn->node);
        if (conn->protocol)
            conn->protocol->ops->on_close(conn->protocol, conn->close_reason);
        if (conn->input)
            bufpool_give(shared->buffers, conn->input);
        if (UNLIKELY(conn->is_counted))
            gate_leave(shared->gate, &conn->peer);
        conn->generation++;
        near_prepend(&pool->free, &conn->node);
        pool->used--;
    }
    if (pool->settings.on_recycled)
        pool->settings.on_recycled(pool->settings.context);
}

static void on_file_read(void *context, struct conn_ref waiter, int err)
{
    struct connection *conn = connpool_get(context, waiter);

    if (conn)
        conn_file_is_read(conn, err);
}

static void take_reader(struct connection_pool *pool, struct cold_reader *reader)
{
    if (!reader || !reader->threads)
        return;
    reader->on_ready = on_file_read;
    reader->context = pool;
    pool->shared.cold = reader;
}

static size_t pool_size(uint32_t capacity)
{
    return sizeof(struct connection_pool) + capacity * sizeof(struct connection);
}

/* Zero pages, which cost nothing until a slot is used for the first time. */
static struct connection_pool *map_pool(uint32_t capacity)
{
    void *pool;

    if (pool_size(capacity) > INT32_MAX)
        return NULL;
    pool = mmap(NULL, pool_size(capacity), PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return pool == MAP_FAILED ? NULL : pool;
}

int connpool_create(struct event_loop *loop, struct mempool *mempool,
                    const struct connpool_settings *settings, struct connection_pool **ret_pool)
{
    struct connection_pool *pool = map_pool(settings->capacity);

    if (!pool)
        return -ENOMEM;
    pool->settings = *settings;
    if (!pool->settings.transport)
        pool->settings.transport = &transport_plain;
    pool->shared = (struct conn_shared){
        .loop = loop,
        .mempool = mempool,
        .buffers = bufpool_create(settings->input_size),
        .bytes_sent = settings->bytes_sent,
        .gate = settings->gate,
        .send_timeout_ms = settings->send_timeout_ms,
        .send_least_bytes = MAX(
            (uint64_t)settings->min_send_rate * settings->send_timeout_ms * 7 / 8000, 1U),
        .send_rate = settings->send_rate,
        .send_rate_after = settings->send_rate > 0 ? settings->send_rate_after : UINT64_MAX,
        .linger_timeout_ms = settings->linger_timeout_ms,
    };
    conn_shared_init(&pool->shared);
    near_init(&pool->free);
    task_init(&pool->shared.recycle, recycle);
    if (!pool->shared.buffers) {
        connpool_destroy(pool);
        return -ENOMEM;
    }
    pool->shared.slots = pool->slots;
    take_reader(pool, settings->cold);
    *ret_pool = pool;
    return 0;
}

void connpool_destroy(struct connection_pool *pool)
{
    if (!pool)
        return;
    if (pool->shared.cold)
        pool->shared.cold->on_ready = NULL;
    pool->settings.on_recycled = NULL;
    connpool_close_all(pool, CLOSE_SHUTDOWN);
    recycle(&pool->shared.recycle);
    loop_unpost(&pool->shared.recycle);
    loop_unpost(&pool->shared.run_all);
    bufpool_destroy(pool->shared.buffers);
    (void)munmap(pool, pool_size(pool->settings.capacity));
}

static struct connection *take_slot(struct connection_pool *pool)
{
    struct connection *conn;

    if (!near_is_empty(&pool->free)) {
        conn = container_of(near_next(&pool->free), struct connection, node);
        near_remove(&conn->node);
        return conn;
    }
    if (pool->touched == pool->settings.capacity)
        return NULL;
    return &pool->slots[pool->touched++];
}

struct connection *connpool_open(struct connection_pool *pool, struct factory *factory, int fd,
                                 const struct address *peer)
{
    struct client_gate *gate = pool->shared.gate;
    bool is_counted = false;
    struct connection *conn;

    if (UNLIKELY(gate != NULL) && !gate_enter(gate, peer, &is_counted)) {
        if (fd != -1)
            socket_refuse(fd, gate->refusal);
        return NULL;
    }
    conn = take_slot(pool);
    if (!conn) {
        if (is_counted)
            gate_leave(gate, peer);
        if (fd != -1)
            (void)close(fd);
        return NULL;
    }
    conn_init(conn, &pool->shared, fd, pool->settings.transport, peer);
    conn->is_counted = is_counted;
    pool->used++;
    conn->protocol = factory->make(factory, conn);
    if (!conn->protocol) {
        conn_abort(conn, CLOSE_NO_MEMORY);
        return NULL;
    }
    conn_start(conn);
    return conn;
}

struct conn_ref connpool_ref(const struct connection_pool *pool, const struct connection *conn)
{
    return (struct conn_ref){.index = (uint32_t)(conn - pool->slots),
                             .generation = conn->generation};
}

struct connection *connpool_get(struct connection_pool *pool, struct conn_ref ref)
{
    struct connection *conn;

    if (ref.index >= pool->touched)
        return NULL;
    conn = &pool->slots[ref.index];
    return conn->generation == ref.generation && conn->state != CONN_CLOSED ? conn : NULL;
}

uint32_t connpool_open_count(const struct connection_pool *pool)
{
    return pool->shared.open_count;
}

uint32_t connpool_free_count(const struct connection_pool *pool)
{
    return pool->settings.capacity - pool->used;
}

bool connpool_evict_idle(struct connection_pool *pool)
{
    struct near_node *longest = near_next(&pool->shared.idle);

    if (near_is_empty(&pool->shared.idle))
        return false;
    conn_close(container_of(longest, struct connection, node), CLOSE_EVICTED);
    return true;
}

bool connpool_evict_quiet(struct connection_pool *pool)
{
    struct near_node *idle = &pool->shared.idle;
    struct near_node *node = near_next(idle);

    for (int looks = 0; node != idle && looks < EVICT_LOOKS; looks++) {
        struct connection *conn = container_of(node, struct connection, node);

        if (!socket_has_input(conn->transport.watcher.fd)) {
            conn_close(conn, CLOSE_EVICTED);
            return true;
        }
        node = near_next(node);
    }
    return false;
}

void connpool_drain(struct connection_pool *pool, uint32_t idle_ms)
{
    struct near_node *idle = &pool->shared.idle;
    struct near_node *last = near_prev(idle);
    struct near_node *node = NULL;

    pool->shared.is_draining = true;
    pool->shared.drain_idle_ms = MAX(idle_ms, 1U);
    while (last != idle && node != last) { /* each goes to the end again, with its deadline cut */
        struct connection *conn;

        node = near_next(idle);
        conn = container_of(node, struct connection, node);
        near_remove(node); /* one that runs goes back later, or is busy by now */
        conn_set_idle(conn, conn->is_idle);
    }
}

void connpool_close_all(struct connection_pool *pool, enum close_reason why)
{
    for (uint32_t i = 0; i < pool->touched; i++) {
        struct connection *conn = &pool->slots[i];

        /* A reset would also take from the peer what the kernel has still to deliver. */
        if (conn_unsent_bytes(conn) > 0)
            conn_abort(conn, why);
        else
            conn_close(conn, why);
    }
}
