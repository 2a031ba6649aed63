/* SPDX-License-Identifier: MIT */
/*
 * fetch_attempt.c - one server after the other is asked, until one has answered or none may be asked
 * any more.
 *
 * An answer that says "not now" (502, 503, 504, where retry_on has it) is kept while another server is
 * asked, unread but for its head: if nobody has a better one it is the answer.
 */
#include "upstream/fetch_private.h"

#include "upstream/retry.h"

static const struct client_user_ops attempt_ops;
static const struct client_user_ops kept_ops;

#define OUR_FAILURE(reason, status)                                                                \
    {                                                                                              \
        (reason), (status), OUTCOME_OURS, FETCH_ENDED_BY_PROXY, 0                                  \
    }

static const struct failure_kind no_server = OUR_FAILURE("no-server", 503);
static const struct failure_kind queue_full = OUR_FAILURE("queue-full", 503); /* or there is none */
static const struct failure_kind queue_timeout = OUR_FAILURE("queue-timeout", 503);
static const struct failure_kind bad_request_head = OUR_FAILURE("request-head", 500);

/* When no server can be asked, soon one may be. */
#define RETRY_AFTER_S 1

static void release(struct upstream_server *server, enum fetch_outcome outcome, int64_t latency_us)
{
    http_clients_count(server->group->clients, outcome);
    server_release(server, outcome, (uint32_t)latency_us);
}

void fetch_release(struct fetch *fetch, enum fetch_outcome outcome)
{
    struct upstream_server *server = fetch->server;

    fetch->server = NULL;
    if (server)
        release(server, outcome, now_us_of(fetch) - fetch->attempt_us);
}

void fetch_drop_kept(struct fetch *fetch)
{
    if (!fetch->kept)
        return;
    http_client_drop(fetch->kept);
    fetch->kept = NULL;
    release(fetch->kept_server, OUTCOME_ERROR, 0);
    fetch->kept_server = NULL;
}

static void fail_soon(struct fetch *fetch, const struct failure_kind *why)
{
    fetch->failure = why;
    loop_post(fetch->fetcher->settings.loop, &fetch->soon);
}

/* The connection is there: all that is at hand of the request goes to it. */
static void send_request(struct fetch *fetch)
{
    struct fetcher *fetcher = fetch->fetcher;
    const struct fetch_request *request = &fetch->request;
    struct writer head = writer_on(fetcher->head_space, fetcher->settings.request_head_max);
    int err = fetch->user->ops->write_head(fetch->user, fetch->server, &head);
    const struct client_request sent = {
        .prologue = slice_of(fetch->prologue, fetch->prologue_len), /* none was kept with one */
        .head = writer_content(&head),
        .framing = request->framing,
        .expects_continue = request->expects_continue && !fetch->content_was_wanted,
        .context = {.method = request->method, .wants_upgrade = request->wants_upgrade},
    };

    if (err || head.overflow || http_client_begin(fetch->connection, &sent) != 0) {
        http_client_drop(fetch->connection);
        fetch->connection = NULL;
        fail_soon(fetch, err == -ENOMEM ? failure_kind_of(CLIENT_NO_MEMORY) : &bad_request_head);
        return;
    }
    fetch->is_connected = true;
    if (!replay_send(fetch) || fetch->user_wants_room)
        http_client_want_room(fetch->connection);
}

/* @is_fresh: on a new connection. */
static void ask(struct fetch *fetch, struct upstream_server *server, bool is_fresh)
{
    const struct endpoint *endpoint = &server->endpoint;
    struct idle_pool *pool = fetch->prologue_len > 0 ? NULL : &server->idle;

    fetch->server = server;
    fetch->last_server = server;
    fetch->tried |= UINT64_C(1) << server->index;
    fetch->attempts++;
    fetch->attempt_us = now_us_of(fetch);
    fetch->connect_us = 0;
    fetch->is_connected = false;
    fetch->replay.sent = 0;
    fetch->client.ops = &attempt_ops;
    fetch->connection = is_fresh || !pool
                            ? NULL
                            : http_clients_take(pool, &fetch->client,
                                                !method_is_idempotent(fetch->request.method));
    fetch->is_reused = fetch->connection != NULL;
    if (fetch->is_reused)
        send_request(fetch);
    else if (http_clients_connect(server->group->clients, &endpoint->any, endpoint_size(endpoint),
                                  pool, &fetch->client, &fetch->connection) != 0)
        fail_soon(fetch, failure_kind_of(CLIENT_NO_MEMORY));
}

/* Another server that may be asked in place of this one; NULL: none. */
static struct upstream_server *next_server(struct fetch *fetch, enum retry_reason reason)
{
    const struct attempt_facts facts = {
        .method = fetch->request.method,
        .reason = reason,
        .attempts = fetch->attempts - fetch->was_stale,
        .elapsed_ms = (uint32_t)((now_us_of(fetch) - fetch->started_us) / 1000),
        .was_sent = fetch->connection && http_client_sent_bytes(fetch->connection) > 0,
        .can_be_replayed = !fetch->replay.is_partial,
    };

    if (reason == 0 || fetch->takes_any || fetch->fetcher->is_closing ||
        !retry_is_allowed(&facts, fetch->request.group->config))
        return NULL;
    return group_pick(fetch->request.group, fetch->key, fetch->tried);
}

/* The server has closed a kept connection before it saw the request, as it may at any time: it is asked
 * again, once, by a new one (RFC 9112 section 9.3.1). */
static bool was_stale(const struct fetch *fetch, const struct failure_kind *why)
{
    return fetch->is_reused && why == failure_kind_of(CLIENT_CLOSED) && !fetch->was_stale &&
           !fetch->replay.is_partial && method_is_idempotent(fetch->request.method);
}

static void give_kept(struct fetch *fetch)
{
    fetch->connection = fetch->kept;
    fetch->server = fetch->last_server = fetch->kept_server;
    fetch->kept = NULL;
    fetch->kept_server = NULL;
    fetch->takes_any = true;
    http_client_hand_over(fetch->connection, &fetch->client);
    http_client_resume(fetch->connection);
}

static void fail(struct fetch *fetch, const struct failure_kind *why)
{
    const struct fetch_failure failure = {
        .status = why->status,
        .reason = why->reason,
        .retry_after_s = why->status == 503 ? RETRY_AFTER_S : 0,
        .had_head = fetch->had_head,
    };

    fetch->ended_by = why->ended_by;
    fetch_end(fetch, &failure);
}

static void attempt_has_failed(struct fetch *fetch, const struct failure_kind *why)
{
    struct upstream_server *next = NULL;
    bool is_stale = !fetch->had_head && was_stale(fetch, why);

    if (is_stale) {
        fetch->was_stale = true;
        fetch->connection = NULL;
        ask(fetch, fetch->server, true);
        return;
    }
    if (!fetch->had_head)
        next = next_server(fetch, why->retry);
    fetch->connection = NULL;
    fetch_release(fetch, why->outcome);
    if (next)
        ask(fetch, next, false);
    else if (fetch->kept && !fetch->had_head)
        give_kept(fetch);
    else
        fail(fetch, why);
}

static void on_served(struct group_waiter *waiter, struct upstream_server *server)
{
    struct fetch *fetch = container_of(waiter, struct fetch, waiter);

    fetch->is_waiting = false;
    if (server)
        ask(fetch, server, false);
    else
        attempt_has_failed(fetch, &queue_timeout);
}

void fetch_leave_queue(struct fetch *fetch)
{
    if (fetch->is_waiting)
        group_leave(fetch->request.group, &fetch->waiter);
    fetch->is_waiting = false;
}

void fetch_begin(struct fetch *fetch)
{
    struct upstream_group *group = fetch->request.group;
    struct upstream_server *server = group_pick_sticky(group, fetch->sticky_id, fetch->key);

    if (LIKELY(server != NULL)) {
        ask(fetch, server, false);
        return;
    }
    fetch->waiter = (struct group_waiter){
        .served = on_served, .sticky_id = fetch->sticky_id, .key = fetch->key};
    if (!group_is_full(group))
        fail_soon(fetch, &no_server);
    else if (group_wait(group, &fetch->waiter) == 0)
        fetch->is_waiting = true;
    else
        fail_soon(fetch, &queue_full);
}

void fetch_fail_now(struct task *task)
{
    struct fetch *fetch = container_of(task, struct fetch, soon);

    attempt_has_failed(fetch, fetch->failure);
}

void fetch_shut_down(struct fetch *fetch)
{
    fetch_leave_queue(fetch);
    if (fetch->connection)
        http_client_drop(fetch->connection);
    fetch->connection = NULL;
    fetch_drop_kept(fetch);
    fetch_release(fetch, OUTCOME_OURS);
    fail(fetch, failure_kind_of(CLIENT_SHUTDOWN));
}

static struct fetch *fetch_of(struct client_user *client)
{
    return container_of(client, struct fetch, client);
}

static void on_connected(struct client_user *client)
{
    struct fetch *fetch = fetch_of(client);

    fetch->connect_us = (uint32_t)(now_us_of(fetch) - fetch->attempt_us);
    send_request(fetch);
}

static enum retry_reason retry_reason_of(unsigned status)
{
    switch (status) {
    case 502: return RETRY_ON_502;
    case 503: return RETRY_ON_503;
    case 504: return RETRY_ON_504;
    default: return 0;
    }
}

/* Another server is asked before this answer is given. */
static bool keep_for_later(struct fetch *fetch, enum retry_reason reason)
{
    struct upstream_server *next = next_server(fetch, reason);

    if (!next)
        return false;
    fetch_drop_kept(fetch);
    fetch->kept = fetch->connection;
    fetch->kept_server = fetch->server;
    fetch->kept_client.ops = &kept_ops;
    http_client_hand_over(fetch->kept, &fetch->kept_client);
    ask(fetch, next, false);
    return true;
}

static void take_final_head(struct fetch *fetch, const struct reply *reply)
{
    fetch_drop_kept(fetch);
    replay_free(fetch);
    fetch->had_head = true;
    fetch->is_tunnel = reply->status == 101;
    if (fetch->is_tunnel)
        fetch->request_is_complete = false; /* what is sent from now on has an end of its own */
    fetch->refuses_content = reply->status >= 300;
    fetch->outcome = reply->status >= 500 ? OUTCOME_ERROR : OUTCOME_OK;
    fetch->first_byte_us = (uint32_t)(now_us_of(fetch) - fetch->started_us);
    fetch->user->ops->head(fetch->user, reply);
}

static void want_content(struct fetch *fetch)
{
    if (fetch->content_was_wanted || !fetch->request.expects_continue)
        return; /* by an earlier server, or nobody has asked */
    fetch->content_was_wanted = true;
    if (fetch->user->ops->send_content)
        fetch->user->ops->send_content(fetch->user);
}

static bool on_head(struct client_user *client, const struct reply *reply)
{
    struct fetch *fetch = fetch_of(client);
    const struct fetch_ops *ops = fetch->user->ops;
    enum retry_reason reason = retry_reason_of(reply->status);

    if (UNLIKELY(reason != 0) && keep_for_later(fetch, reason))
        return false;
    fetch->in_call = true;
    if (reply->status >= 200 || reply->status == 101)
        take_final_head(fetch, reply);
    else if (reply->status == 100)
        want_content(fetch);
    else if (ops->interim)
        ops->interim(fetch->user, reply);
    fetch_leave_call(fetch);
    return true;
}

static size_t on_content(struct client_user *client, struct slice bytes)
{
    struct fetch *fetch = fetch_of(client);
    size_t taken;

    fetch->in_call = true;
    taken = fetch->user->ops->content(fetch->user, bytes);
    fetch->content_bytes += taken;
    fetch_leave_call(fetch);
    return taken;
}

static void on_room(struct client_user *client)
{
    struct fetch *fetch = fetch_of(client);

    if (!replay_send(fetch) || !fetch->user_wants_room)
        return;
    fetch->user_wants_room = false;
    fetch->in_call = true;
    fetch->user->ops->may_send(fetch->user);
    fetch_leave_call(fetch);
}

static void on_continue(struct client_user *client)
{
    struct fetch *fetch = fetch_of(client);

    fetch->in_call = true;
    want_content(fetch);
    fetch_leave_call(fetch);
}

static void on_end(struct client_user *client, enum client_end why)
{
    struct fetch *fetch = fetch_of(client);

    if (LIKELY(why == CLIENT_DONE)) {
        fetch->connection = NULL;
        fetch_release(fetch, fetch->outcome);
        fetch_end(fetch, NULL);
    } else {
        attempt_has_failed(fetch, failure_kind_of(why));
    }
}

static const struct client_user_ops attempt_ops = {
    .on_connected = on_connected,
    .on_head = on_head,
    .on_content = on_content,
    .on_room = on_room,
    .on_continue = on_continue,
    .on_end = on_end,
};

/* Of a kept answer, whose connection is paused. */

static void on_kept_room(struct client_user *client)
{
    (void)client; /* it has answered: nothing more is sent */
}

static void on_kept_end(struct client_user *client, enum client_end why)
{
    struct fetch *fetch = container_of(client, struct fetch, kept_client);

    (void)why;
    fetch->kept = NULL;
    release(fetch->kept_server, OUTCOME_ERROR, 0);
    fetch->kept_server = NULL;
}

static const struct client_user_ops kept_ops = {
    .on_room = on_kept_room,
    .on_continue = on_kept_room,
    .on_end = on_kept_end,
};
