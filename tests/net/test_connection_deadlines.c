/* SPDX-License-Identifier: MIT */
/* test_connection_deadlines.c - the protocol's deadline, and the send timeout in its place. */
#include "net_fixture.h"

#include <unistd.h>

#define WRITE_BUDGET ((size_t)512 * 1024)

static void deadlines_come_at_their_time(void **state)
{
    struct connection *conn = net_open();

    conn_set_deadline(conn, 100);
    net_advance(99);
    assert_int_equal(net.echoes.calls[ECHO_DEADLINE], 0);
    net_advance(1);
    assert_int_equal(net.echoes.calls[ECHO_DEADLINE], 1);
    assert_true(net_is_closed(conn));
    net_turn();
    assert_int_equal(net.echoes.last_reason, CLOSE_READ_TIMEOUT);
}

static void a_deadline_that_moves_away_leaves_the_heap_alone(void **state)
{
    struct connection *conn = net_open();
    int64_t due_ms;

    conn_set_deadline(conn, 100);
    due_ms = conn->timer.due_ms;
    for (int i = 0; i < 9; i++) {
        net_advance(10);
        conn_set_deadline(conn, 100);
        assert_int_equal(conn->timer.due_ms, due_ms);
    }
    net_advance(10); /* fires early, and looks again */
    assert_int_equal(net.echoes.calls[ECHO_DEADLINE], 0);
    assert_int_equal(conn->timer.due_ms, NET_START_MS + 190);
    net_advance(89);
    assert_int_equal(net.echoes.calls[ECHO_DEADLINE], 0);
    net_advance(1);
    assert_int_equal(net.echoes.calls[ECHO_DEADLINE], 1);
}

static void a_deadline_may_come_nearer_or_be_taken_back(void **state)
{
    struct connection *conn = net_open();

    conn_set_deadline(conn, 100);
    conn_set_deadline(conn, 0);
    net_advance(1000);
    assert_int_equal(net.echoes.calls[ECHO_DEADLINE], 0);
    conn_set_deadline(conn, 100);
    conn_set_deadline(conn, 10);
    net_advance(10);
    assert_int_equal(net.echoes.calls[ECHO_DEADLINE], 1);
}

static bool set_deadline_at_bytes(struct echo *echo, enum echo_call call)
{
    if (call == ECHO_BYTES)
        conn_set_deadline(echo->conn, 10 * NET_SEND_TIMEOUT_MS);
    return false;
}

static void what_came_together_with_an_idle_deadline_is_served(void **state)
{
    struct connection *conn;

    net.echoes.hook = set_deadline_at_bytes;
    conn = net_open();
    conn_set_idle(conn, true);
    conn_set_deadline(conn, 100);
    memory_send(&net.peer, SLICE_LITERAL("just in time")); /* epoll would tell in the next turn */
    net_advance(100);
    net_assert_received("just in time");
    assert_int_equal(net.echoes.calls[ECHO_DEADLINE], 0);
    assert_true(conn_is_open(conn));
    conn_set_deadline(conn, 100);
    net_advance(100);
    assert_int_equal(net.echoes.calls[ECHO_DEADLINE], 1);
}

static void a_paused_idle_connection_has_its_deadline(void **state)
{
    struct connection *conn = net_open();

    conn_set_idle(conn, true);
    conn_pause_reading(conn);
    conn_set_deadline(conn, 100);
    memory_send(&net.peer, SLICE_LITERAL("not read"));
    net_advance(100);
    assert_int_equal(net.echoes.calls[ECHO_DEADLINE], 1);
    assert_int_equal(net.echoes.calls[ECHO_BYTES], 0);
    assert_true(net_is_closed(conn));
}

static void an_end_that_came_together_with_an_idle_deadline_is_told(void **state)
{
    struct connection *conn = net_open();

    conn_set_idle(conn, true);
    conn_set_deadline(conn, 100);
    memory_send_end(&net.peer);
    net_advance(100);
    assert_int_equal(net.echoes.calls[ECHO_END], 1);
    assert_int_equal(net.echoes.calls[ECHO_DEADLINE], 0);
    net_turn();
    assert_int_equal(net.echoes.last_reason, CLOSE_DONE);
}

static void a_peer_that_takes_nothing_is_reset_after_the_send_timeout(void **state)
{
    struct connection *conn = net_open();

    net.peer.write_room = 2;
    net_write(conn, "hello");
    net_turn();
    net_advance(NET_SEND_TIMEOUT_MS / 2);
    memory_take(conn, &net.peer, 0); /* an event alone is no progress */
    net_advance(NET_SEND_TIMEOUT_MS / 2 - 1);
    assert_false(net_is_closed(conn));
    net_advance(1);
    assert_true(net.peer.is_closed && net.peer.is_reset);
    net_turn();
    assert_int_equal(net.echoes.last_reason, CLOSE_SEND_TIMEOUT);
    assert_int_equal(net.echoes.calls[ECHO_DEADLINE], 0);
}

static void each_byte_of_progress_starts_the_send_timeout_anew(void **state)
{
    struct connection *conn = net_open();

    net.peer.write_room = 0;
    net_write(conn, "hello");
    net_turn();
    for (int i = 0; i < 4; i++) {
        net_advance(NET_SEND_TIMEOUT_MS - 1);
        memory_take(conn, &net.peer, 1);
        assert_false(net_is_closed(conn));
    }
    net_advance(NET_SEND_TIMEOUT_MS - 1);
    assert_false(net_is_closed(conn));
    net_advance(1);
    assert_true(net_is_closed(conn));
}

static void what_the_peers_system_acknowledges_is_progress(void **state)
{
    struct connection *conn = net_open();

    net.peer.write_room = 1000; /* which the kernel takes, while the peer has nothing of it yet */
    net.peer.unacknowledged = 1000;
    assert_int_equal(conn_write(conn, net_pattern(2000)), 0);
    net_turn();
    for (int i = 0; i < 10; i++) {
        net_advance(NET_SEND_TIMEOUT_MS - 1);
        net.peer.unacknowledged -= 100;
        net_advance(1);
        assert_false(net_is_closed(conn));
    }
    net_advance(NET_SEND_TIMEOUT_MS - 1);
    assert_false(net_is_closed(conn));
    net_advance(1);
    assert_true(net.peer.is_reset);
    net_turn();
    assert_int_equal(net.echoes.last_reason, CLOSE_SEND_TIMEOUT);
}

static void a_peer_that_takes_too_little_is_reset(void **state)
{
    struct connection *conn = net_open();

    conn->shared->send_least_bytes = 100;
    net.peer.write_room = 10000;
    net.peer.unacknowledged = 10000;
    assert_int_equal(conn_write(conn, net_pattern(20000)), 0);
    net_turn();
    for (int i = 0; i < 10; i++) { /* all at once, or bit by bit */
        net_advance(NET_SEND_TIMEOUT_MS / 2);
        net.peer.unacknowledged -= 50;
        net_advance(NET_SEND_TIMEOUT_MS / 2 - 1);
        net.peer.unacknowledged -= 50;
        net_advance(1);
        assert_false(net_is_closed(conn));
    }
    net_advance(NET_SEND_TIMEOUT_MS / 2);
    net.peer.unacknowledged -= 99;
    net_advance(NET_SEND_TIMEOUT_MS / 2);
    assert_true(net.peer.is_reset);
    net_turn();
    assert_int_equal(net.echoes.last_reason, CLOSE_SEND_RATE);
}

/* Each byte makes room for one more, and yet the timeout is not set anew. */
static void bytes_that_drip_into_the_peer_are_too_little(void **state)
{
    struct connection *conn = net_open();

    conn->shared->send_least_bytes = 100;
    net.peer.write_room = 0;
    assert_int_equal(conn_write(conn, net_pattern(20000)), 0);
    net_turn();
    for (int i = 0; i < 99; i++) {
        net_advance(NET_SEND_TIMEOUT_MS / 100);
        memory_take(conn, &net.peer, 1);
        assert_false(net_is_closed(conn));
    }
    net_advance(NET_SEND_TIMEOUT_MS / 100 + NET_SEND_TIMEOUT_MS % 100);
    assert_true(net.peer.is_reset);
    net_turn();
    assert_int_equal(net.echoes.last_reason, CLOSE_SEND_RATE);
}

static void progress_in_a_turn_that_is_not_blocked_counts_as_well(void **state)
{
    size_t len = 4 * WRITE_BUDGET;
    struct net_page file;
    int fd = net_pattern_file(len);
    struct connection *conn = net_open();

    net_page_init(&file);
    net.peer.write_room = 0;
    assert_int_equal(conn_send_file(conn, fd, 0, len, &file.counted), 0);
    net_turn();
    net_advance(NET_SEND_TIMEOUT_MS - 1);
    memory_take(conn, &net.peer, 2 * WRITE_BUDGET); /* a budget full, and the turn is over */
    assert_int_equal(net.peer.record_len, WRITE_BUDGET);
    net_advance(1); /* the timer fires, then the rest of the room is used */
    assert_int_equal(net.peer.record_len, 2 * WRITE_BUDGET);
    net_turn(); /* blocked again, without progress since */
    net_advance(NET_SEND_TIMEOUT_MS - 1);
    assert_false(net_is_closed(conn));
    net_advance(1);
    assert_true(net_is_closed(conn));
    assert_int_equal(file.releases, 0);
    counted_unref(&file.counted);
    assert_int_equal(file.releases, 1);
    close(fd);
}

static void while_output_is_blocked_the_deadline_is_not_the_protocols(void **state)
{
    struct connection *conn;

    net.echoes.hook = set_deadline_at_bytes;
    net.peer.write_room = 0;
    memory_send(&net.peer, SLICE_LITERAL("hello"));
    conn = net_open();
    conn_set_deadline(conn, 1);
    conn_set_deadline(conn, 0);
    net_advance(NET_SEND_TIMEOUT_MS - 1);
    assert_false(net_is_closed(conn));
    net_advance(1);
    assert_true(net_is_closed(conn));
    assert_int_equal(net.echoes.calls[ECHO_DEADLINE], 0);
}

static void a_deadline_that_meets_unblocked_output_is_told(void **state)
{
    size_t len = 2 * WRITE_BUDGET;
    struct net_page file;
    int fd = net_pattern_file(len);
    struct connection *conn = net_open();

    conn_set_deadline(conn, 100);
    fake_clock_advance(100);
    net_write(conn, "just queued");
    net_turn(); /* timers come before tasks */
    assert_int_equal(net.echoes.calls[ECHO_DEADLINE], 1);
    net_turn();

    net.peer.is_closed = false; /* the same between two turns of a long transfer */
    conn = net_open();
    net_page_init(&file);
    assert_int_equal(conn_send_file(conn, fd, 0, len, &file.counted), 0);
    net_turn();
    conn_set_deadline(conn, 100);
    assert_int_equal(conn_unsent_bytes(conn), WRITE_BUDGET);
    net_advance(100);
    assert_int_equal(net.echoes.calls[ECHO_DEADLINE], 2);
    counted_unref(&file.counted);
    close(fd);
}

static void the_send_timeout_is_over_when_all_has_left(void **state)
{
    struct connection *conn = net_open();

    net.peer.write_room = 0;
    net_write(conn, "hello");
    net_turn();
    memory_take(conn, &net.peer, MEMORY_UNLIMITED);
    net_advance(10 * NET_SEND_TIMEOUT_MS);
    assert_int_equal(net.echoes.calls[ECHO_DEADLINE], 0);
    assert_true(conn_is_open(conn));
}

static bool write_at_deadline(struct echo *echo, enum echo_call call)
{
    if (call == ECHO_DEADLINE) {
        net_write(echo->conn, "too slow");
        conn_finish(echo->conn, false);
    }
    return call == ECHO_DEADLINE;
}

static void an_answer_to_a_deadline_leaves_at_once(void **state)
{
    struct connection *conn = net_open();

    net.echoes.hook = write_at_deadline;
    conn_set_deadline(conn, 1);
    net_advance(1);
    net_assert_received("too slow");
    assert_true(net_is_closed(conn));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NET_TEST(deadlines_come_at_their_time),
        NET_TEST(a_deadline_that_moves_away_leaves_the_heap_alone),
        NET_TEST(a_deadline_may_come_nearer_or_be_taken_back),
        NET_TEST(what_came_together_with_an_idle_deadline_is_served),
        NET_TEST(a_paused_idle_connection_has_its_deadline),
        NET_TEST(an_end_that_came_together_with_an_idle_deadline_is_told),
        NET_TEST(a_peer_that_takes_nothing_is_reset_after_the_send_timeout),
        NET_TEST(each_byte_of_progress_starts_the_send_timeout_anew),
        NET_TEST(what_the_peers_system_acknowledges_is_progress),
        NET_TEST(a_peer_that_takes_too_little_is_reset),
        NET_TEST(bytes_that_drip_into_the_peer_are_too_little),
        NET_TEST(progress_in_a_turn_that_is_not_blocked_counts_as_well),
        NET_TEST(while_output_is_blocked_the_deadline_is_not_the_protocols),
        NET_TEST(a_deadline_that_meets_unblocked_output_is_told),
        NET_TEST(the_send_timeout_is_over_when_all_has_left),
        NET_TEST(an_answer_to_a_deadline_leaves_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
