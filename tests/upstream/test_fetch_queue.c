/* SPDX-License-Identifier: MIT */
/* test_fetch_queue.c - requests that wait for a server with all of max_conns; and servers that move. */
#include "upstream_fixture.h"

#include <string.h>

static struct origin *const app = &up.origins[0];
static struct wish first;

static int set_up(void **state)
{
    up_set_up_with(1);
    up.servers[0].max_conns = 1;
    up.config.queue = 1;
    up.config.queue_timeout_ms = 3000;
    wish_init(&first);
    wish_start(&first, NULL);
    up_accept(app);
    assert_non_null(up_asked(app));
    return 0;
}

#define QUEUE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, up_tear_down)

static void answer_first(void)
{
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst");
    wish_assert_complete(&first, 200, "first");
}

static void cancel(struct wish *wish)
{
    fetch_cancel(wish->fetch);
    wish->fetch = NULL;
}

static void a_request_waits_until_another_one_is_over(void **state)
{
    wish_start(&up.wish, NULL);
    up_advance(1000);
    assert_string_equal(up_asked(app), "");
    assert_false(origin_accept(app));
    answer_first();
    up_advance(10);
    assert_non_null(up_asked(app));
    assert_string_not_equal(app->received, "");
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond");
    wish_assert_complete(&up.wish, 200, "second");
    assert_true(up.wish.facts.is_reused);
    assert_int_equal(up.wish.facts.attempts, 1);
}

static void a_request_with_content_waits_too(void **state)
{
    up.wish.method = METHOD_POST;
    up.wish.head = "POST / HTTP/1.1\r\nContent-Length: 4";
    wish_start(&up.wish, "data");
    up_turn();
    answer_first();
    up_advance(10);
    assert_string_equal(up_asked(app), "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\ndata");
    cancel(&up.wish);
}

static void waiting_has_an_end(void **state)
{
    wish_start(&up.wish, NULL);
    for (unsigned i = 0; i < 300; i++)
        up_advance(10);
    wish_assert_failed(&up.wish, 503, "queue-timeout");
    assert_true(up.wish.failure.retry_after_s > 0);
    assert_int_equal(up.wish.facts.attempts, 0);
    assert_int_equal(up.wish.facts.ended_by, FETCH_ENDED_BY_PROXY);
    cancel(&first);
}

static void a_full_queue_is_told_at_once(void **state)
{
    struct wish third;

    wish_start(&up.wish, NULL);
    wish_init(&third);
    wish_start(&third, NULL);
    up_turn();
    wish_assert_failed(&third, 503, "queue-full");
    cancel(&up.wish);
    cancel(&first);
}

static void who_waits_may_leave(void **state)
{
    struct wish third;

    wish_start(&up.wish, NULL);
    cancel(&up.wish);
    wish_init(&third);
    wish_start(&third, NULL); /* takes his place */
    answer_first();
    up_advance(10);
    assert_int_equal(up.wish.told[TOLD_END], 0);
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthird");
    wish_assert_complete(&third, 200, "third");
}

static void who_waits_is_told_when_the_worker_ends(void **state)
{
    wish_start(&up.wish, NULL);
    fetcher_destroy(up.fetcher);
    up.fetcher = NULL;
    wish_assert_failed(&up.wish, 503, "shutdown");
    wish_assert_failed(&first, 503, "shutdown");
}

static void what_is_connected_to_a_former_address_is_not_kept(void **state)
{
    http_clients_close_kept(&up.group->servers[0].idle); /* while a request is under way */
    answer_first();
    assert_int_equal(up.group->servers[0].idle.count, 0);
    wish_start(&up.wish, NULL);
    up_accept(app);
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(up.group->servers[0].idle.count, 1);
    http_clients_close_kept(&up.group->servers[0].idle);
    up_turn();
    (void)origin_read(app);
    assert_null(origin_read(app));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        QUEUE_TEST(a_request_waits_until_another_one_is_over),
        QUEUE_TEST(a_request_with_content_waits_too),
        QUEUE_TEST(waiting_has_an_end),
        QUEUE_TEST(a_full_queue_is_told_at_once),
        QUEUE_TEST(who_waits_may_leave),
        QUEUE_TEST(who_waits_is_told_when_the_worker_ends),
        QUEUE_TEST(what_is_connected_to_a_former_address_is_not_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
