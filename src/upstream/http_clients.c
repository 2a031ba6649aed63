/* SPDX-License-Identifier: MIT */
/* http_clients.c - where connections to servers come from, and where they go. */
#include "upstream/http_client_private.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* A connection that waits for its turn goes on. */
static void read_on(struct http_client *client)
{
    if (!conn_is_open(client->conn))
        return; /* its user is about to hear of it */
    client->is_paused = false;
    http_client_read(client);
    if (!client->is_paused)
        conn_resume_reading(client->conn);
    if (client->user && !client->is_paused && conn_is_open(client->conn))
        http_client_begin_deadline(client);
}

static enum client_end end_of_connecting(int err)
{
    switch (-err) {
    case ETIMEDOUT: return CLIENT_CONNECT_TIMEOUT;
    case EAGAIN: /* the queue of a Unix socket is full */
    case ECONNRESET:
    case ENOENT:
    case ECONNREFUSED: return CLIENT_CONNECT_REFUSED;
    case EMFILE:
    case ENFILE:
    case EADDRNOTAVAIL:
    case ENOBUFS: return CLIENT_NO_SOCKET;
    case ENOMEM: return CLIENT_NO_MEMORY;
    default: return CLIENT_CONNECT_FAILED;
    }
}

static struct protocol *take_opening(struct factory *factory, struct connection *conn)
{
    struct http_clients *clients = container_of(factory, struct http_clients, factory);
    struct http_client *client = clients->opening;

    clients->opening = NULL;
    client->conn = conn;
    client->opened_ms = loop_now_ms(clients->settings.loop);
    list_remove(&client->node);
    CLIENT_COUNT(client, upstream_connects, 1);
    CLIENT_COUNT(client, upstream_connections, 1);
    conn_read_while_blocked(conn);
    client->user->ops->on_connected(client->user); /* so that its head leaves before we read */
    return &client->protocol;
}

/* @fd is the connection's from now on. */
static void open_connection(struct http_client *client, int fd)
{
    struct http_clients *clients = client->clients;
    const struct address nobody = {.any.sa_family = AF_UNSPEC};

    clients->opening = client;
    (void)connpool_open(clients->connections, &clients->factory, fd, &nobody);
    if (clients->opening) { /* no slot */
        clients->opening = NULL;
        http_client_fail(client, CLIENT_NO_SOCKET);
    }
}

static void on_connect_result(struct http_client *client, int result)
{
    if (result >= 0)
        open_connection(client, result);
    else
        http_client_fail(client, end_of_connecting(result));
}

static void on_connected(struct connector *connector, int fd)
{
    on_connect_result(container_of(connector, struct http_client, connector), fd);
}

static void go_on(struct task *task)
{
    struct http_clients *clients = container_of(task, struct http_clients, go_on);
    struct list_node batch;

    list_init(&batch);
    list_splice(&batch, &clients->posted);
    while (!list_is_empty(&batch)) {
        struct http_client *client = container_of(batch.next, struct http_client, node);

        list_remove(&client->node);
        if (client->conn) {
            read_on(client);
        } else {
            int result = client->connect_result;

            client->connect_result = -EINPROGRESS;
            list_append(&clients->connecting, &client->node);
            on_connect_result(client, result);
        }
    }
}

void http_client_post(struct http_client *client)
{
    struct http_clients *clients = client->clients;

    list_remove(&client->node);
    list_append(&clients->posted, &client->node);
    loop_post(clients->settings.loop, &clients->go_on);
}

static void retire(struct task *task)
{
    struct http_clients *clients = container_of(task, struct http_clients, retire);

    while (!list_is_empty(&clients->retired)) {
        struct http_client *client = container_of(clients->retired.next, struct http_client, node);

        list_remove(&client->node);
        mempool_free(clients->settings.mempool, client, sizeof(*client));
    }
}

void http_client_retire(struct http_client *client)
{
    struct http_clients *clients = client->clients;

    if (client->connect_result >= 0)
        (void)close(client->connect_result);
    client->connect_result = -EINPROGRESS;
    connector_cancel(&client->connector);
    list_remove(&client->node);
    list_append(&clients->retired, &client->node);
    loop_post(clients->settings.loop, &clients->retire);
}

int http_clients_create(const struct http_clients_settings *settings,
                        struct http_clients **ret_clients)
{
    struct http_clients *clients = calloc(1, sizeof(*clients));
    const struct connpool_settings pool = {
        .capacity = settings->capacity,
        .input_size = settings->head_max,
        .send_timeout_ms = settings->config->send_timeout_ms,
        .transport = settings->transport,
    };
    int err;

    if (!clients)
        return -ENOMEM;
    clients->settings = *settings;
    clients->factory.make = take_opening;
    clients->limits = (struct reply_limits){
        .max_head_size = settings->head_max,
        .rows = clients->rows,
        .max_field_count = FIELD_COUNT_MAX,
    };
    list_init(&clients->connecting);
    list_init(&clients->retired);
    list_init(&clients->posted);
    task_init(&clients->go_on, go_on);
    task_init(&clients->retire, retire);
    err = connpool_create(settings->loop, settings->mempool, &pool, &clients->connections);
    if (err) {
        free(clients);
        return err;
    }
    *ret_clients = clients;
    return 0;
}

static void fail_all(struct list_node *list)
{
    while (!list_is_empty(list)) {
        struct http_client *client = container_of(list->next, struct http_client, node);

        list_remove(&client->node);
        if (client->conn)
            continue; /* it is told when its connection is closed */
        list_append(&client->clients->connecting, &client->node);
        http_client_fail(client, CLIENT_SHUTDOWN);
    }
}

void http_clients_destroy(struct http_clients *clients)
{
    if (!clients)
        return;
    clients->is_draining = true;
    fail_all(&clients->posted);
    fail_all(&clients->connecting);
    connpool_destroy(clients->connections);
    retire(&clients->retire);
    loop_unpost(&clients->go_on);
    loop_unpost(&clients->retire);
    free(clients);
}

bool http_clients_evict(struct http_clients *clients)
{
    return connpool_evict_idle(clients->connections);
}

void http_clients_drain(struct http_clients *clients)
{
    clients->is_draining = true;
    while (http_clients_evict(clients))
        continue;
}

/* True: there is a descriptor more than before. */
static bool make_room(struct http_clients *clients)
{
    const struct http_clients_settings *settings = &clients->settings;

    return http_clients_evict(clients) ||
           (settings->make_room && settings->make_room(settings->context));
}

/* A kept connection gives way to one that is wanted. */
static int start_connecting(struct http_client *client, const struct connector_settings *settings)
{
    int result = connector_start(&client->connector, settings, on_connected);

    if ((result == -EMFILE || result == -ENFILE) && make_room(client->clients))
        result = connector_start(&client->connector, settings, on_connected);
    return result;
}

int http_clients_connect(struct http_clients *clients, const struct sockaddr *addr,
                         socklen_t addr_size, struct idle_pool *pool, struct client_user *user,
                         struct http_client **ret_client)
{
    const struct connector_settings settings = {
        .loop = clients->settings.loop,
        .addr = addr,
        .addr_size = addr_size,
        .timeout_ms = clients->settings.config->connect_timeout_ms,
    };
    struct http_client *client = mempool_alloc(clients->settings.mempool, sizeof(*client));

    if (!client)
        return -ENOMEM;
    *client = (struct http_client){
        .protocol.ops = &http_client_protocol_ops,
        .clients = clients,
        .pool = pool,
        .generation = pool ? pool->generation : 0,
        .user = user,
        .state = CLIENT_CONNECTING,
    };
    list_init(&client->node);
    reply_parser_reset(&client->parser);
    if (connpool_free_count(clients->connections) == 0)
        (void)http_clients_evict(clients); /* its slot is free in time */
    client->connect_result = start_connecting(client, &settings);
    if (client->connect_result == -EINPROGRESS)
        list_append(&clients->connecting, &client->node);
    else
        http_client_post(client);
    *ret_client = client;
    return 0;
}

struct http_client *http_clients_take(struct idle_pool *pool, struct client_user *user,
                                      bool is_checked)
{
    struct list_node *node;

    while ((node = idle_pool_newest(pool)) != NULL) {
        struct http_client *client = container_of(node, struct http_client, node);

        if (conn_is_open(client->conn) && is_checked && !conn_is_alive(client->conn))
            continue; /* it has left the pool by itself */
        client_leave_pool(client);
        if (!conn_is_open(client->conn))
            continue;
        CLIENT_COUNT(client, upstream_reuses, 1);
        conn_set_idle(client->conn, false);
        client->user = user;
        return client;
    }
    return NULL;
}

void http_clients_close_kept(struct idle_pool *pool)
{
    struct list_node *node;

    pool->generation++;
    while ((node = idle_pool_newest(pool)) != NULL) {
        struct http_client *client = container_of(node, struct http_client, node);

        client_leave_pool(client);
        conn_close(client->conn, CLOSE_DONE);
    }
}

void http_clients_count(struct http_clients *clients, unsigned outcome)
{
    if (clients->settings.counters)
        counter_add(&clients->settings.counters->upstream_attempts[outcome], 1);
}
