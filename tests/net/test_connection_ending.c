/* SPDX-License-Identifier: MIT */
/* test_connection_ending.c - the three ways to end, lingering, and on_close. */
#include "net_fixture.h"

#include <errno.h>
#include <sys/epoll.h>

/* Nothing of the connection is left but its reason. */
static void assert_ended(struct connection *conn, bool reset, enum close_reason why)
{
    assert_true(net_is_closed(conn));
    assert_true(net.peer.is_closed);
    assert_int_equal(net.peer.is_reset, reset);
    net_turn();
    net_turn();
    assert_int_equal(net.echoes.calls[ECHO_CLOSE], 1);
    assert_int_equal(net.echoes.last_reason, why);
    assert_int_equal(connpool_open_count(net.pool), 0);
    assert_int_equal(connpool_free_count(net.pool), NET_CAPACITY);
}

static void a_closed_connection_drops_what_is_unsent(void **state)
{
    struct connection *conn = net_open();

    net_write(conn, "hello");
    conn_close(conn, CLOSE_DONE);
    conn_close(conn, CLOSE_ABORTED); /* the first reason counts */
    conn_abort(conn, CLOSE_ABORTED);
    conn_finish(conn, true);
    assert_ended(conn, false, CLOSE_DONE);
    net_assert_received("");
}

static void an_aborted_connection_is_reset(void **state)
{
    struct connection *conn = net_open();

    net_write(conn, "hello");
    conn_abort(conn, CLOSE_ABORTED);
    assert_ended(conn, true, CLOSE_ABORTED);
    net_assert_received("");
}

static void a_finished_connection_sends_all_before_it_closes(void **state)
{
    struct connection *conn = net_open();

    net.peer.write_room = 2;
    net_write(conn, "hello");
    conn_finish(conn, false);
    assert_false(conn_is_open(conn));
    assert_false(net.peer.is_closed); /* soon */
    net_turn();
    assert_false(net.peer.is_closed);
    memory_take(conn, &net.peer, MEMORY_UNLIMITED);
    assert_false(net.peer.is_write_shut);
    assert_ended(conn, false, CLOSE_DONE);
    net_assert_received("hello");
}

static void a_finished_connection_reads_nothing_while_it_sends(void **state)
{
    struct connection *conn = net_open();

    net.peer.write_room = 2;
    net_write(conn, "hello");
    conn_finish(conn, false);
    net_turn();
    memory_send(&net.peer, SLICE_LITERAL("more"));
    memory_event(conn, EPOLLIN);
    memory_take(conn, &net.peer, 1);
    assert_int_equal(net.peer.reads, 1);
    assert_int_equal(net.echoes.calls[ECHO_BYTES], 0);
    memory_take(conn, &net.peer, MEMORY_UNLIMITED);
    /* What came meanwhile is dropped first: closing over it would be a reset. */
    assert_true(net.peer.is_write_shut);
    assert_false(memory_is_readable(&net.peer));
    assert_false(net.peer.is_closed);
    assert_int_equal(net.echoes.calls[ECHO_BYTES], 0);
    memory_send_end(&net.peer);
    memory_event(conn, EPOLLIN | EPOLLRDHUP);
    assert_ended(conn, false, CLOSE_DONE);
    assert_int_equal(net.echoes.calls[ECHO_DRAINED], 0);
}

static void a_finished_connection_closes_at_once_when_nothing_came(void **state)
{
    struct connection *conn = net_open();

    net.peer.write_room = 2;
    net_write(conn, "hello");
    conn_finish(conn, false);
    net_turn();
    memory_take(conn, &net.peer, MEMORY_UNLIMITED);
    assert_false(net.peer.is_write_shut);
    assert_ended(conn, false, CLOSE_DONE);
}

static void a_finished_connection_has_its_send_timeout(void **state)
{
    struct connection *conn = net_open();

    conn_set_deadline(conn, 1);
    net.peer.write_room = 2;
    net_write(conn, "hello");
    conn_finish(conn, true);
    net_turn();
    net_advance(NET_SEND_TIMEOUT_MS - 1);
    assert_false(net_is_closed(conn));
    net_advance(1);
    assert_ended(conn, true, CLOSE_SEND_TIMEOUT);
    assert_int_equal(net.echoes.calls[ECHO_DEADLINE], 0);
}

static struct connection *open_lingering(void)
{
    struct connection *conn = net_open();

    net_write(conn, "answer");
    conn_finish(conn, true);
    net_turn();
    net_assert_received("answer");
    assert_true(net.peer.is_write_shut);
    assert_false(net.peer.is_closed);
    return conn;
}

static void a_lingering_connection_drops_what_comes_until_the_peer_ends(void **state)
{
    struct connection *conn = open_lingering();

    memory_send(&net.peer, net_pattern(20000));
    memory_event(conn, EPOLLIN);
    assert_false(memory_is_readable(&net.peer));
    assert_int_equal(net.echoes.calls[ECHO_BYTES], 0);
    memory_send(&net.peer, SLICE_LITERAL("rest"));
    memory_send_end(&net.peer);
    memory_event(conn, EPOLLIN | EPOLLRDHUP);
    assert_ended(conn, false, CLOSE_DONE);
    assert_int_equal(net.echoes.calls[ECHO_END], 0);
}

static void what_was_unread_before_lingering_is_dropped_as_well(void **state)
{
    struct connection *conn = net_open();

    conn_pause_reading(conn);
    memory_send(&net.peer, SLICE_LITERAL("never wanted"));
    memory_send_end(&net.peer);
    memory_event(conn, EPOLLIN | EPOLLRDHUP);
    conn_finish(conn, true);
    net_turn();
    assert_ended(conn, false, CLOSE_DONE);
}

static bool linger_at_end(struct echo *echo, enum echo_call call)
{
    if (call == ECHO_END)
        conn_finish(echo->conn, true);
    return call == ECHO_END;
}

static void a_peer_that_has_ended_needs_no_lingering(void **state)
{
    struct connection *conn;

    net.echoes.hook = linger_at_end;
    memory_send(&net.peer, SLICE_LITERAL("hello"));
    memory_send_end(&net.peer);
    conn = net_open();
    memory_event(conn, EPOLLIN | EPOLLRDHUP);
    assert_false(net.peer.is_write_shut);
    assert_ended(conn, false, CLOSE_DONE);
    net_assert_received("hello");
}

static void hanging_up_ends_the_lingering(void **state)
{
    struct connection *conn = open_lingering();

    memory_send_end(&net.peer);
    memory_event(conn, EPOLLIN | EPOLLRDHUP | EPOLLHUP);
    assert_ended(conn, false, CLOSE_DONE);
}

/* A descriptor that is closed with unread bytes sends a reset, which takes the answer back. */
static void what_comes_with_the_hang_up_is_read_before_the_end(void **state)
{
    struct connection *conn = open_lingering();

    memory_send(&net.peer, SLICE_LITERAL("the rest of what nobody wants"));
    memory_send_end(&net.peer);
    memory_event(conn, EPOLLIN | EPOLLRDHUP | EPOLLHUP);
    assert_ended(conn, false, CLOSE_DONE);
    assert_int_equal(net.peer.step + 1, net.peer.step_count); /* only its end is left */
}

static void an_error_ends_the_lingering(void **state)
{
    struct connection *conn = open_lingering();

    memory_send_error(&net.peer, -ECONNRESET);
    memory_event(conn, EPOLLIN);
    assert_ended(conn, false, CLOSE_DONE);
}

static void a_silent_peer_ends_the_lingering(void **state)
{
    struct connection *conn = open_lingering();

    net_advance(NET_LINGER_TIMEOUT_MS - 1);
    memory_send(&net.peer, SLICE_LITERAL("not yet"));
    memory_event(conn, EPOLLIN);
    net_advance(NET_LINGER_TIMEOUT_MS - 1);
    assert_false(net_is_closed(conn));
    net_advance(1);
    assert_ended(conn, false, CLOSE_DONE);
}

static void a_worker_that_leaves_lingers_no_longer_than_it_waits_for_quiet_ones(void **state)
{
    struct connection *conn;

    connpool_drain(net.pool, 100);
    conn = open_lingering();
    net_advance(99);
    memory_send(&net.peer, SLICE_LITERAL("x"));
    memory_event(conn, EPOLLIN);
    net_advance(99);
    assert_false(net_is_closed(conn));
    net_advance(1);
    assert_ended(conn, false, CLOSE_DONE);
}

static void a_lively_peer_is_not_lingered_for_for_ever(void **state)
{
    struct connection *conn = open_lingering();
    int64_t waited = 0;

    while (!net_is_closed(conn)) {
        memory_send(&net.peer, SLICE_LITERAL("x"));
        memory_event(conn, EPOLLIN);
        net_advance(NET_LINGER_TIMEOUT_MS / 5);
        waited += NET_LINGER_TIMEOUT_MS / 5;
        assert_true(waited < 100L * NET_LINGER_TIMEOUT_MS);
    }
    assert_int_equal(waited, 6 * NET_LINGER_TIMEOUT_MS);
    assert_ended(conn, false, CLOSE_DONE);
}

static void without_time_to_linger_a_millisecond_is_left(void **state)
{
    struct connpool_settings settings;
    struct connection *conn;

    net_settings(&settings);
    settings.linger_timeout_ms = 0;
    assert_int_equal(net_tear_down(state), 0);
    net_set_up_with(&settings);
    conn = open_lingering();
    memory_send(&net.peer, SLICE_LITERAL("more"));
    memory_event(conn, EPOLLIN);
    assert_false(net_is_closed(conn));
    net_advance(1);
    assert_ended(conn, false, CLOSE_DONE);
}

static void a_flood_during_lingering_takes_a_budget_a_turn(void **state)
{
    struct connection *conn = open_lingering();
    size_t budget = (size_t)64 * 1024;
    size_t steps;

    for (int i = 0; i < 4; i++)
        memory_send(&net.peer, net_pattern(budget));
    memory_event(conn, EPOLLIN);
    steps = net.peer.step;
    assert_true(steps >= 1 && steps < 3);
    for (int i = 0; i < 5; i++)
        net_turn();
    assert_false(memory_is_readable(&net.peer));
    assert_false(net_is_closed(conn));
}

/* What a protocol may do in each of its calls. */
static enum echo_call chosen;

static bool close_in_chosen_call(struct echo *echo, enum echo_call call)
{
    if (call == chosen) {
        conn_close(echo->conn, CLOSE_DONE);
        conn_abort(echo->conn, CLOSE_ABORTED);
        assert_int_equal(echo->factory->calls[ECHO_CLOSE], call == ECHO_CLOSE);
    }
    return call == chosen;
}

static void every_call_may_close_the_connection(void **state)
{
    for (chosen = ECHO_BYTES; chosen < ECHO_CALL_COUNT; chosen++) {
        struct connection *conn;

        echo_factory_init(&net.echoes);
        net.echoes.hook = close_in_chosen_call;
        memory_done(&net.peer);
        memory_init(&net.peer);
        conn = net_open();
        conn_notify_drained(conn);
        conn_set_deadline(conn, 1);
        memory_send(&net.peer, SLICE_LITERAL("hello"));
        net_turn();
        memory_event(conn, EPOLLIN);
        net_advance(1);
        memory_send_end(&net.peer);
        if (!net_is_closed(conn))
            memory_event(conn, EPOLLIN | EPOLLRDHUP);
        net_turn();
        assert_int_equal(net.echoes.calls[ECHO_CLOSE], 1);
        assert_int_equal(net.peer.is_closed, true);
        assert_int_equal(connpool_free_count(net.pool), NET_CAPACITY);
    }
}

static bool finish_at_bytes(struct echo *echo, enum echo_call call)
{
    if (call != ECHO_BYTES)
        return false;
    net_write(echo->conn, "first ");
    conn_finish(echo->conn, true);
    conn_finish(echo->conn, false); /* was said already */
    return false;
}

static void finishing_within_a_call_takes_effect_in_the_same_turn(void **state)
{
    struct connection *conn;

    net.echoes.hook = finish_at_bytes;
    memory_send(&net.peer, SLICE_LITERAL("hello"));
    memory_send_end(&net.peer);
    conn = net_open();
    assert_true(net.peer.is_write_shut);
    assert_true(net.peer.is_closed); /* its end was read while lingering */
    assert_ended(conn, false, CLOSE_DONE);
}

static void on_close_comes_only_when_the_iteration_ends(void **state)
{
    struct connection *conn = net_open();

    memory_event(conn, EPOLLERR);
    assert_int_equal(net.echoes.calls[ECHO_CLOSE], 0);
    assert_true(net.peer.is_closed); /* the descriptor does not wait */
    net_turn();
    assert_int_equal(net.echoes.calls[ECHO_CLOSE], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NET_TEST(a_closed_connection_drops_what_is_unsent),
        NET_TEST(an_aborted_connection_is_reset),
        NET_TEST(a_finished_connection_sends_all_before_it_closes),
        NET_TEST(a_finished_connection_reads_nothing_while_it_sends),
        NET_TEST(a_finished_connection_closes_at_once_when_nothing_came),
        NET_TEST(a_finished_connection_has_its_send_timeout),
        NET_TEST(a_lingering_connection_drops_what_comes_until_the_peer_ends),
        NET_TEST(what_was_unread_before_lingering_is_dropped_as_well),
        NET_TEST(a_peer_that_has_ended_needs_no_lingering),
        NET_TEST(hanging_up_ends_the_lingering),
        NET_TEST(what_comes_with_the_hang_up_is_read_before_the_end),
        NET_TEST(an_error_ends_the_lingering),
        NET_TEST(a_silent_peer_ends_the_lingering),
        NET_TEST(a_worker_that_leaves_lingers_no_longer_than_it_waits_for_quiet_ones),
        NET_TEST(a_lively_peer_is_not_lingered_for_for_ever),
        NET_TEST(without_time_to_linger_a_millisecond_is_left),
        NET_TEST(a_flood_during_lingering_takes_a_budget_a_turn),
        NET_TEST(every_call_may_close_the_connection),
        NET_TEST(finishing_within_a_call_takes_effect_in_the_same_turn),
        NET_TEST(on_close_comes_only_when_the_iteration_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
