/* SPDX-License-Identifier: MIT */
/* test_connection_reading.c - the edge-triggered rule, pauses, budgets, and the input buffer. */
#include "net_fixture.h"

#include <errno.h>
#include <sys/epoll.h>

static void what_is_there_already_is_read_when_the_connection_opens(void **state)
{
    memory_send(&net.peer, SLICE_LITERAL("hello"));
    (void)net_open();
    net_assert_received("hello");
    assert_int_equal(net.peer.reads, 1); /* a short read has emptied the socket */
    assert_int_equal(net.peer.writes, 1);
}

static void a_silent_peer_is_asked_once(void **state)
{
    struct connection *conn = net_open();

    assert_int_equal(net.peer.reads, 1);
    assert_null(conn_input(conn));
    memory_event(conn, EPOLLOUT);
    net_turn();
    assert_int_equal(net.peer.reads, 1);
    memory_send(&net.peer, SLICE_LITERAL("hello"));
    memory_event(conn, EPOLLIN | EPOLLOUT);
    net_assert_received("hello");
    assert_int_equal(net.peer.reads, 2);
    assert_int_equal(net.peer.empty_reads, 1);
}

static void a_read_that_fills_the_buffer_is_followed_by_another(void **state)
{
    memory_send(&net.peer, net_pattern(NET_INPUT_SIZE));
    memory_send(&net.peer, SLICE_LITERAL("tail"));
    (void)net_open();
    assert_int_equal(net.peer.reads, 2);
    assert_int_equal(memory_received(&net.peer).len, NET_INPUT_SIZE + 4);
}

static void exactly_a_buffer_full_ends_with_an_empty_read(void **state)
{
    memory_send(&net.peer, net_pattern(NET_INPUT_SIZE));
    (void)net_open();
    assert_int_equal(net.peer.reads, 2);
    assert_int_equal(net.peer.empty_reads, 1);
}

static void pieces_come_by_an_event_each(void **state)
{
    struct slice bytes = net_pattern(300);
    struct connection *conn;

    memory_send(&net.peer, bytes);
    net.peer.read_piece = 1;
    conn = net_open();
    memory_deliver(conn, &net.peer);
    assert_int_equal(net.echoes.calls[ECHO_BYTES], 300);
    assert_memory_equal(memory_received(&net.peer).data, bytes.data, bytes.len);
}

static void after_rdhup_it_is_read_until_the_end(void **state)
{
    struct connection *conn = net_open();

    memory_send(&net.peer, SLICE_LITERAL("last words"));
    memory_send_end(&net.peer);
    memory_event(conn, EPOLLIN | EPOLLRDHUP);
    net_assert_received("last words");
    assert_int_equal(net.echoes.calls[ECHO_END], 1);
    assert_true(net_is_closed(conn));
    assert_false(net.peer.is_reset);
    net_turn();
    assert_int_equal(net.echoes.last_reason, CLOSE_DONE);
}

static void without_rdhup_the_end_comes_by_its_own_event(void **state)
{
    struct connection *conn;

    memory_send(&net.peer, SLICE_LITERAL("hello"));
    memory_send_end(&net.peer);
    conn = net_open();
    assert_int_equal(net.echoes.calls[ECHO_END], 0);
    memory_event(conn, EPOLLIN | EPOLLRDHUP);
    assert_int_equal(net.echoes.calls[ECHO_END], 1);
}

static bool do_nothing(struct echo *echo, enum echo_call call)
{
    return call == ECHO_END || call == ECHO_BYTES;
}

static void the_end_is_told_once_and_nothing_is_read_behind_it(void **state)
{
    struct connection *conn;

    net.echoes.hook = do_nothing;
    memory_send_end(&net.peer);
    conn = net_open();
    assert_true(conn_peer_has_ended(conn));
    for (int i = 0; i < 3; i++) {
        memory_event(conn, EPOLLIN | EPOLLRDHUP | EPOLLOUT);
        net_turn();
    }
    assert_int_equal(net.echoes.calls[ECHO_END], 1);
    assert_int_equal(net.peer.reads, 1);
    assert_true(conn_is_open(conn)); /* it may still answer */
    assert_int_equal(conn_write(conn, SLICE_LITERAL("late")), 0);
    net_turn();
    net_assert_received("late");
}

static bool pause_at_bytes(struct echo *echo, enum echo_call call)
{
    if (call == ECHO_BYTES)
        conn_pause_reading(echo->conn);
    return false;
}

static void a_paused_connection_reads_nothing_and_forgets_nothing(void **state)
{
    struct connection *conn;

    net.echoes.hook = pause_at_bytes;
    memory_send(&net.peer, net_pattern(NET_INPUT_SIZE)); /* more may wait behind a full read */
    memory_send(&net.peer, SLICE_LITERAL("more"));
    conn = net_open();
    assert_int_equal(net.peer.reads, 1);
    memory_event(conn, EPOLLIN); /* told while paused, and not told again */
    net_turn();
    assert_int_equal(net.peer.reads, 1);
    conn_resume_reading(conn);
    assert_int_equal(net.peer.reads, 1); /* soon, not from within the call */
    net_turn();
    assert_int_equal(net.echoes.calls[ECHO_BYTES], 2);
    assert_int_equal(memory_received(&net.peer).len, NET_INPUT_SIZE + 4);
}

static void an_end_that_comes_during_a_pause_is_told_after_it(void **state)
{
    struct connection *conn;

    net.echoes.hook = pause_at_bytes;
    memory_send(&net.peer, SLICE_LITERAL("hello"));
    conn = net_open();
    memory_send(&net.peer, SLICE_LITERAL("bye"));
    memory_send_end(&net.peer);
    memory_event(conn, EPOLLIN | EPOLLRDHUP);
    assert_int_equal(net.echoes.calls[ECHO_END], 0);
    net.echoes.hook = NULL;
    conn_resume_reading(conn);
    net_turn();
    assert_int_equal(net.echoes.calls[ECHO_END], 1);
    net_assert_received("hellobye");
    assert_true(net_is_closed(conn));
}

static void nothing_is_read_while_the_peer_takes_nothing(void **state)
{
    struct connection *conn;

    net.peer.write_room = 2;
    memory_send(&net.peer, SLICE_LITERAL("hello"));
    conn = net_open();
    memory_send(&net.peer, SLICE_LITERAL(" world"));
    memory_event(conn, EPOLLIN);
    assert_int_equal(net.peer.reads, 1);
    net_turn();
    assert_int_equal(net.peer.reads, 1);
    memory_take(conn, &net.peer, MEMORY_UNLIMITED); /* no EPOLLIN: that was told before */
    net_assert_received("hello world");
}

static bool leave_the_bytes(struct echo *echo, enum echo_call call)
{
    return call == ECHO_BYTES;
}

static bool take_the_bytes_at_the_deadline(struct echo *echo, enum echo_call call)
{
    struct buffer *in = conn_input(echo->conn);

    if (call == ECHO_DEADLINE) {
        assert_int_equal(buf_length(in), NET_INPUT_SIZE);
        buf_consume(in, buf_length(in));
        return true;
    }
    return false;
}

static void a_full_buffer_stops_reading_until_there_is_room(void **state)
{
    struct connection *conn;

    net.echoes.hook = leave_the_bytes;
    memory_send(&net.peer, net_pattern(NET_INPUT_SIZE));
    memory_send(&net.peer, SLICE_LITERAL("more"));
    conn = net_open();
    for (int i = 0; i < 3; i++) {
        memory_event(conn, EPOLLIN);
        net_turn();
    }
    assert_int_equal(net.peer.reads, 1);
    net.echoes.hook = take_the_bytes_at_the_deadline;
    conn_set_deadline(conn, 10);
    net_advance(10);
    net_assert_received("more");
}

static bool take_three(struct echo *echo, enum echo_call call)
{
    struct buffer *in = conn_input(echo->conn);

    if (call == ECHO_BYTES)
        buf_consume(in, MIN(buf_length(in), 3));
    return call == ECHO_BYTES;
}

static void the_input_buffer_goes_back_when_it_is_empty(void **state)
{
    struct connection *conn;

    net.echoes.hook = take_three;
    memory_send(&net.peer, SLICE_LITERAL("abcd"));
    conn = net_open();
    assert_non_null(conn_input(conn));
    assert_int_equal(buf_length(conn_input(conn)), 1);
    memory_send(&net.peer, SLICE_LITERAL("ef"));
    memory_event(conn, EPOLLIN);
    assert_null(conn_input(conn));
    memory_event(conn, EPOLLIN); /* there is nothing: the one taken for the read goes back too */
    assert_null(conn_input(conn));
}

static void one_turn_reads_its_budget_and_the_rest_waits_for_the_next(void **state)
{
    size_t budget = (size_t)64 * 1024;
    struct slice bytes = net_pattern(4 * budget);
    struct connection *conn = net_open();

    memory_send(&net.peer, bytes);
    memory_event(conn, EPOLLIN);
    assert_int_equal(memory_received(&net.peer).len, budget);
    for (size_t turns = 2; turns <= 4; turns++) {
        net_turn();
        assert_int_equal(memory_received(&net.peer).len, turns * budget);
    }
    assert_memory_equal(memory_received(&net.peer).data, bytes.data, bytes.len);
    net_turn();
    assert_int_equal(net.peer.empty_reads, 2);
}

static void an_interrupted_read_is_repeated(void **state)
{
    memory_send_error(&net.peer, -EINTR);
    memory_send(&net.peer, SLICE_LITERAL("hello"));
    (void)net_open();
    net_assert_received("hello");
}

static void a_reset_ends_the_connection(void **state)
{
    struct connection *conn = net_open();

    memory_send_error(&net.peer, -ECONNRESET);
    memory_event(conn, EPOLLIN);
    assert_true(net_is_closed(conn));
    net_turn();
    assert_int_equal(net.echoes.last_reason, CLOSE_PEER);
    assert_int_equal(net.echoes.calls[ECHO_END], 0);
}

static void errors_of_the_descriptor_end_the_connection_at_once(void **state)
{
    static const uint32_t events[] = {EPOLLERR, EPOLLHUP, EPOLLIN | EPOLLRDHUP | EPOLLHUP,
                                      EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP};

    for (size_t i = 0; i < COUNT_OF(events); i++) {
        struct connection *conn = net_open();

        memory_event(conn, events[i]);
        assert_true(net_is_closed(conn));
        net_turn();
        assert_int_equal(net.echoes.last_reason, CLOSE_PEER);
        assert_int_equal(net.echoes.calls[ECHO_CLOSE], i + 1);
    }
}

static bool close_at_bytes(struct echo *echo, enum echo_call call)
{
    if (call == ECHO_BYTES)
        conn_close(echo->conn, CLOSE_DONE);
    return call == ECHO_BYTES;
}

static void a_connection_closed_by_its_protocol_reads_no_more(void **state)
{
    struct connection *conn;

    net.echoes.hook = close_at_bytes;
    memory_send(&net.peer, net_pattern(NET_INPUT_SIZE));
    memory_send(&net.peer, SLICE_LITERAL("more"));
    conn = net_open();
    assert_true(net_is_closed(conn));
    memory_event(conn, EPOLLIN | EPOLLOUT | EPOLLRDHUP); /* as if epoll knew it still */
    memory_event(conn, EPOLLERR);
    assert_int_equal(net.echoes.calls[ECHO_BYTES], 1);
    assert_int_equal(net.echoes.calls[ECHO_CLOSE], 0);
    net_turn();
    assert_int_equal(net.echoes.calls[ECHO_CLOSE], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NET_TEST(what_is_there_already_is_read_when_the_connection_opens),
        NET_TEST(a_silent_peer_is_asked_once),
        NET_TEST(a_read_that_fills_the_buffer_is_followed_by_another),
        NET_TEST(exactly_a_buffer_full_ends_with_an_empty_read),
        NET_TEST(pieces_come_by_an_event_each),
        NET_TEST(after_rdhup_it_is_read_until_the_end),
        NET_TEST(without_rdhup_the_end_comes_by_its_own_event),
        NET_TEST(the_end_is_told_once_and_nothing_is_read_behind_it),
        NET_TEST(a_paused_connection_reads_nothing_and_forgets_nothing),
        NET_TEST(an_end_that_comes_during_a_pause_is_told_after_it),
        NET_TEST(nothing_is_read_while_the_peer_takes_nothing),
        NET_TEST(a_full_buffer_stops_reading_until_there_is_room),
        NET_TEST(the_input_buffer_goes_back_when_it_is_empty),
        NET_TEST(one_turn_reads_its_budget_and_the_rest_waits_for_the_next),
        NET_TEST(an_interrupted_read_is_repeated),
        NET_TEST(a_reset_ends_the_connection),
        NET_TEST(errors_of_the_descriptor_end_the_connection_at_once),
        NET_TEST(a_connection_closed_by_its_protocol_reads_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
