/* SPDX-License-Identifier: MIT */
/* engine.c - the product's own layers, driven by events or by a read that blocks. */
#include "handler/registry.h"
#include "model.h"
#include "net/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A connection that is never quiet: the clock and the deadlines are looked at after so many reads. */
#define READS_A_LOOK 64

/* A new connection reads at once, which may be the end of it. Here it has no descriptor by then,
 * which keeps it from being watched, too. */
static ssize_t blocking_read(struct transport *transport, void *buf, size_t len)
{
    return transport->watcher.fd == -1 ? -EAGAIN : transport_plain.read(transport, buf, len);
}

struct engine *engine_create(const struct model *model)
{
    static struct transport_ops blocking;
    struct engine *engine = aligned_alloc(CACHE_LINE_SIZE, sizeof(*engine));
    int err;

    if (!engine)
        model_fail("engine", ENOMEM);
    memset(engine, 0, sizeof(*engine));
    err = loop_create(&engine->loop);
    if (err)
        model_fail("loop", err);
    engine->mempool = mempool_create();
    if (!engine->mempool)
        model_fail("mempool", ENOMEM);
    const struct http_settings settings = {
        .config = model->config,
        .loop = engine->loop,
        .mempool = engine->mempool,
        .counters = &engine->counters,
        .root_fds = &model->root_fd,
        .access_log_fd = -1,
        .make_handler = registry_make_handler,
    };
    err = http_context_create(&settings, &engine->http);
    if (err)
        model_fail("http", err);
    blocking = transport_plain;
    blocking.read = blocking_read;
    const struct connpool_settings pool = {
        .capacity = 1,
        .input_size = http_input_size(model->config),
        .send_timeout_ms = model->config->server.send_timeout_ms,
        .linger_timeout_ms = model->config->server.linger_timeout_ms,
        .transport = &blocking,
    };
    err = connpool_create(engine->loop, engine->mempool, &pool, &engine->pool);
    if (err)
        model_fail("pool", err);
    return engine;
}

/* Nobody waits for events: the read that blocks is the wait. So whenever the connection has done
 * all that it could, it is told that there is something to read, and finds out by waiting. */
void engine_serve(struct engine *engine, int fd)
{
    const struct address peer = {.any.sa_family = AF_UNSPEC};
    struct connection *conn = connpool_open(engine->pool, http_context_factory(engine->http), -1,
                                            &peer);

    if (!conn) {
        close(fd);
        return;
    }
    conn->transport.watcher.fd = fd;
    while (connpool_open_count(engine->pool) > 0) {
        if (loop_run_once(engine->loop, 0) != 0)
            break;
        for (int i = 0; i < READS_A_LOOK && conn_is_open(conn); i++)
            conn->transport.watcher.on_events(&conn->transport.watcher, EPOLLIN);
        if (connpool_open_count(engine->pool) > 0 && !conn_is_open(conn))
            conn->transport.watcher.on_events(&conn->transport.watcher, EPOLLIN); /* it lingers */
    }
    while (connpool_free_count(engine->pool) == 0 && loop_run_once(engine->loop, 0) == 0)
        continue; /* until the slot is recycled */
}

_Noreturn void engine_run(struct engine *engine, const struct model *model,
                          const struct engine_group *group)
{
    const struct engine_group alone = {.counters = &engine->counters, .count = 1};
    const struct server_config *config = &model->config->server;
    struct server *server;

    if (!group)
        group = &alone;
    const struct server_settings settings = {
        .listen_fds = &model->listen_fd,
        .listen_count = 1,
        .pool =
            {
                .capacity = config->worker_connections,
                .input_size = http_input_size(model->config),
                .send_timeout_ms = config->send_timeout_ms,
                .linger_timeout_ms = config->linger_timeout_ms,
            },
        .accept_mutex = group->accept_mutex,
        .accept_mutex_delay_ms = config->accept_mutex_delay_ms,
        .counters = group->counters,
        .counters_count = group->count,
        .counters_index = group->index,
    };
    int err = server_create(engine->loop, engine->mempool, http_context_factory(engine->http),
                            &settings, &server);

    if (!err)
        err = loop_run(engine->loop);
    model_fail("events", err);
}
