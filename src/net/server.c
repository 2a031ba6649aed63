/* SPDX-License-Identifier: MIT */
/* server.c - puts listeners, pool and factory of one worker together. */
#include "net/server.h"

#include "net/accepter.h"
#include "os/socket.h"

#include <errno.h>
#include <stdlib.h>

enum server_state {
    SERVER_ACCEPTING,
    SERVER_DRAINING, /* until the last connection is gone */
    SERVER_DRAINED,  /* on_drained has been called */
};

/* For what else the worker's loop has timers. */
#define SPARE_TIMERS 16

struct server {
    struct server_settings settings;
    struct factory **factories; /* behind the accepters */
    struct connection_pool *pool;
    struct accepter_env env;
    struct task drained;
    enum server_state state;
    size_t accepter_count;
    struct accepter accepters[];
};

static void update_gauges(struct server *server)
{
    struct worker_counters *own = &server->settings.counters[server->settings.counters_index];

    counter_set(&own->connections, connpool_open_count(server->pool));
    counter_set(&own->free_slots, connpool_free_count(server->pool));
}

static bool make_room(void *context)
{
    struct server *server = context;

    return connpool_evict_quiet(server->pool);
}

static void on_accepted(void *context, const struct accepter *accepter, int fd,
                        const struct address *peer)
{
    struct server *server = context;
    struct factory *factory = server->factories[accepter - server->accepters];

    /* Without slot or memory the connection is closed, which the peer sees as a reset; so it is
     * when the factory refuses it. */
    (void)connpool_open(server->pool, factory, fd, peer);
    update_gauges(server);
}

static void tell_limit(const struct server *server, enum limit limit, const struct address *peer)
{
    if (server->settings.on_limit)
        server->settings.on_limit(server->settings.context, limit, peer);
}

static void on_refused(void *context, int fd, const struct address *peer)
{
    struct server *server = context;

    tell_limit(server, LIMIT_OPEN_FILES, peer);
    socket_refuse(fd, server->settings.busy);
}

static void on_exhausted(void *context, int err)
{
    bool is_files = err == -EMFILE || err == -ENFILE;

    tell_limit(context, is_files ? LIMIT_OPEN_FILES : LIMIT_MEMORY, NULL);
}

/* When the last slot is free: a connection that is closed but not recycled has still to be told.
 * The server may be destroyed by on_drained, so nothing is touched behind it. */
static void announce_drained(struct server *server)
{
    if (server->state != SERVER_DRAINING ||
        connpool_free_count(server->pool) < server->settings.pool.capacity)
        return;
    server->state = SERVER_DRAINED;
    server->settings.on_drained(server->settings.context);
}

static void on_drain(struct task *task)
{
    announce_drained(container_of(task, struct server, drained));
}

static void on_recycled(void *context)
{
    struct server *server = context;

    update_gauges(server);
    announce_drained(server);
}

int server_create(struct event_loop *loop, struct mempool *mempool, struct factory *factory,
                  const struct server_settings *settings, struct server **ret_server)
{
    size_t size = sizeof(struct server) +
                  settings->listen_count * (sizeof(struct accepter) + sizeof(struct factory *));
    struct server *server = calloc(1, size);
    struct connpool_settings pool_settings = settings->pool;
    int err;

    if (!server)
        return -ENOMEM;
    server->settings = *settings;
    server->factories = (struct factory **)&server->accepters[settings->listen_count];
    for (size_t i = 0; i < settings->listen_count; i++)
        server->factories[i] = settings->factories ? settings->factories[i] : factory;
    task_init(&server->drained, on_drain);
    server->env = (struct accepter_env){
        .loop = loop,
        .mutex = settings->accept_mutex,
        .mutex_delay_ms = settings->accept_mutex_delay_ms,
        .counters = settings->counters,
        .counters_count = settings->counters_count,
        .counters_index = settings->counters_index,
        .make_room = make_room,
        .on_accepted = on_accepted,
        .on_refused = on_refused,
        .on_exhausted = on_exhausted,
        .context = server,
    };
    pool_settings.on_recycled = on_recycled;
    pool_settings.context = server;
    err = connpool_create(loop, mempool, &pool_settings, &server->pool);
    if (err)
        goto failed;
    /* So that no deadline and no rest can fail for lack of memory. */
    err = loop_reserve_timers(loop, settings->pool.capacity + (uint32_t)settings->listen_count +
                                        SPARE_TIMERS);
    if (err)
        goto failed;
    update_gauges(server);
    counter_set(&settings->counters[settings->counters_index].active, 1);
    for (size_t i = 0; i < settings->listen_count; i++) {
        err = accepter_start(&server->accepters[i], &server->env, settings->listen_fds[i]);
        if (err)
            goto failed;
        server->accepter_count++;
    }
    *ret_server = server;
    return 0;

failed:
    server_destroy(server);
    return err;
}

static void stop_accepting(struct server *server, bool take_waiting)
{
    for (size_t i = 0; i < server->accepter_count; i++)
        accepter_stop(&server->accepters[i], take_waiting);
    server->accepter_count = 0;
    counter_set(&server->settings.counters[server->settings.counters_index].active, 0);
}

void server_drain(struct server *server, bool take_waiting, uint32_t idle_ms)
{
    if (server->state != SERVER_ACCEPTING)
        return;
    stop_accepting(server, take_waiting);
    server->state = SERVER_DRAINING;
    connpool_drain(server->pool, idle_ms);
    loop_post(server->env.loop, &server->drained); /* there may be no connection at all */
}

void server_destroy(struct server *server)
{
    struct worker_counters *own;

    if (!server)
        return;
    own = &server->settings.counters[server->settings.counters_index];
    stop_accepting(server, false);
    loop_unpost(&server->drained);
    connpool_destroy(server->pool);
    counter_set(&own->connections, 0);
    counter_set(&own->free_slots, 0);
    free(server);
}

size_t server_connection_count(const struct server *server)
{
    return connpool_open_count(server->pool);
}
