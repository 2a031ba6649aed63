/* SPDX-License-Identifier: MIT */
/* checker.c - one probe a server at a time, by a connection of its own, closed after the head. */
#include "upstream/checker.h"

#include "base/writer.h"
#include "net/proxy_header.h"
#include "upstream/http_client.h"

#include <errno.h>
#include <stdlib.h>

/* However soon a check is due, the loop has something else to do in between. */
#define LOOK_MIN_MS 10
#define HEAD_SIZE 2048

struct probe {
    struct client_user user;
    struct checker *checker;
    struct upstream_server *server;
    struct http_client *connection; /* NULL: nothing is asked */
    struct timer timeout;
    int64_t began_us;
    unsigned generation; /* of the server's address */
};

struct checker {
    struct upstream_group *group;
    struct timer timer;
    struct probe probes[]; /* one for each server */
};

enum check_result check_result_of(const struct upstream_config *config, unsigned status,
                                  bool has_drain_field)
{
    if (status >= config->check_status.low && status <= config->check_status.high)
        return CHECK_RESULT_GOOD;
    if (status == 404 || (status == 503 && has_drain_field))
        return CHECK_RESULT_DRAIN;
    return CHECK_RESULT_BAD;
}

static struct event_loop *loop_of(const struct probe *probe)
{
    return probe->checker->group->loop;
}

/* The probe is over; its connection has gone already, or is dropped. */
static void finish(struct probe *probe, enum check_result result, unsigned status)
{
    int64_t took_us = loop_now_us(loop_of(probe)) - probe->began_us;
    probe->connection = NULL;
    loop_cancel_timer(loop_of(probe), &probe->timeout);
    if (probe->generation == probe->server->generation)
        server_checked(probe->server, result, status, (uint32_t)MIN(took_us, (int64_t)UINT32_MAX));
}

static void on_timeout(struct timer *timer)
{
    struct probe *probe = container_of(timer, struct probe, timeout);
    http_client_drop(probe->connection);
    finish(probe, CHECK_RESULT_BAD, 0);
}

static void on_connected(struct client_user *user)
{
    struct probe *probe = container_of(user, struct probe, user);
    const struct upstream_config *config = probe->checker->group->config;
    char space[HEAD_SIZE];
    struct writer head = writer_on(space, sizeof(space));
    char prologue[PROXY_HEADER_WRITTEN_MAX];
    size_t prologue_len = 0;

    if (config->prologue != UPSTREAM_PROLOGUE_NONE)
        prologue_len = proxy_header_write(NULL, NULL, prologue);

    writer_literal(&head, "GET ");
    writer_string(&head, config->check);
    writer_literal(&head, " HTTP/1.1\r\nHost: ");
    writer_slice(&head, config->check_host ? slice_from_string(config->check_host)
                                           : server_host(probe->server));
    writer_literal(&head, "\r\nUser-Agent: tinyweb-check\r\nConnection: close\r\n\r\n");
    const struct client_request request = {.prologue = slice_of(prologue, prologue_len),
                                           .head = writer_content(&head),
                                           .framing = BODY_NONE,
                                           .context = {.method = METHOD_GET}};
    if (!head.overflow && http_client_begin(probe->connection, &request) == 0)
        return;
    http_client_drop(probe->connection);
    finish(probe, CHECK_RESULT_BAD, 0);
}

static bool on_head(struct client_user *user, const struct reply *reply)
{
    struct probe *probe = container_of(user, struct probe, user);
    if (reply->status < 200)
        return true;
    unsigned status = reply->status;
    bool wants_rest = header_table_find(&reply->headers, SLICE_LITERAL("X-Drain")).data != NULL;
    enum check_result result = check_result_of(probe->checker->group->config, status, wants_rest);
    http_client_drop(probe->connection);
    finish(probe, result, status);
    return false;
}

static size_t on_content(struct client_user *user, struct slice bytes)
{
    (void)user;
    return bytes.len;
}

static void on_room(struct client_user *user)
{
    (void)user;
}

static void on_end(struct client_user *user, enum client_end why)
{
    struct probe *probe = container_of(user, struct probe, user);
    /* What we lack says nothing of the server. */
    bool is_ours = why == CLIENT_NO_SOCKET || why == CLIENT_NO_MEMORY || why == CLIENT_SHUTDOWN;
    if (is_ours)
        probe->generation--; /* no result */
    finish(probe, CHECK_RESULT_BAD, 0);
}

static const struct client_user_ops probe_ops = {
    .on_connected = on_connected,
    .on_head = on_head,
    .on_content = on_content,
    .on_room = on_room,
    .on_continue = on_room,
    .on_end = on_end,
};

static void begin(struct probe *probe)
{
    struct upstream_server *server = probe->server;
    const struct upstream_group *group = server->group;
    probe->generation = server->generation;
    probe->began_us = loop_now_us(group->loop);
    probe->user.ops = &probe_ops;
    if (http_clients_connect(group->clients, &server->endpoint.any,
                             endpoint_size(&server->endpoint), NULL, &probe->user,
                             &probe->connection) != 0)
        return; /* no memory: the next time */
    if (loop_set_timer(group->loop, &probe->timeout,
                       loop_now_ms(group->loop) + group->config->check_timeout_ms) == 0)
        return;
    http_client_drop(probe->connection);
    probe->connection = NULL;
}

/* Whether this check is ours: only one worker moves the time on. */
static bool take(struct server_entry *entry, int64_t now_ms, uint32_t interval_ms,
                 int64_t *ret_due_ms)
{
    int64_t due_ms = atomic_load(&entry->check_due_ms);
    *ret_due_ms = due_ms;
    /* A time that is too far away was written by nobody who is well. */
    if (now_ms < due_ms && due_ms <= now_ms + (int64_t)interval_ms)
        return false;
    *ret_due_ms = now_ms + interval_ms;
    return atomic_compare_exchange_strong(&entry->check_due_ms, &due_ms, *ret_due_ms);
}

static void on_timer(struct timer *timer)
{
    struct checker *checker = container_of(timer, struct checker, timer);
    struct upstream_group *group = checker->group;
    int64_t now_ms = loop_now_ms(group->loop), next_ms = now_ms + group->config->check_interval_ms;
    for (unsigned i = 0; i < group->count; i++) {
        struct probe *probe = &checker->probes[i];
        int64_t due_ms;
        if (!server_is_there(probe->server) || probe->connection)
            continue;
        if (take(server_entry_of(probe->server), now_ms, group->config->check_interval_ms, &due_ms))
            begin(probe);
        next_ms = MIN(next_ms, due_ms);
    }
    (void)loop_set_timer(group->loop, timer, MAX(next_ms, now_ms + LOOK_MIN_MS));
}

int checker_create(struct upstream_group *group, struct checker **ret_checker)
{
    struct checker *checker = calloc(1, sizeof(*checker) + group->count * sizeof(struct probe));
    if (!checker)
        return -ENOMEM;
    checker->group = group;
    timer_init(&checker->timer, on_timer);
    for (unsigned i = 0; i < group->count; i++) {
        struct probe *probe = &checker->probes[i];
        probe->checker = checker;
        probe->server = &group->servers[i];
        timer_init(&probe->timeout, on_timeout);
    }
    int err = loop_set_timer(group->loop, &checker->timer, loop_now_ms(group->loop));
    if (err) {
        free(checker);
        return err;
    }
    *ret_checker = checker;
    return 0;
}

void checker_stop(struct checker *checker)
{
    struct upstream_group *group = checker->group;
    loop_cancel_timer(group->loop, &checker->timer);
    for (unsigned i = 0; i < group->count; i++) {
        struct probe *probe = &checker->probes[i];
        if (!probe->connection)
            continue;
        loop_cancel_timer(group->loop, &probe->timeout);
        http_client_drop(probe->connection);
        probe->connection = NULL;
        /* It was our turn: another one asks soon. */
        if (server_is_there(probe->server))
            atomic_store(&server_entry_of(probe->server)->check_due_ms, 0);
    }
}

void checker_destroy(struct checker *checker)
{
    if (!checker)
        return;
    checker_stop(checker);
    free(checker);
}
