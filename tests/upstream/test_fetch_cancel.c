/* SPDX-License-Identifier: MIT */
/* test_fetch_cancel.c - nobody wants the reply any more: in each state, and from within each call. */
#include "upstream_fixture.h"

#include <string.h>

static struct origin *const app = &up.origins[0];

static void cancel(struct wish *wish)
{
    fetch_cancel(wish->fetch);
    wish->fetch = NULL;
}

static unsigned told_so_far(const struct wish *wish)
{
    unsigned sum = 0;

    for (unsigned i = 0; i < TOLD_COUNT; i++)
        sum += wish->told[i];
    return sum;
}

/* What the server says, piece by piece: after each of them a request is cancelled in its turn. */
static const char *const pieces[] = {
    "HTTP/1.1 1",
    "03 Early Hints\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encod",
    "ing: chunked\r\n\r\n",
    "4\r\nab",
    "cd\r\n",
    "0\r\n",
};

static void a_request_may_be_cancelled_at_any_time(void **state)
{
    for (size_t steps = 0; steps <= COUNT_OF(pieces) + 2; steps++) {
        unsigned told;

        wish_init(&up.wish);
        up.wish.method = METHOD_PUT;
        up.wish.head = "PUT / HTTP/1.1\r\nContent-Length: 4";
        wish_start(&up.wish, "data");
        if (steps >= 1)
            assert_int_equal(loop_run_once(up.loop, 0), 0);
        if (steps >= 2)
            up_accept(app);
        for (size_t i = 2; i < steps; i++)
            up_say(app, pieces[i - 2]);
        told = told_so_far(&up.wish);
        cancel(&up.wish);
        up_turn();
        assert_int_equal(told_so_far(&up.wish), told);
        assert_int_equal(up.group->servers[0].idle.count, 0);
        while (origin_accept(app)) { /* what was connected is closed */
            (void)origin_read(app);
            assert_null(origin_read(app));
            origin_hang_up(app);
        }
    }
}

static enum told cancel_at;
static unsigned cancel_after;
static bool starts_another;
static struct wish other;

static void cancel_then(struct wish *wish, enum told told)
{
    if (told != cancel_at || wish->told[told] != cancel_after || !wish->fetch)
        return;
    cancel(wish);
    if (starts_another) {
        wish_init(&other);
        wish_start(&other, NULL);
    }
}

/* A reply with all there is in it, after which the request that began meanwhile is answered. */
static void run_to_the_cancellation(void)
{
    unsigned told;

    wish_init(&up.wish);
    up.wish.method = METHOD_PUT;
    up.wish.head = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue";
    up.wish.hook = cancel_then;
    wish_start_chunked(&up.wish);
    up_accept(app);
    up_say(app, "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
                "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
    if (up.wish.fetch)
        up_say(app, "def");
    assert_null(up.wish.fetch);
    told = told_so_far(&up.wish);
    up_turn();
    assert_int_equal(told_so_far(&up.wish), told);
    assert_int_equal(up.wish.told[TOLD_END], 0);
    if (!starts_another)
        return;
    up_accept(app);
    up_say(app, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nme");
    wish_assert_complete(&other, 200, "me");
}

static void a_request_may_be_cancelled_from_within_any_call(void **state)
{
    static const struct {
        enum told told;
        unsigned after;
    } cases[] = {
        {TOLD_INTERIM, 1}, {TOLD_SEND, 1}, {TOLD_HEAD, 1}, {TOLD_CONTENT, 1}, {TOLD_CONTENT, 2},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        cancel_at = cases[i].told;
        cancel_after = cases[i].after;
        for (unsigned both = 0; both < 2; both++) {
            starts_another = both == 1;
            run_to_the_cancellation();
        }
    }
}

static void a_request_may_be_cancelled_when_there_is_room_again(void **state)
{
    static char much[64 * 1024];
    unsigned i;

    cancel_at = TOLD_ROOM;
    cancel_after = 1;
    starts_another = false;
    up.wish.method = METHOD_PUT;
    up.wish.head = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked";
    up.wish.hook = cancel_then;
    wish_start_chunked(&up.wish);
    up_accept(app);
    for (i = 0; i < 10000 && up.wish.fetch; i++) {
        if (fetch_send(up.wish.fetch, slice_of(much, sizeof(much)), false) < sizeof(much))
            assert_non_null(up_asked(app));
        up_turn();
    }
    assert_null(up.wish.fetch);
    assert_int_equal(up.wish.told[TOLD_ROOM], 1);
}

static void ask_again(struct wish *wish, enum told told)
{
    if (told == TOLD_END) {
        wish_init(&other);
        wish_start(&other, NULL);
    }
}

static void the_end_of_one_may_begin_another_on_the_same_connection(void **state)
{
    up.wish.hook = ask_again;
    wish_start(&up.wish, NULL);
    up_accept(app);
    assert_non_null(up_asked(app));
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nme");
    wish_assert_complete(&up.wish, 200, "me");
    assert_non_null(up_asked(app));
    assert_false(origin_accept(app));
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntoo");
    wish_assert_complete(&other, 200, "too");
    assert_true(other.facts.is_reused);
}

static void a_failure_may_begin_another(void **state)
{
    up.wish.hook = ask_again;
    wish_start(&up.wish, NULL);
    up_accept(app);
    origin_reset(app);
    up_accept(app);
    wish_assert_failed(&up.wish, 502, "upstream-closed");
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntoo");
    wish_assert_complete(&other, 200, "too");
}

static void requests_that_are_left_end_with_the_worker(void **state)
{
    wish_start(&up.wish, NULL);
    up_accept(app);
    wish_init(&other);
    wish_start(&other, NULL);
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nm");
    fetcher_destroy(up.fetcher);
    up.fetcher = NULL;
    wish_assert_failed(&up.wish, 503, "shutdown");
    wish_assert_failed(&other, 503, "shutdown");
    assert_true(up.wish.failure.had_head);
    assert_false(other.failure.had_head);
}

static void a_worker_that_leaves_closes_what_is_kept_and_keeps_no_more(void **state)
{
    wish_start(&up.wish, NULL);
    up_accept(app);
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(up.group->servers[0].idle.count, 1);
    http_clients_drain(up.group->clients);
    up_turn();
    assert_int_equal(up.group->servers[0].idle.count, 0);

    wish_init(&up.wish);
    wish_start(&up.wish, NULL);
    up_accept(app);
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nme");
    wish_assert_complete(&up.wish, 200, "me");
    assert_int_equal(up.group->servers[0].idle.count, 0);
}

static void the_longest_kept_gives_way_to_the_newest(void **state)
{
    struct wish wishes[5];
    int fds[5];

    for (size_t i = 0; i < COUNT_OF(wishes); i++) {
        wish_init(&wishes[i]);
        wish_start(&wishes[i], NULL);
        up_accept(app);
        fds[i] = app->fd;
    }
    for (size_t i = 0; i < COUNT_OF(wishes); i++) {
        app->fd = fds[i];
        (void)origin_read(app);
        up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        assert_int_equal(up.group->servers[0].idle.count, MIN(i + 1, 4U));
    }
    app->fd = fds[0];
    assert_null(origin_read(app));
    wish_start(&up.wish, NULL); /* the one used last is taken */
    app->fd = fds[4];
    assert_non_null(up_asked(app));
    assert_string_not_equal(app->received, "");
    cancel(&up.wish);
    up_turn();
    for (size_t i = 0; i < COUNT_OF(wishes); i++) {
        app->fd = fds[i];
        origin_hang_up(app);
    }
    up_turn();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UP_TEST(a_request_may_be_cancelled_at_any_time),
        UP_TEST(a_request_may_be_cancelled_from_within_any_call),
        UP_TEST(a_request_may_be_cancelled_when_there_is_room_again),
        UP_TEST(the_end_of_one_may_begin_another_on_the_same_connection),
        UP_TEST(a_failure_may_begin_another),
        UP_TEST(requests_that_are_left_end_with_the_worker),
        UP_TEST(a_worker_that_leaves_closes_what_is_kept_and_keeps_no_more),
        UP_TEST(the_longest_kept_gives_way_to_the_newest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
