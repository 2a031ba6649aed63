/* SPDX-License-Identifier: MIT */
/* test_fetch.c - a request and its reply, by every framing; connections that are kept, and those that are not. */
#include "upstream_fixture.h"

#include <string.h>

static struct origin *const app = &up.origins[0];

/* Its end is all that is left to be read. */
static void assert_closed(void)
{
    (void)origin_read(app);
    assert_null(origin_read(app));
}

static void a_reply_with_a_length_comes_and_the_connection_is_kept(void **state)
{
    wish_start(&up.wish, NULL);
    up_accept(app);
    assert_string_equal(up_asked(app), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    wish_assert_complete(&up.wish, 200, "hello");
    assert_int_equal(up.wish.facts.attempts, 1);
    assert_false(up.wish.facts.is_reused);
    assert_int_equal(up.wish.facts.content_bytes, 5);
    assert_int_equal(up.group->servers[0].idle.count, 1);
    assert_string_equal(origin_read(app), "");

    wish_init(&up.wish);
    wish_start(&up.wish, NULL);
    assert_string_equal(up_asked(app), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_false(origin_accept(app)); /* no other connection */
    up_say(app, "HTTP/1.1 204 No Content\r\n\r\n");
    wish_assert_complete(&up.wish, 204, "");
    assert_true(up.wish.facts.is_reused);
    assert_int_equal(up.group->servers[0].idle.count, 1);
    assert_int_equal(counter_get(&up.counters.upstream_connects), 1);
    assert_int_equal(counter_get(&up.counters.upstream_reuses), 1);
    assert_int_equal(counter_get(&up.counters.upstream_attempts[OUTCOME_OK]), 2);
}

static void a_reply_may_come_byte_by_byte(void **state)
{
    static const char reply[] = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                "3;a=b\r\nabc\r\n4\r\ndefg\r\n0\r\nTrailer: x\r\n\r\n";

    wish_start(&up.wish, NULL);
    up_accept(app);
    for (size_t i = 0; i < sizeof(reply) - 1; i++) {
        const char byte[] = {reply[i], '\0'};

        assert_int_equal(up.wish.told[TOLD_END], 0);
        up_say(app, byte);
    }
    wish_assert_complete(&up.wish, 200, "abcdefg");
    assert_int_equal(up.wish.told[TOLD_INTERIM], 1);
    assert_int_equal(up.group->servers[0].idle.count, 1);
}

static void content_without_a_length_ends_with_the_connection(void **state)
{
    wish_start(&up.wish, NULL);
    up_accept(app);
    up_say(app, "HTTP/1.1 200 OK\r\n\r\nall there is");
    assert_int_equal(up.wish.told[TOLD_END], 0);
    assert_string_equal(up.wish.content, "all there is");
    origin_end(app);
    up_turn();
    wish_assert_complete(&up.wish, 200, "all there is");
    assert_int_equal(up.group->servers[0].idle.count, 0);
    assert_closed();
}

static void content_that_ends_with_a_reset_is_cut(void **state)
{
    wish_start(&up.wish, NULL);
    up_accept(app);
    up_say(app, "HTTP/1.1 200 OK\r\n\r\nsome");
    origin_reset(app);
    up_turn();
    wish_assert_failed(&up.wish, 502, "upstream-cut");
    assert_true(up.wish.failure.had_head);
}

static void content_that_ends_before_its_length_is_cut(void **state)
{
    wish_start(&up.wish, NULL);
    up_accept(app);
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nsome");
    origin_end(app);
    up_turn();
    wish_assert_failed(&up.wish, 502, "upstream-cut");
    assert_string_equal(up.wish.content, "some");
    assert_int_equal(up.wish.facts.ended_by, FETCH_ENDED_BY_SERVER);
}

static void a_reply_to_head_has_no_content_whatever_it_says(void **state)
{
    up.wish.method = METHOD_HEAD;
    up.wish.head = "HEAD / HTTP/1.1\r\nHost: a";
    wish_start(&up.wish, NULL);
    up_accept(app);
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    wish_assert_complete(&up.wish, 200, "");
    assert_int_equal(up.group->servers[0].idle.count, 1);
}

static void what_follows_a_reply_ends_the_connection_and_goes_to_nobody(void **state)
{
    wish_start(&up.wish, NULL);
    up_accept(app);
    up_say(app, "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil");
    wish_assert_complete(&up.wish, 304, "");
    assert_int_equal(up.group->servers[0].idle.count, 0);
    assert_closed();
}

static void what_a_kept_connection_says_unasked_ends_it(void **state)
{
    wish_start(&up.wish, NULL);
    up_accept(app);
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(up.group->servers[0].idle.count, 1);
    up_say(app, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(up.group->servers[0].idle.count, 0);
    wish_init(&up.wish);
    wish_start(&up.wish, NULL);
    up_accept(app);
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nme");
    wish_assert_complete(&up.wish, 200, "me");
}

/* Head of a reply; true: its connection is kept. */
static const struct {
    const char *reply;
    bool is_kept;
} keepings[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true},
    {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false},
    {"HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n", false},
    {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", false},
    {"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", true},
    {"HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", true},
};

static void a_connection_is_kept_if_the_server_says_nothing_against_it(void **state)
{
    for (size_t i = 0; i < COUNT_OF(keepings); i++) {
        wish_init(&up.wish);
        wish_start(&up.wish, NULL);
        up_accept(app);
        up_say(app, keepings[i].reply);
        assert_int_equal(up.wish.told[TOLD_END], 1);
        assert_int_equal(up.group->servers[0].idle.count, keepings[i].is_kept);
        origin_hang_up(app);
        up_turn();
        assert_int_equal(up.group->servers[0].idle.count, 0);
    }
}

static const struct {
    const char *reply, *reason;
} bad_replies[] = {
    {"SSH-2.0-OpenSSH_9.2p1\r\n", "bad-reply-head"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "bad-reply-head"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
     "bad-reply-head"},
    {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", "unasked-switch"},
    {"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\n"
     "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\n"
     "HTTP/1.1 100 C\r\n\r\n",
     "too-many-interim-replies"},
};

static void what_is_no_reply_is_a_bad_gateway(void **state)
{
    for (size_t i = 0; i < COUNT_OF(bad_replies); i++) {
        wish_init(&up.wish);
        wish_start(&up.wish, NULL);
        up_accept(app);
        up_say(app, bad_replies[i].reply);
        wish_assert_failed(&up.wish, 502, bad_replies[i].reason);
        assert_int_equal(up.wish.told[TOLD_HEAD], 0);
        assert_closed();
    }
}

static void chunks_that_are_none_cut_the_reply(void **state)
{
    wish_start(&up.wish, NULL);
    up_accept(app);
    up_say(app, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nnonsense\r\n");
    wish_assert_failed(&up.wish, 502, "bad-reply-content");
    assert_string_equal(up.wish.content, "abc");
}

static void a_head_beyond_the_limit_is_a_bad_gateway(void **state)
{
    char line[201];

    memset(line, 'x', 200);
    memcpy(line, "X-A: ", 5);
    memcpy(line + 198, "\r\n", 3);
    wish_start(&up.wish, NULL);
    up_accept(app);
    origin_send(app, "HTTP/1.1 200 OK\r\n");
    for (unsigned i = 0; i < 19; i++)
        up_say(app, line);
    assert_int_equal(up.wish.told[TOLD_END], 0);
    up_say(app, line);
    up_say(app, line);
    wish_assert_failed(&up.wish, 502, "reply-head-too-large");
}

static void nobody_listens_is_a_bad_gateway(void **state)
{
    origin_stop(app);
    wish_start(&up.wish, NULL);
    up_turn();
    wish_assert_failed(&up.wish, 502, "connect-refused");
    assert_int_equal(up.wish.facts.attempts, 1);
}

static void a_server_that_closes_without_a_word_is_a_bad_gateway(void **state)
{
    wish_start(&up.wish, NULL);
    up_accept(app);
    origin_hang_up(app);
    up_turn();
    wish_assert_failed(&up.wish, 502, "upstream-closed");
}

static void content_with_a_length_is_sent_with_its_head(void **state)
{
    up.wish.method = METHOD_POST;
    up.wish.head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4";
    wish_start(&up.wish, "data");
    up_accept(app);
    assert_string_equal(up_asked(app),
                        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\ndata");
    up_say(app, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    wish_assert_complete(&up.wish, 201, "");
    assert_int_equal(up.wish.facts.sent_bytes, 4);
    assert_int_equal(up.group->servers[0].idle.count, 1);
}

static void content_without_a_length_is_sent_in_chunks(void **state)
{
    up.wish.method = METHOD_POST;
    up.wish.head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked";
    wish_start_chunked(&up.wish);
    up_accept(app);
    assert_string_equal(up_asked(app), "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_int_equal(fetch_send(up.wish.fetch, SLICE_LITERAL("0123456789abcdef"), false), 16);
    assert_string_equal(up_asked(app), "10\r\n0123456789abcdef\r\n");
    assert_int_equal(fetch_send(up.wish.fetch, SLICE_LITERAL(""), true), 0);
    assert_string_equal(up_asked(app), "0\r\n\r\n");
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    wish_assert_complete(&up.wish, 200, "");
}

static void an_answer_before_the_end_of_the_request_is_passed_on_and_the_connection_closed(
    void **state)
{
    up.wish.method = METHOD_POST;
    up.wish.head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked";
    wish_start_chunked(&up.wish);
    up_accept(app);
    assert_int_equal(fetch_send(up.wish.fetch, SLICE_LITERAL("some"), false), 4);
    up_turn();
    up_say(app, "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
    wish_assert_complete(&up.wish, 413, "no");
    assert_int_equal(up.group->servers[0].idle.count, 0);
}

static void content_that_an_early_answer_overtakes_is_dropped(void **state)
{
    up.wish.method = METHOD_POST;
    up.wish.head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked";
    wish_start_chunked(&up.wish);
    up_accept(app);
    assert_non_null(up_asked(app));
    up_say(app, "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\n");
    assert_int_equal(fetch_send(up.wish.fetch, SLICE_LITERAL("more"), true), 4);
    assert_string_equal(up_asked(app), "");
    up_say(app, "no");
    wish_assert_complete(&up.wish, 413, "no");
    assert_int_equal(up.group->servers[0].idle.count, 0);
}

static void an_early_answer_is_read_though_the_server_resets_the_upload(void **state)
{
    static char much[48 * 1024];

    up.wish.method = METHOD_POST;
    up.wish.head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked";
    wish_start_chunked(&up.wish);
    up_accept(app);
    (void)fetch_send(up.wish.fetch, slice_of(much, sizeof(much)), false);
    up_turn();
    origin_send(app, "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
    origin_hang_up(app); /* over what it has not read: a reset */
    up_turn();
    wish_assert_complete(&up.wish, 413, "no");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UP_TEST(a_reply_with_a_length_comes_and_the_connection_is_kept),
        UP_TEST(a_reply_may_come_byte_by_byte),
        UP_TEST(content_without_a_length_ends_with_the_connection),
        UP_TEST(content_that_ends_with_a_reset_is_cut),
        UP_TEST(content_that_ends_before_its_length_is_cut),
        UP_TEST(a_reply_to_head_has_no_content_whatever_it_says),
        UP_TEST(what_follows_a_reply_ends_the_connection_and_goes_to_nobody),
        UP_TEST(what_a_kept_connection_says_unasked_ends_it),
        UP_TEST(a_connection_is_kept_if_the_server_says_nothing_against_it),
        UP_TEST(what_is_no_reply_is_a_bad_gateway),
        UP_TEST(chunks_that_are_none_cut_the_reply),
        UP_TEST(a_head_beyond_the_limit_is_a_bad_gateway),
        UP_TEST(nobody_listens_is_a_bad_gateway),
        UP_TEST(a_server_that_closes_without_a_word_is_a_bad_gateway),
        UP_TEST(content_with_a_length_is_sent_with_its_head),
        UP_TEST(content_without_a_length_is_sent_in_chunks),
        UP_TEST(an_answer_before_the_end_of_the_request_is_passed_on_and_the_connection_closed),
        UP_TEST(content_that_an_early_answer_overtakes_is_dropped),
        UP_TEST(an_early_answer_is_read_though_the_server_resets_the_upload),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
