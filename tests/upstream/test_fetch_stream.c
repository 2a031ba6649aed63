/* SPDX-License-Identifier: MIT */
/* test_fetch_stream.c - content of any size both ways, held back by whoever is slower; and tunnels. */
#include "upstream_fixture.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOTAL ((size_t)4 << 20)
#define MORE_THAN_SOCKETS_HOLD ((size_t)256 << 20)

static struct origin *const app = &up.origins[0];
static size_t taken_bytes;
static uint64_t most_memory;

/* A byte of a stream that does not repeat soon. */
static char pattern(size_t at)
{
    return (char)(at * 2654435761U >> 13);
}

static void note_memory(void)
{
    struct mempool_stats stats;

    mempool_stats(up.mempool, &stats);
    most_memory = MAX(most_memory, stats.small_in_use + stats.large_in_use);
}

/* Take what came, and forget it. */
static void check_content(struct wish *wish, enum told told)
{
    note_memory();
    if (told != TOLD_CONTENT)
        return;
    for (size_t i = 0; i < wish->content_len; i++)
        assert_int_equal(wish->content[i], pattern(taken_bytes + i));
    taken_bytes += wish->content_len;
    wish->content_len = 0;
}

/* As much of the stream as the socket takes. */
static size_t say_some(size_t at, size_t end)
{
    char piece[8192];

    while (at < end) {
        size_t len = MIN(sizeof(piece), end - at);
        ssize_t n;

        for (size_t i = 0; i < len; i++)
            piece[i] = pattern(at + i);
        n = send(app->fd, piece, len, MSG_NOSIGNAL);
        if (n <= 0)
            break;
        at += (size_t)n;
    }
    return at;
}

static void read_slowly(size_t take_max)
{
    size_t said = 0;

    taken_bytes = 0;
    most_memory = 0;
    up.wish.hook = check_content;
    up.wish.take_max = take_max;
    wish_start(&up.wish, NULL);
    up_accept(app);
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 4194304\r\n\r\n");
    for (unsigned i = 0; i < 1000000 && up.wish.told[TOLD_END] == 0; i++) {
        said = say_some(said, TOTAL);
        assert_int_equal(loop_run_once(up.loop, 0), 0);
        if (up.wish.fetch)
            fetch_resume(up.wish.fetch);
    }
    assert_int_equal(up.wish.told[TOLD_END], 1);
    assert_false(up.wish.has_failed);
    assert_int_equal(taken_bytes, TOTAL);
    assert_int_equal(up.wish.facts.content_bytes, TOTAL);
    assert_int_equal(up.group->servers[0].idle.count, 1);
    assert_true(most_memory < 4096); /* the input buffer is of the pool of those */
}

static void much_content_comes_as_fast_as_it_is_taken(void **state)
{
    read_slowly(SIZE_MAX);
}

static void a_user_who_takes_a_little_at_a_time_gets_all_of_it(void **state)
{
    read_slowly(777);
}

static void a_user_who_takes_nothing_stops_the_server(void **state)
{
    size_t said, before;

    up.wish.take_max = 0;
    wish_start(&up.wish, NULL);
    up_accept(app);
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 268435456\r\n\r\n");
    said = say_some(0, MORE_THAN_SOCKETS_HOLD);
    do {
        before = said;
        up_turn();
        said = say_some(said, MORE_THAN_SOCKETS_HOLD);
    } while (said > before);
    assert_true(said <
                MORE_THAN_SOCKETS_HOLD); /* what is in the kernel's buffers, and one of ours */
    assert_in_range(up.wish.told[TOLD_CONTENT], 1, 2);
    fetch_cancel(up.wish.fetch);
    up.wish.fetch = NULL;
    up_turn();
}

static size_t sent_bytes;

static void send_more(struct wish *wish, enum told told)
{
    char piece[16 * 1024];
    size_t len, taken;

    note_memory();
    if (told != TOLD_ROOM)
        return;
    do {
        len = MIN(sizeof(piece), TOTAL - sent_bytes);
        for (size_t i = 0; i < len; i++)
            piece[i] = pattern(sent_bytes + i);
        taken = fetch_send(wish->fetch, slice_of(piece, len), sent_bytes + len == TOTAL);
        sent_bytes += taken;
    } while (taken == len && sent_bytes < TOTAL);
}

static void much_content_is_sent_as_fast_as_the_server_takes_it(void **state)
{
    size_t received = 0;

    sent_bytes = 0;
    most_memory = 0;
    up.wish.method = METHOD_POST;
    up.wish.head = "POST / HTTP/1.1\r\nContent-Length: 4194304";
    up.wish.hook = send_more;
    wish_start_length(&up.wish, TOTAL);
    send_more(&up.wish, TOLD_ROOM);
    up_accept(app);
    for (unsigned i = 0; i < 1000000 && received < TOTAL; i++) {
        const char *text = up_asked(app);
        size_t len = 0;

        assert_non_null(text);
        if (received == 0)
            text = strstr(text, "\r\n\r\n") + 4;
        while (text < app->received + app->received_len) {
            assert_int_equal(*text, pattern(received + len));
            text++;
            len++;
        }
        received += len;
    }
    assert_int_equal(received, TOTAL);
    assert_int_equal(sent_bytes, TOTAL);
    assert_true(most_memory < 256 * 1024);
    up_say(app, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    wish_assert_complete(&up.wish, 200, "");
    assert_int_equal(up.wish.facts.sent_bytes, TOTAL);
    assert_int_equal(up.group->servers[0].idle.count, 1);
}

static void open_tunnel(void)
{
    up.wish.head = "GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket";
    wish_start(&up.wish, NULL);
    up_accept(app);
    assert_non_null(up_asked(app));
    up_say(app, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nfirst");
    assert_int_equal(up.wish.status, 101);
    assert_string_equal(up.wish.content, "first");
}

static void a_tunnel_takes_bytes_both_ways_until_both_have_ended(void **state)
{
    open_tunnel();
    assert_int_equal(fetch_send(up.wish.fetch, SLICE_LITERAL("ping"), false), 4);
    assert_string_equal(up_asked(app), "ping");
    up_say(app, " HTTP/1.1 200 OK\r\n\r\n");
    assert_string_equal(up.wish.content, "first HTTP/1.1 200 OK\r\n\r\n");
    assert_int_equal(fetch_send(up.wish.fetch, SLICE_LITERAL("bye"), true), 3);
    assert_string_equal(up_asked(app), "bye");
    assert_null(up_asked(app)); /* our side has ended */
    assert_int_equal(up.wish.told[TOLD_END], 0);
    up_say(app, "!");
    origin_end(app);
    up_turn();
    assert_int_equal(up.wish.told[TOLD_END], 1);
    assert_false(up.wish.has_failed);
    assert_string_equal(up.wish.content, "first HTTP/1.1 200 OK\r\n\r\n!");
    assert_int_equal(up.group->servers[0].idle.count, 0);
}

/* When the server takes more again, that is not the end of what it gets. */
static void much_passes_through_a_tunnel(void **state)
{
    size_t received = 0;

    open_tunnel();
    sent_bytes = 0;
    up.wish.hook = send_more;
    send_more(&up.wish, TOLD_ROOM);
    for (unsigned i = 0; i < 1000000 && received < TOTAL; i++) {
        assert_non_null(up_asked(app));
        received += app->received_len;
    }
    assert_int_equal(received, TOTAL);
    assert_int_equal(sent_bytes, TOTAL);
    assert_null(up_asked(app)); /* now our side has ended */
    fetch_cancel(up.wish.fetch);
    up.wish.fetch = NULL;
    up_turn();
}

static void a_server_may_end_its_side_of_a_tunnel_first(void **state)
{
    unsigned told;

    open_tunnel();
    told = up.wish.told[TOLD_CONTENT];
    origin_end(app);
    up_turn();
    assert_int_equal(up.wish.told[TOLD_CONTENT], told + 1); /* an empty slice */
    assert_int_equal(up.wish.told[TOLD_END], 0);
    assert_int_equal(fetch_send(up.wish.fetch, SLICE_LITERAL("still here"), false), 10);
    assert_string_equal(up_asked(app), "still here");
    (void)fetch_send(up.wish.fetch, SLICE_LITERAL(""), true);
    assert_null(up_asked(app));
    assert_int_equal(up.wish.told[TOLD_END], 1);
    assert_false(up.wish.has_failed);
}

static void a_tunnel_that_is_quiet_ends(void **state)
{
    open_tunnel();
    up_advance(29999);
    assert_int_equal(fetch_send(up.wish.fetch, SLICE_LITERAL("x"), false), 1);
    up_advance(29999);
    up_say(app, "y");
    up_advance(29999);
    assert_int_equal(up.wish.told[TOLD_END], 0);
    up_advance(1);
    wish_assert_failed(&up.wish, 504, "tunnel-timeout");
}

static void a_tunnel_that_is_reset_ends(void **state)
{
    open_tunnel();
    origin_reset(app);
    up_turn();
    wish_assert_failed(&up.wish, 502, "upstream-cut");
}

static void another_answer_to_an_upgrade_is_an_ordinary_one(void **state)
{
    up.wish.head = "GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket";
    wish_start(&up.wish, NULL);
    up_accept(app);
    up_say(app, "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
    wish_assert_complete(&up.wish, 403, "no");
    assert_int_equal(up.group->servers[0].idle.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UP_TEST(much_content_comes_as_fast_as_it_is_taken),
        UP_TEST(a_user_who_takes_a_little_at_a_time_gets_all_of_it),
        UP_TEST(a_user_who_takes_nothing_stops_the_server),
        UP_TEST(much_content_is_sent_as_fast_as_the_server_takes_it),
        UP_TEST(a_tunnel_takes_bytes_both_ways_until_both_have_ended),
        UP_TEST(much_passes_through_a_tunnel),
        UP_TEST(a_server_may_end_its_side_of_a_tunnel_first),
        UP_TEST(a_tunnel_that_is_quiet_ends),
        UP_TEST(a_tunnel_that_is_reset_ends),
        UP_TEST(another_answer_to_an_upgrade_is_an_ordinary_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
