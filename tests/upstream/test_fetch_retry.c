/* SPDX-License-Identifier: MIT */
/* test_fetch_retry.c - who is asked instead, when that is safe, and which answer counts. */
#include "upstream_fixture.h"

#include <string.h>

static struct origin *const first = &up.origins[0];
static struct origin *const second = &up.origins[1];

static int set_up(void **state)
{
    up_set_up_with(2);
    return 0;
}

#define RETRY_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, up_tear_down)

/* A connection of the first server that is kept. */
static void keep_one(void)
{
    struct wish *wish = &up.wish;

    wish_start(wish, NULL);
    up_accept(first);
    (void)origin_read(first);
    up_say(first, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    wish_assert_complete(wish, 200, "");
    assert_int_equal(up.group->servers[0].idle.count, 1);
    for (unsigned i = 0; i < up.group->count; i++)
        up.group->servers[i].turn = 0; /* it is the first one's again */
    wish_init(wish);
}

static void post(void)
{
    up.wish.method = METHOD_POST;
    up.wish.head = "POST / HTTP/1.1\r\nContent-Length: 4";
    wish_start(&up.wish, "data");
}

static void a_server_that_refuses_is_replaced_by_another_one(void **state)
{
    origin_stop(first);
    wish_start(&up.wish, NULL);
    up_accept(second);
    assert_non_null(up_asked(second));
    up_say(second, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nme");
    wish_assert_complete(&up.wish, 200, "me");
    assert_int_equal(up.wish.facts.attempts, 2);
    assert_ptr_equal(up.wish.facts.server, &up.group->servers[1]);
    assert_int_equal(up.wish.heads_written, 1);
}

static void what_was_never_sent_may_be_sent_to_another_one_whatever_it_is(void **state)
{
    origin_stop(first);
    post();
    up_accept(second);
    assert_string_equal(up_asked(second), "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\ndata");
    up_say(second, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    wish_assert_complete(&up.wish, 200, "");
}

static void a_server_that_answers_nonsense_is_replaced_by_another_one(void **state)
{
    wish_start(&up.wish, NULL);
    up_accept(first);
    assert_non_null(up_asked(first));
    up_say(first, "SSH-2.0-OpenSSH_9.2p1\r\n");
    up_accept(second);
    assert_non_null(up_asked(second));
    up_say(second, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nme");
    wish_assert_complete(&up.wish, 200, "me");
}

static void what_is_not_idempotent_is_sent_once(void **state)
{
    post();
    up_accept(first);
    assert_non_null(up_asked(first));
    origin_hang_up(first);
    up_turn();
    wish_assert_failed(&up.wish, 502, "upstream-closed");
    assert_false(origin_accept(second));
}

static void what_is_idempotent_is_sent_again_with_its_content(void **state)
{
    up.wish.method = METHOD_PUT;
    up.wish.head = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked";
    wish_start_chunked(&up.wish);
    up_accept(first);
    assert_int_equal(fetch_send(up.wish.fetch, SLICE_LITERAL("some"), false), 4);
    assert_non_null(up_asked(first));
    origin_reset(first);
    up_turn();
    assert_int_equal(fetch_send(up.wish.fetch, SLICE_LITERAL(" more"), true), 5);
    up_accept(second);
    assert_string_equal(
        up_asked(second),
        "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n5\r\n more\r\n0\r\n\r\n");
    up_say(second, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    wish_assert_complete(&up.wish, 200, "");
    assert_int_equal(up.wish.facts.sent_bytes, 9);
}

static void content_that_is_not_at_hand_any_more_is_not_sent_again(void **state)
{
    static char much[40 * 1024];

    up.wish.method = METHOD_PUT;
    up.wish.head = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked";
    wish_start_chunked(&up.wish);
    up_accept(first);
    assert_int_equal(fetch_send(up.wish.fetch, slice_of(much, sizeof(much)), false), sizeof(much));
    assert_non_null(up_asked(first));
    origin_reset(first);
    up_turn();
    wish_assert_failed(&up.wish, 502, "upstream-closed");
    assert_false(origin_accept(second));
}

static void a_reply_that_has_begun_is_never_begun_again(void **state)
{
    wish_start(&up.wish, NULL);
    up_accept(first);
    up_say(first, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
    origin_reset(first);
    up_turn();
    wish_assert_failed(&up.wish, 502, "upstream-cut");
    assert_string_equal(up.wish.content, "ab");
    assert_false(origin_accept(second));
}

static void a_kept_connection_that_the_server_has_just_closed_is_replaced_by_a_new_one(void **state)
{
    keep_one();
    wish_start(&up.wish, NULL);
    origin_hang_up(first); /* before it sees the request */
    up_accept(first);
    assert_non_null(up_asked(first));
    up_say(first, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nme");
    wish_assert_complete(&up.wish, 200, "me");
    assert_int_equal(up.wish.facts.attempts, 2);
    assert_false(up.wish.facts.is_reused);
    assert_false(origin_accept(second));
}

static void that_needs_no_second_try(void **state)
{
    up.config.tries = 1;
    a_kept_connection_that_the_server_has_just_closed_is_replaced_by_a_new_one(state);
}

static void a_post_looks_at_a_kept_connection_before_it_takes_it(void **state)
{
    keep_one();
    origin_hang_up(first); /* of which no event has told yet */
    post();
    up_accept(first);
    assert_non_null(up_asked(first));
    up_say(first, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    wish_assert_complete(&up.wish, 200, "");
    assert_false(up.wish.facts.is_reused);
    assert_int_equal(up.wish.facts.attempts, 1);
}

static void a_post_takes_a_kept_connection_that_is_alive(void **state)
{
    keep_one();
    post();
    assert_string_equal(up_asked(first), "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\ndata");
    up_say(first, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    wish_assert_complete(&up.wish, 200, "");
    assert_true(up.wish.facts.is_reused);
}

static void all_servers_are_asked_at_most_once(void **state)
{
    up.config.tries = 10;
    origin_stop(first);
    origin_stop(second);
    wish_start(&up.wish, NULL);
    up_turn();
    wish_assert_failed(&up.wish, 502, "connect-refused");
    assert_int_equal(up.wish.facts.attempts, 2);
}

static void retries_end_with_their_number(void **state)
{
    up.config.tries = 1;
    origin_stop(first);
    wish_start(&up.wish, NULL);
    up_turn();
    wish_assert_failed(&up.wish, 502, "connect-refused");
    assert_int_equal(up.wish.facts.attempts, 1);
}

static void retries_end_with_their_time(void **state)
{
    up.config.tries_time_ms = 5000;
    wish_start(&up.wish, NULL);
    up_accept(first);
    up_advance(5000);
    origin_hang_up(first);
    up_turn();
    wish_assert_failed(&up.wish, 502, "upstream-closed");
    assert_int_equal(up.wish.facts.attempts, 1);
}

static void an_error_is_given_when_retries_are_not_for_it(void **state)
{
    wish_start(&up.wish, NULL);
    up_accept(first);
    up_say(first, "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");
    wish_assert_complete(&up.wish, 503, "busy");
}

static void start_with_busy_first(void)
{
    up.config.retry_on |= RETRY_ON_503;
    wish_start(&up.wish, NULL);
    up_accept(first);
    up_say(first, "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");
}

static void a_better_answer_replaces_an_error(void **state)
{
    start_with_busy_first();
    assert_int_equal(up.wish.told[TOLD_HEAD], 0);
    up_accept(second);
    assert_non_null(up_asked(second));
    up_say(second, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nme");
    wish_assert_complete(&up.wish, 200, "me");
    assert_int_equal(up.group->servers[0].idle.count, 0);
    assert_int_equal(up.group->servers[1].idle.count, 1);
}

static void the_error_is_given_when_nobody_has_a_better_answer(void **state)
{
    origin_stop(second);
    start_with_busy_first();
    up_turn();
    wish_assert_complete(&up.wish, 503, "busy");
    assert_ptr_equal(up.wish.facts.server, &up.group->servers[0]);
    assert_int_equal(up.group->servers[0].idle.count, 1);
}

static void the_error_is_given_when_the_other_server_dies(void **state)
{
    start_with_busy_first();
    up_accept(second);
    assert_non_null(up_asked(second));
    origin_reset(second);
    up_turn();
    wish_assert_complete(&up.wish, 503, "busy");
}

static void a_kept_error_that_is_lost_leaves_the_failure(void **state)
{
    start_with_busy_first();
    up_accept(second);
    fetch_cancel(up.wish.fetch);
    up.wish.fetch = NULL;
    up_turn();
    assert_int_equal(up.wish.told[TOLD_END], 0);
    (void)origin_read(first);
    assert_null(origin_read(first)); /* closed */
}

static void an_error_to_a_post_is_given(void **state)
{
    up.config.retry_on |= RETRY_ON_503;
    post();
    up_accept(first);
    up_say(first, "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");
    wish_assert_complete(&up.wish, 503, "busy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RETRY_TEST(a_server_that_refuses_is_replaced_by_another_one),
        RETRY_TEST(what_was_never_sent_may_be_sent_to_another_one_whatever_it_is),
        RETRY_TEST(a_server_that_answers_nonsense_is_replaced_by_another_one),
        RETRY_TEST(what_is_not_idempotent_is_sent_once),
        RETRY_TEST(what_is_idempotent_is_sent_again_with_its_content),
        RETRY_TEST(content_that_is_not_at_hand_any_more_is_not_sent_again),
        RETRY_TEST(a_reply_that_has_begun_is_never_begun_again),
        RETRY_TEST(a_kept_connection_that_the_server_has_just_closed_is_replaced_by_a_new_one),
        RETRY_TEST(that_needs_no_second_try),
        RETRY_TEST(a_post_looks_at_a_kept_connection_before_it_takes_it),
        RETRY_TEST(a_post_takes_a_kept_connection_that_is_alive),
        RETRY_TEST(all_servers_are_asked_at_most_once),
        RETRY_TEST(retries_end_with_their_number),
        RETRY_TEST(retries_end_with_their_time),
        RETRY_TEST(an_error_is_given_when_retries_are_not_for_it),
        RETRY_TEST(a_better_answer_replaces_an_error),
        RETRY_TEST(the_error_is_given_when_nobody_has_a_better_answer),
        RETRY_TEST(the_error_is_given_when_the_other_server_dies),
        RETRY_TEST(a_kept_error_that_is_lost_leaves_the_failure),
        RETRY_TEST(an_error_to_a_post_is_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
