/* SPDX-License-Identifier: MIT */
/* test_connection_duplex.c - each direction goes its own way: answers that come before all is sent. */
#include "net_fixture.h"

#include <errno.h>
#include <sys/epoll.h>

static size_t received_len;
static bool has_ended;

static bool take_all(struct echo *echo, enum echo_call call)
{
    if (call == ECHO_BYTES) {
        struct buffer *in = conn_input(echo->conn);

        received_len += buf_length(in);
        buf_consume(in, buf_length(in));
        return true;
    }
    if (call == ECHO_END) {
        has_ended = true;
        return true;
    }
    return false;
}

/* A connection with blocked output, which takes what comes. */
static struct connection *open_blocked(bool is_duplex)
{
    struct connection *conn;

    received_len = 0;
    has_ended = false;
    net.echoes.hook = take_all;
    net.peer.write_room = 0;
    conn = net_open();
    if (is_duplex)
        conn_read_while_blocked(conn);
    net_write(conn, "a long upload");
    net_turn();
    assert_int_equal(conn_unsent_bytes(conn), 13);
    return conn;
}

static void input_waits_for_blocked_output_where_directions_are_tied(void **state)
{
    struct connection *conn = open_blocked(false);

    memory_send(&net.peer, SLICE_LITERAL("answer"));
    memory_event(conn, EPOLLIN);
    assert_int_equal(received_len, 0);
    memory_take(conn, &net.peer, MEMORY_UNLIMITED);
    assert_int_equal(received_len, 6);
}

static void input_is_read_though_output_is_blocked(void **state)
{
    struct connection *conn = open_blocked(true);

    memory_send(&net.peer, SLICE_LITERAL("answer"));
    memory_event(conn, EPOLLIN);
    assert_int_equal(received_len, 6);
    assert_int_equal(conn_unsent_bytes(conn), 13);
    memory_take(conn, &net.peer, MEMORY_UNLIMITED);
    net_assert_received("a long upload");
}

static void the_send_timeout_still_ends_it(void **state)
{
    struct connection *conn = open_blocked(true);

    memory_send(&net.peer, SLICE_LITERAL("answer"));
    memory_event(conn, EPOLLIN);
    net_advance(NET_SEND_TIMEOUT_MS);
    net_advance(NET_SEND_TIMEOUT_MS);
    assert_true(net_is_closed(conn));
    assert_int_equal(net.echoes.last_reason, CLOSE_SEND_TIMEOUT);
}

static void what_came_before_a_reset_is_delivered(void **state)
{
    struct connection *conn = open_blocked(true);

    memory_send(&net.peer, SLICE_LITERAL("too large"));
    memory_send_error(&net.peer, -ECONNRESET);
    memory_event(conn, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLERR | EPOLLHUP);
    assert_int_equal(received_len, 9);
    assert_true(net_is_closed(conn));
    assert_int_equal(net.peer.writes, 1);
    net_turn();
    assert_int_equal(net.echoes.last_reason, CLOSE_PEER);
}

static void a_write_that_fails_lets_the_answer_be_read(void **state)
{
    struct connection *conn = open_blocked(true);

    memory_send(&net.peer, SLICE_LITERAL("too large"));
    memory_send_end(&net.peer);
    net.peer.write_error = -EPIPE;
    memory_event(conn, EPOLLOUT);
    assert_int_equal(received_len, 9);
    assert_true(has_ended);
    assert_false(net_is_closed(conn));
    assert_int_equal(conn_unsent_bytes(conn), 0);
    net_write(conn, "more"); /* which nobody takes */
    net_turn();
    assert_true(net_is_closed(conn));
    net_turn();
}

static void a_reset_waits_for_a_reader_who_pauses(void **state)
{
    struct connection *conn = open_blocked(true);

    conn_pause_reading(conn);
    memory_send(&net.peer, SLICE_LITERAL("too large"));
    memory_send_error(&net.peer, -ECONNRESET);
    memory_event(conn, EPOLLIN | EPOLLERR | EPOLLHUP);
    assert_false(net_is_closed(conn));
    conn_resume_reading(conn);
    net_turn();
    assert_int_equal(received_len, 9);
    assert_true(net_is_closed(conn));
    net_turn();
}

static void one_side_may_end_before_the_other(void **state)
{
    struct connection *conn;

    received_len = 0;
    has_ended = false;
    net.echoes.hook = take_all;
    conn = net_open();
    conn_read_while_blocked(conn);
    conn_end_output(conn);
    assert_true(net.peer.is_write_shut);
    memory_send(&net.peer, SLICE_LITERAL("late"));
    memory_send_end(&net.peer);
    memory_event(conn, EPOLLIN | EPOLLRDHUP | EPOLLHUP); /* both have ended by now */
    assert_int_equal(received_len, 4);
    assert_true(has_ended);
    assert_false(net_is_closed(conn));
    conn_close(conn, CLOSE_DONE);
    net_turn();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NET_TEST(input_waits_for_blocked_output_where_directions_are_tied),
        NET_TEST(input_is_read_though_output_is_blocked),
        NET_TEST(the_send_timeout_still_ends_it),
        NET_TEST(what_came_before_a_reset_is_delivered),
        NET_TEST(a_write_that_fails_lets_the_answer_be_read),
        NET_TEST(a_reset_waits_for_a_reader_who_pauses),
        NET_TEST(one_side_may_end_before_the_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
