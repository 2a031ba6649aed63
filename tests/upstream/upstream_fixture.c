/* SPDX-License-Identifier: MIT */
/* upstream_fixture.c - what the tests of upstream/ share. */
#include "upstream_fixture.h"

#include <string.h>

#define TURNS 8

struct upstream_fixture up;

static struct wish *wish_of(struct fetch_user *user)
{
    return container_of(user, struct wish, user);
}

static void tell(struct wish *wish, enum told told)
{
    wish->told[told]++;
    if (wish->hook)
        wish->hook(wish, told);
}

static int write_head(struct fetch_user *user, const struct upstream_server *server,
                      struct writer *head)
{
    struct wish *wish = wish_of(user);

    assert_non_null(server);
    wish->heads_written++;
    writer_string(head, wish->head);
    writer_literal(head, "\r\n\r\n");
    return 0;
}

static void on_interim(struct fetch_user *user, const struct reply *reply)
{
    assert_in_range(reply->status, 102, 199);
    tell(wish_of(user), TOLD_INTERIM);
}

static void on_send_content(struct fetch_user *user)
{
    tell(wish_of(user), TOLD_SEND);
}

static void on_head(struct fetch_user *user, const struct reply *reply)
{
    struct wish *wish = wish_of(user);

    assert_int_equal(wish->told[TOLD_HEAD], 0);
    wish->status = reply->status;
    tell(wish, TOLD_HEAD);
}

static size_t on_content(struct fetch_user *user, struct slice bytes)
{
    struct wish *wish = wish_of(user);
    size_t taken = MIN(bytes.len, wish->take_max);

    assert_int_equal(wish->told[TOLD_HEAD], 1);
    assert_true(wish->content_len + taken < sizeof(wish->content));
    if (taken > 0)
        memcpy(wish->content + wish->content_len, bytes.data, taken);
    wish->content_len += taken;
    wish->content[wish->content_len] = '\0';
    tell(wish, TOLD_CONTENT);
    return taken;
}

static void on_may_send(struct fetch_user *user)
{
    tell(wish_of(user), TOLD_ROOM);
}

static void on_end(struct fetch_user *user, const struct fetch_failure *failure)
{
    struct wish *wish = wish_of(user);

    assert_int_equal(wish->told[TOLD_END], 0);
    wish->has_failed = failure != NULL;
    if (failure) {
        wish->failure = *failure;
        assert_int_equal(failure->had_head, wish->told[TOLD_HEAD] == 1);
    }
    fetch_facts(wish->fetch, &wish->facts);
    wish->fetch = NULL;
    tell(wish, TOLD_END);
}

static const struct fetch_ops wish_ops = {
    .write_head = write_head,
    .interim = on_interim,
    .send_content = on_send_content,
    .head = on_head,
    .content = on_content,
    .may_send = on_may_send,
    .end = on_end,
};

void wish_init(struct wish *wish)
{
    memset(wish, 0, sizeof(*wish));
    wish->user.ops = &wish_ops;
    wish->method = METHOD_GET;
    wish->head = "GET / HTTP/1.1\r\nHost: a";
    wish->take_max = SIZE_MAX;
}

static void start(struct wish *wish, enum body_framing framing, size_t content_length)
{
    const struct fetch_request request = {
        .group = up.group,
        .method = wish->method,
        .framing = framing,
        .content_length = content_length,
        .expects_continue = strstr(wish->head, "100-continue") != NULL,
        .wants_upgrade = strstr(wish->head, "Upgrade:") != NULL,
    };
    unsigned told = 0;

    assert_int_equal(fetch_start(up.fetcher, &request, &wish->user, &wish->fetch), 0);
    for (unsigned i = 0; i < TOLD_COUNT; i++)
        told += wish->told[i];
    assert_int_equal(told, 0);
}

void wish_start(struct wish *wish, const char *content)
{
    start(wish, content ? BODY_LENGTH : BODY_NONE, content ? strlen(content) : 0);
    if (content)
        assert_int_equal(fetch_send(wish->fetch, slice_from_string(content), true),
                         strlen(content));
}

void wish_start_chunked(struct wish *wish)
{
    start(wish, BODY_CHUNKED, 0);
}

void wish_start_length(struct wish *wish, size_t content_length)
{
    start(wish, BODY_LENGTH, content_length);
}

void wish_assert_complete(const struct wish *wish, unsigned status, const char *content)
{
    assert_int_equal(wish->told[TOLD_END], 1);
    assert_false(wish->has_failed);
    assert_int_equal(wish->status, status);
    assert_string_equal(wish->content, content);
}

void wish_assert_failed(const struct wish *wish, unsigned status, const char *reason)
{
    assert_int_equal(wish->told[TOLD_END], 1);
    assert_true(wish->has_failed);
    assert_string_equal(wish->failure.reason, reason);
    assert_int_equal(wish->failure.status, status);
}

void up_turn(void)
{
    for (unsigned i = 0; i < TURNS; i++)
        assert_int_equal(loop_run_once(up.loop, 0), 0);
}

void up_advance(int64_t ms)
{
    fake_clock_advance(ms);
    up_turn();
}

void up_accept(struct origin *origin)
{
    up_turn();
    assert_true(origin_accept(origin));
    up_turn();
}

const char *up_asked(struct origin *origin)
{
    up_turn();
    return origin_read(origin);
}

void up_say(struct origin *origin, const char *text)
{
    origin_send(origin, text);
    up_turn();
}

void up_set_up_with(unsigned servers)
{
    struct http_clients_settings settings;

    fake_clock_set(UP_START_MS);
    memset(&up.counters, 0, sizeof(up.counters));
    up.mempool = mempool_create();
    assert_non_null(up.mempool);
    assert_int_equal(loop_create(&up.loop), 0);
    for (unsigned i = 0; i < UP_SERVERS; i++) {
        origin_open(&up.origins[i]);
        up.servers[i].endpoint = endpoint_of_address(&up.origins[i].addr);
        up.servers[i].weight = 1;
    }
    up.config = (struct upstream_config){
        .name = (char *)(uintptr_t) "app",
        .servers = up.servers,
        .server_count = servers,
        .keepalive = 4,
        .keepalive_timeout_ms = 4000,
        .keepalive_requests = 100,
        .keepalive_age_ms = 60000,
        .connect_timeout_ms = 1000,
        .head_timeout_ms = 10000,
        .read_timeout_ms = 20000,
        .send_timeout_ms = 5000,
        .tunnel_timeout_ms = 30000,
        .tries = 2,
        .tries_time_ms = 30000,
        .retry_on = RETRY_ON_CONNECT | RETRY_ON_RESET | RETRY_ON_TIMEOUT,
        .retry_budget = 100,
        .max_fails = 0,
    };
    settings = (struct http_clients_settings){
        .loop = up.loop,
        .mempool = up.mempool,
        .config = &up.config,
        .head_max = UP_HEAD_MAX,
        .capacity = 16,
        .counters = &up.counters,
    };
    assert_int_equal(
        group_create(&(struct group_settings){.config = &up.config, .loop = up.loop}, &up.group),
        0);
    assert_int_equal(http_clients_create(&settings, &up.group->clients), 0);
    assert_int_equal(fetcher_create(&(struct fetcher_settings){.loop = up.loop,
                                                               .mempool = up.mempool,
                                                               .request_head_max = 4096},
                                    &up.fetcher),
                     0);
    wish_init(&up.wish);
}

int up_set_up(void **state)
{
    (void)state;
    up_set_up_with(1);
    return 0;
}

int up_tear_down(void **state)
{
    struct mempool_stats stats;

    (void)state;
    fetcher_destroy(up.fetcher);
    http_clients_destroy(up.group->clients);
    group_destroy(up.group);
    assert_null(up.wish.fetch);
    assert_int_equal(counter_get(&up.counters.upstream_connections), 0);
    assert_int_equal(counter_get(&up.counters.upstream_kept), 0);
    mempool_stats(up.mempool, &stats);
    assert_int_equal(stats.small_in_use + stats.large_in_use, 0);
    assert_int_equal(loop_run_once(up.loop, 0), 0); /* nothing of them is left in it */
    mempool_destroy(up.mempool);
    loop_destroy(up.loop);
    for (unsigned i = 0; i < UP_SERVERS; i++)
        origin_close(&up.origins[i]);
    fake_clock_off();
    return 0;
}
