/* SPDX-License-Identifier: MIT */
/* test_fetch_deadlines.c - each state has a deadline, and none of them is moved by a trickle. */
#include "upstream_fixture.h"

#include "net/connector.h"

#include <errno.h>
#include <string.h>

static struct origin *const app = &up.origins[0];

/* connect(2) that is under way for ever. */
int __wrap_socket_connect(const struct sockaddr *addr, socklen_t size, bool *ret_is_done);
int __real_socket_connect(const struct sockaddr *addr, socklen_t size, bool *ret_is_done);
static bool hangs;

int __wrap_socket_connect(const struct sockaddr *addr, socklen_t size, bool *ret_is_done)
{
    int pair[2];

    if (!hangs)
        return __real_socket_connect(addr, size, ret_is_done);
    /* Not writable as long as nobody reads, and nobody does. */
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    while (send(pair[0], "x", 1, 0) == 1)
        continue;
    up.origins[1].fd = pair[1];
    *ret_is_done = false;
    return pair[0];
}

static void start(void)
{
    wish_start(&up.wish, NULL);
    up_accept(app);
    assert_non_null(up_asked(app));
}

static void a_server_that_is_not_reached_is_a_timeout(void **state)
{
    hangs = true;
    wish_start(&up.wish, NULL);
    hangs = false;
    up_advance(999);
    assert_int_equal(up.wish.told[TOLD_END], 0);
    up_advance(1);
    wish_assert_failed(&up.wish, 504, "connect-timeout");
    assert_int_equal(up.wish.facts.ended_by, FETCH_ENDED_BY_TIME);
}

static void a_head_that_does_not_come_is_a_timeout(void **state)
{
    start();
    up_advance(9999);
    assert_int_equal(up.wish.told[TOLD_END], 0);
    up_advance(1);
    wish_assert_failed(&up.wish, 504, "head-timeout");
    assert_null(origin_read(app));
}

static void a_head_that_drips_has_the_same_time(void **state)
{
    static const char head[] = "HTTP/1.1 200 OK\r\n";

    start();
    for (unsigned i = 0; i < 9; i++) {
        const char byte[] = {head[i], '\0'};

        up_advance(1000);
        up_say(app, byte);
    }
    assert_int_equal(up.wish.told[TOLD_END], 0);
    /* The first byte came after a second, and with it the time for a head began. */
    up_advance(1999);
    assert_int_equal(up.wish.told[TOLD_END], 0);
    up_advance(1);
    wish_assert_failed(&up.wish, 504, "head-timeout");
}

static void an_interim_reply_begins_that_time_anew(void **state)
{
    start();
    up_advance(9000);
    up_say(app, "HTTP/1.1 102 Processing\r\n\r\n");
    up_advance(9000);
    assert_int_equal(up.wish.told[TOLD_INTERIM], 1);
    assert_int_equal(up.wish.told[TOLD_END], 0);
    up_advance(1000);
    wish_assert_failed(&up.wish, 504, "head-timeout");
}

static void content_has_a_deadline_between_bytes(void **state)
{
    start();
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    for (unsigned i = 0; i < 9; i++) {
        up_advance(19999);
        up_say(app, "x");
    }
    assert_int_equal(up.wish.told[TOLD_END], 0);
    up_advance(20000);
    wish_assert_failed(&up.wish, 504, "read-timeout");
    assert_true(up.wish.failure.had_head);
}

static void no_time_runs_while_the_user_takes_nothing(void **state)
{
    up.wish.take_max = 0;
    start();
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nme");
    up_advance(1000000);
    assert_int_equal(up.wish.told[TOLD_END], 0);
    up.wish.take_max = 10;
    fetch_resume(up.wish.fetch);
    up_turn();
    wish_assert_complete(&up.wish, 200, "me");
}

static void a_head_is_not_due_while_content_is_sent(void **state)
{
    up.wish.method = METHOD_PUT;
    up.wish.head = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked";
    wish_start_chunked(&up.wish);
    up_accept(app);
    for (unsigned i = 0; i < 3; i++) {
        up_advance(60000);
        assert_int_equal(fetch_send(up.wish.fetch, SLICE_LITERAL("x"), false), 1);
        assert_non_null(up_asked(app));
    }
    assert_int_equal(up.wish.told[TOLD_END], 0);
    (void)fetch_send(up.wish.fetch, SLICE_LITERAL(""), true);
    up_advance(9999);
    assert_int_equal(up.wish.told[TOLD_END], 0);
    up_advance(1);
    wish_assert_failed(&up.wish, 504, "head-timeout");
}

static void a_server_that_takes_no_content_is_a_timeout(void **state)
{
    static char much[32 * 1024];
    unsigned i;

    up.wish.method = METHOD_PUT;
    up.wish.head = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked";
    wish_start_chunked(&up.wish);
    up_accept(app);
    for (i = 0; i < 10000; i++) {
        size_t sent = fetch_send(up.wish.fetch, slice_of(much, sizeof(much)), false);

        if (sent < sizeof(much))
            break;
        up_turn();
    }
    assert_true(i < 10000);
    up_advance(700); /* what is on its way arrives */
    up_advance(4999);
    up_advance(5000);
    wish_assert_failed(&up.wish, 504, "upstream-send-timeout");
}

static void content_is_wanted_after_a_second_without_an_answer(void **state)
{
    up.wish.method = METHOD_PUT;
    up.wish.head = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue";
    wish_start_chunked(&up.wish);
    up_accept(app);
    up_advance(999);
    assert_int_equal(up.wish.told[TOLD_SEND], 0);
    up_advance(1);
    assert_int_equal(up.wish.told[TOLD_SEND], 1);
    (void)fetch_send(up.wish.fetch, SLICE_LITERAL("x"), true);
    up_say(app, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    wish_assert_complete(&up.wish, 200, "");
    assert_int_equal(up.wish.told[TOLD_SEND], 1);
    assert_int_equal(up.wish.told[TOLD_INTERIM], 0);
}

static void content_is_wanted_as_soon_as_the_server_says_so(void **state)
{
    up.wish.method = METHOD_PUT;
    up.wish.head = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue";
    wish_start_chunked(&up.wish);
    up_accept(app);
    up_say(app, "HTTP/1.1 100 Continue\r\n\r\n");
    assert_int_equal(up.wish.told[TOLD_SEND], 1);
    up_advance(5000);
    assert_int_equal(up.wish.told[TOLD_SEND], 1);
    (void)fetch_send(up.wish.fetch, SLICE_LITERAL("x"), true);
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    wish_assert_complete(&up.wish, 200, "");
}

static void keep_one(void)
{
    start();
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(up.group->servers[0].idle.count, 1);
    wish_init(&up.wish);
}

static void a_kept_connection_is_closed_after_its_time(void **state)
{
    keep_one();
    up_advance(3999);
    assert_int_equal(up.group->servers[0].idle.count, 1);
    up_advance(1);
    assert_int_equal(up.group->servers[0].idle.count, 0);
    assert_null(origin_read(app));
}

static void a_connection_that_is_old_is_not_kept(void **state)
{
    up.config.keepalive_age_ms = 9000;
    keep_one();
    for (unsigned i = 0; i < 3; i++) {
        up_advance(3000);
        wish_init(&up.wish);
        wish_start(&up.wish, NULL);
        assert_non_null(up_asked(app));
        up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        wish_assert_complete(&up.wish, 200, "");
        assert_int_equal(up.group->servers[0].idle.count, i < 2);
    }
}

static void a_connection_has_so_many_requests(void **state)
{
    up.config.keepalive_requests = 2;
    keep_one();
    wish_start(&up.wish, NULL);
    assert_non_null(up_asked(app));
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(up.group->servers[0].idle.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UP_TEST(a_server_that_is_not_reached_is_a_timeout),
        UP_TEST(a_head_that_does_not_come_is_a_timeout),
        UP_TEST(a_head_that_drips_has_the_same_time),
        UP_TEST(an_interim_reply_begins_that_time_anew),
        UP_TEST(content_has_a_deadline_between_bytes),
        UP_TEST(no_time_runs_while_the_user_takes_nothing),
        UP_TEST(a_head_is_not_due_while_content_is_sent),
        UP_TEST(a_server_that_takes_no_content_is_a_timeout),
        UP_TEST(content_is_wanted_after_a_second_without_an_answer),
        UP_TEST(content_is_wanted_as_soon_as_the_server_says_so),
        UP_TEST(a_kept_connection_is_closed_after_its_time),
        UP_TEST(a_connection_that_is_old_is_not_kept),
        UP_TEST(a_connection_has_so_many_requests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
