/* SPDX-License-Identifier: MIT */
/* test_connection_writing.c - queued output, blocking, on_drained, and what is dropped. */
#include "net_fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define WRITE_BUDGET ((size_t)512 * 1024)

static bool answer_in_pieces(struct echo *echo, enum echo_call call)
{
    if (call != ECHO_BYTES)
        return false;
    net_write(echo->conn, "one ");
    net_write(echo->conn, "two ");
    return false;
}

static void pieces_of_one_turn_leave_together(void **state)
{
    net.echoes.hook = answer_in_pieces;
    memory_send(&net.peer, SLICE_LITERAL("three"));
    (void)net_open();
    net_assert_received("one two three");
    assert_int_equal(net.peer.writes, 1);
    assert_false(net.peer.more_follows);
}

static void what_is_written_outside_of_callbacks_leaves_at_the_end_of_the_iteration(void **state)
{
    struct connection *conn = net_open();

    net_write(conn, "hello ");
    net_write(conn, "world");
    assert_int_equal(conn_unsent_bytes(conn), 11);
    assert_int_equal(net.peer.writes, 0);
    net_turn();
    net_assert_received("hello world");
    assert_int_equal(conn_unsent_bytes(conn), 0);
    assert_int_equal(counter_get(&net.bytes_sent), 11);
    assert_int_equal(counter_get(&net.bytes_sent), 11);
}

static void output_may_be_cut_anywhere(void **state)
{
    static const char text[] = "a bee sees the sea";
    size_t len = sizeof(text) - 1;

    for (size_t cut = 0; cut <= len; cut++) {
        struct connection *conn = net_open();

        net.peer.record_len = 0;
        net.peer.write_room = cut;
        net_write(conn, text);
        net_turn();
        assert_int_equal(conn_unsent_bytes(conn), len - cut);
        memory_take(conn, &net.peer, MEMORY_UNLIMITED);
        net_assert_received(text);
        conn_close(conn, CLOSE_DONE);
        net.peer.is_closed = false; /* for the next one */
        net_turn();
    }
    assert_int_equal(counter_get(&net.bytes_sent), len * (len + 1));
}

static void short_writes_are_followed_up_until_the_peer_has_enough(void **state)
{
    struct slice bytes = net_pattern(5000);
    struct connection *conn = net_open();

    net.peer.write_piece = 7;
    assert_int_equal(conn_write(conn, bytes), 0);
    net_turn();
    assert_int_equal(memory_received(&net.peer).len, bytes.len);
    assert_memory_equal(memory_received(&net.peer).data, bytes.data, bytes.len);
}

static void drained_is_told_once_after_output_was_blocked(void **state)
{
    struct connection *conn = net_open();

    net.peer.write_room = 3;
    net_write(conn, "hello");
    net_turn();
    assert_int_equal(net.echoes.calls[ECHO_DRAINED], 0);
    memory_take(conn, &net.peer, 1);
    assert_int_equal(net.echoes.calls[ECHO_DRAINED], 0);
    memory_take(conn, &net.peer, MEMORY_UNLIMITED);
    assert_int_equal(net.echoes.calls[ECHO_DRAINED], 1);
    net_turn();
    net_write(conn, "!");
    net_turn();
    assert_int_equal(net.echoes.calls[ECHO_DRAINED], 1);
    net_assert_received("hello!");
}

static void drained_is_told_once_when_asked_for(void **state)
{
    struct connection *conn = net_open();

    net_write(conn, "hello");
    conn_notify_drained(conn);
    conn_notify_drained(conn);
    assert_int_equal(net.echoes.calls[ECHO_DRAINED], 0);
    net_turn();
    assert_int_equal(net.echoes.calls[ECHO_DRAINED], 1);
    conn_notify_drained(conn); /* nothing is queued */
    assert_int_equal(net.echoes.calls[ECHO_DRAINED], 1);
    net_turn();
    assert_int_equal(net.echoes.calls[ECHO_DRAINED], 2);
    net_turn();
    assert_int_equal(net.echoes.calls[ECHO_DRAINED], 2);
}

static bool write_more_when_drained(struct echo *echo, enum echo_call call)
{
    size_t *left = echo->factory->hook_context;

    if (call == ECHO_DRAINED && *left > 0) {
        --*left;
        assert_int_equal(conn_write(echo->conn, net_pattern(1000)), 0);
        conn_notify_drained(echo->conn);
    }
    return false;
}

static void a_producer_goes_on_without_recursion_and_within_the_budget(void **state)
{
    size_t left = 1000;
    struct connection *conn = net_open();

    net.echoes.hook = write_more_when_drained;
    net.echoes.hook_context = &left;
    conn_notify_drained(conn);
    net_turn();
    assert_true(memory_received(&net.peer).len >= WRITE_BUDGET);
    assert_true(memory_received(&net.peer).len < WRITE_BUDGET + 1000);
    for (int i = 0; i < 4; i++)
        net_turn();
    assert_int_equal(left, 0);
    assert_int_equal(memory_received(&net.peer).len, 1000 * 1000);
}

static void a_large_file_leaves_a_budget_a_turn_and_a_short_rest_with_the_last(void **state)
{
    size_t len = 3 * WRITE_BUDGET + 17;
    struct net_page file;
    int fd = net_pattern_file(len);
    struct connection *conn = net_open();

    net_page_init(&file);
    assert_int_equal(conn_send_file(conn, fd, 0, len, &file.counted), 0);
    counted_unref(&file.counted);
    for (size_t turn = 1; turn <= 2; turn++) {
        net_turn();
        assert_int_equal(memory_received(&net.peer).len, turn * WRITE_BUDGET);
    }
    assert_int_equal(file.releases, 0);
    net_turn();
    assert_int_equal(file.releases, 1);
    assert_int_equal(memory_received(&net.peer).len, len);
    assert_memory_equal(memory_received(&net.peer).data, net_pattern(len).data, len);
    close(fd);
}

static void a_file_that_shrank_aborts_the_connection(void **state)
{
    struct net_page file;
    int fd = net_pattern_file(100);
    struct connection *conn = net_open();

    net_page_init(&file);
    net_write(conn, "head");
    assert_int_equal(conn_send_file(conn, fd, 0, 101, &file.counted), 0);
    counted_unref(&file.counted);
    net_turn();
    assert_true(net.peer.is_closed && net.peer.is_reset);
    net_turn();
    assert_int_equal(net.echoes.last_reason, CLOSE_ABORTED);
    assert_int_equal(file.releases, 1);
    assert_int_equal(memory_received(&net.peer).len, 104);
    close(fd);
}

static void a_failed_write_ends_the_connection(void **state)
{
    struct connection *conn = net_open();

    net.peer.write_room = 1;
    net.peer.write_error = -EPIPE;
    net_write(conn, "hello");
    net_turn();
    assert_true(net_is_closed(conn));
    assert_false(net.peer.is_reset);
    net_turn();
    assert_int_equal(net.echoes.last_reason, CLOSE_PEER);
}

static void what_is_unsent_is_released_when_the_connection_closes(void **state)
{
    struct net_page page;
    struct connection *conn = net_open();

    net_page_init(&page);
    net.peer.write_room = 0;
    assert_int_equal(conn_write_shared(conn, SLICE_LITERAL("page"), &page.counted), 0);
    assert_int_equal(conn_send_file(conn, 0, 0, 10, &page.counted), 0);
    counted_unref(&page.counted);
    assert_int_equal(conn_unsent_chunks(conn), 2);
    net_turn();
    assert_int_equal(page.releases, 0);
    conn_close(conn, CLOSE_DONE);
    assert_int_equal(page.releases, 1);
}

static void call_everything(struct connection *conn, struct net_page *page)
{
    net_write(conn, "dropped");
    assert_int_equal(conn_write_shared(conn, SLICE_LITERAL("page"), &page->counted), 0);
    assert_int_equal(conn_send_file(conn, 0, 0, 10, &page->counted), 0);
    conn_notify_drained(conn);
    conn_set_deadline(conn, 1);
    conn_set_idle(conn, true);
    conn_pause_reading(conn);
    conn_resume_reading(conn);
    assert_int_equal(conn_unsent_bytes(conn), 0);
    assert_int_equal(page->counted.references, 1);
}

static void an_ended_connection_drops_whatever_is_asked_of_it(void **state)
{
    struct net_page page;
    struct connection *conn = net_open();

    net_page_init(&page);
    conn_finish(conn, true);
    net_turn();
    assert_true(net.peer.is_write_shut);
    call_everything(conn, &page);
    net_turn();
    assert_false(net_is_closed(conn)); /* it lingers */
    conn_close(conn, CLOSE_DONE);
    call_everything(conn, &page);
    assert_false(near_is_linked(&conn->to_run));
    net_turn();
    call_everything(conn, &page); /* its slot is free */
    assert_ptr_equal(net_open(), conn);
    net_advance(1);
    assert_true(conn_is_open(conn));
    assert_int_equal(net.echoes.calls[ECHO_DRAINED], 0);
    assert_int_equal(connpool_free_count(net.pool), NET_CAPACITY - 1);
}

static bool write_when_closed(struct echo *echo, enum echo_call call)
{
    if (call == ECHO_CLOSE) {
        net_write(echo->conn, "too late");
        conn_notify_drained(echo->conn);
    }
    return false;
}

static void on_close_may_try_to_write(void **state)
{
    struct connection *conn = net_open();

    net.echoes.hook = write_when_closed;
    conn_close(conn, CLOSE_DONE);
    net_turn();
    assert_false(near_is_linked(&conn->to_run));
    net_turn();
    net_assert_received("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NET_TEST(pieces_of_one_turn_leave_together),
        NET_TEST(what_is_written_outside_of_callbacks_leaves_at_the_end_of_the_iteration),
        NET_TEST(output_may_be_cut_anywhere),
        NET_TEST(short_writes_are_followed_up_until_the_peer_has_enough),
        NET_TEST(drained_is_told_once_after_output_was_blocked),
        NET_TEST(drained_is_told_once_when_asked_for),
        NET_TEST(a_producer_goes_on_without_recursion_and_within_the_budget),
        NET_TEST(a_large_file_leaves_a_budget_a_turn_and_a_short_rest_with_the_last),
        NET_TEST(a_file_that_shrank_aborts_the_connection),
        NET_TEST(a_failed_write_ends_the_connection),
        NET_TEST(what_is_unsent_is_released_when_the_connection_closes),
        NET_TEST(an_ended_connection_drops_whatever_is_asked_of_it),
        NET_TEST(on_close_may_try_to_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
