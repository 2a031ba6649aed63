/* SPDX-License-Identifier: MIT */
/* test_connection_pool.c - slots, generations, delayed recycling, eviction, drain. */
#include "net_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* By the linker: --wrap=epoll_ctl. */
int __wrap_epoll_ctl(int epoll_fd, int op, int fd, struct epoll_event *event);
int __real_epoll_ctl(int epoll_fd, int op, int fd, struct epoll_event *event);

static bool epoll_add_fails;
static unsigned epoll_calls;

int __wrap_epoll_ctl(int epoll_fd, int op, int fd, struct epoll_event *event)
{
    epoll_calls++;
    if (epoll_add_fails && op == EPOLL_CTL_ADD) {
        errno = ENOSPC;
        return -1;
    }
    return __real_epoll_ctl(epoll_fd, op, fd, event);
}

/* Slots and descriptors as in a worker. */
static int set_up_plain(void **state)
{
    struct connpool_settings settings;

    epoll_add_fails = false;
    epoll_calls = 0;
    net_settings(&settings);
    settings.transport = NULL;
    net_set_up_with(&settings);
    return 0;
}

static const struct address nobody = {.any.sa_family = AF_UNSPEC};

/* A connection on a real socket, whose other end is given back. */
static struct connection *open_socket(int *ret_peer)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    *ret_peer = pair[1];
    return connpool_open(net.pool, &net.echoes.factory, pair[0], &nobody);
}

static bool is_open_fd(int fd)
{
    return fcntl(fd, F_GETFD) != -1;
}

static void closed_slot_is_not_reused_in_the_same_iteration(void **state)
{
    struct connection *closed = net_open();
    struct connection *other;

    conn_close(closed, CLOSE_DONE);
    other = net_open();
    assert_ptr_not_equal(other, closed);
    assert_int_equal(connpool_open_count(net.pool), 1);
    assert_int_equal(connpool_free_count(net.pool), NET_CAPACITY - 2);
    net_turn();
    assert_int_equal(connpool_free_count(net.pool), NET_CAPACITY - 1);
    assert_int_equal(net.recycled, 1);
    assert_ptr_equal(net_open(), closed);
}

static void the_slot_that_was_closed_last_is_used_first(void **state)
{
    struct connection *first = net_open();
    struct connection *second = net_open();

    conn_close(first, CLOSE_DONE);
    net_turn();
    conn_close(second, CLOSE_DONE);
    net_turn();
    assert_ptr_equal(net_open(), second); /* warm in the cache */
    assert_ptr_equal(net_open(), first);
}

static void a_reference_ends_with_its_connection(void **state)
{
    struct connection *conn = net_open();
    struct conn_ref ref = connpool_ref(net.pool, conn);

    assert_ptr_equal(connpool_get(net.pool, ref), conn);
    conn_finish(conn, true);
    net_turn();
    assert_ptr_equal(connpool_get(net.pool, ref), conn); /* lingers */
    conn_close(conn, CLOSE_DONE);
    assert_null(connpool_get(net.pool, ref)); /* from this moment on */
    net_turn();
    assert_null(connpool_get(net.pool, ref));
    assert_ptr_equal(net_open(), conn);
    assert_null(connpool_get(net.pool, ref));
    assert_non_null(connpool_get(net.pool, connpool_ref(net.pool, conn)));
    assert_null(connpool_get(net.pool, (struct conn_ref){.index = NET_CAPACITY - 1}));
    assert_null(connpool_get(net.pool, (struct conn_ref){.index = UINT32_MAX}));
}

static void a_full_pool_closes_the_descriptor(void **state)
{
    int pipe_fds[2];

    for (int i = 0; i < NET_CAPACITY; i++)
        (void)net_open();
    assert_int_equal(connpool_free_count(net.pool), 0);
    assert_int_equal(pipe(pipe_fds), 0);
    assert_null(connpool_open(net.pool, &net.echoes.factory, pipe_fds[0], &nobody));
    assert_false(is_open_fd(pipe_fds[0]));
    assert_null(connpool_open(net.pool, &net.echoes.factory, -1, &nobody));
    close(pipe_fds[1]);
    connpool_close_all(net.pool, CLOSE_SHUTDOWN);
    assert_int_equal(connpool_open_count(net.pool), 0);
    assert_null(connpool_open(net.pool, &net.echoes.factory, -1, &nobody)); /* not yet */
    net_turn();
    for (int i = 0; i < NET_CAPACITY; i++)
        (void)net_open();
    assert_int_equal(net.recycled, 1);
}

static void without_a_protocol_there_is_no_connection(void **state)
{
    int peer;
    char byte;

    net.echoes.is_out_of_memory = true;
    assert_null(open_socket(&peer));
    assert_int_equal(recv(peer, &byte, 1, MSG_DONTWAIT), 0); /* closed */
    close(peer);
    assert_int_equal(connpool_open_count(net.pool), 0);
    net_turn();
    assert_int_equal(connpool_free_count(net.pool), NET_CAPACITY);
    assert_int_equal(net.echoes.calls[ECHO_CLOSE], 0);
}

static void without_a_watch_slot_and_descriptor_are_given_back(void **state)
{
    struct connection *conn;
    char byte;
    int peer;

    epoll_add_fails = true;
    conn = open_socket(&peer);
    assert_true(net_is_closed(conn));
    assert_int_equal(recv(peer, &byte, 1, MSG_DONTWAIT), 0);
    close(peer);
    net_turn();
    assert_int_equal(net.echoes.last_reason, CLOSE_NO_MEMORY);
    assert_int_equal(connpool_free_count(net.pool), NET_CAPACITY);
}

static void one_epoll_call_serves_a_whole_connection(void **state)
{
    char bytes[8];
    int peer;

    (void)open_socket(&peer);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(write(peer, "hello", 5), 5);
        net_turn();
        assert_int_equal(read(peer, bytes, sizeof(bytes)), 5);
    }
    close(peer);
    net_turn();
    assert_int_equal(net.echoes.calls[ECHO_CLOSE], 1);
    assert_int_equal(epoll_calls, 1);
}

/* Two connections with events in one batch: the first one closes the other, whose number goes to
 * a third one at once. */
struct exchange {
    struct connection *victim, *third;
    int victim_fd, third_peer;
};

static bool exchange_at_bytes(struct echo *echo, enum echo_call call)
{
    struct exchange *exchange = echo->factory->hook_context;

    if (call == ECHO_BYTES && echo->conn != exchange->victim && !exchange->third) {
        int pair[2];

        conn_close(exchange->victim, CLOSE_DONE);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
        assert_int_equal(pair[0], exchange->victim_fd);
        exchange->third_peer = pair[1];
        exchange->third = connpool_open(net.pool, &net.echoes.factory, pair[0], &nobody);
    }
    return false;
}

static void an_old_event_does_not_reach_a_new_connection(void **state)
{
    struct exchange exchange = {.victim = NULL};
    unsigned bytes_before;
    int peers[2];
    char byte;

    (void)open_socket(&peers[0]);
    exchange.victim = open_socket(&peers[1]);
    exchange.victim_fd = exchange.victim->transport.watcher.fd;
    net.echoes.hook = exchange_at_bytes;
    net.echoes.hook_context = &exchange;
    net_turn(); /* the first EPOLLOUT */
    assert_int_equal(write(peers[0], "x", 1), 1);
    assert_int_equal(write(peers[1], "y", 1), 1);
    net_turn();
    assert_ptr_not_equal(exchange.third, exchange.victim);
    assert_int_equal(net.echoes.calls[ECHO_BYTES], 1);
    assert_int_equal(recv(exchange.third_peer, &byte, 1, MSG_DONTWAIT), -1);
    bytes_before = net.echoes.calls[ECHO_BYTES];
    assert_int_equal(write(exchange.third_peer, "z", 1), 1);
    net_turn();
    assert_int_equal(net.echoes.calls[ECHO_BYTES], bytes_before + 1);
    close(peers[0]);
    close(peers[1]);
    close(exchange.third_peer);
}

static void the_longest_idle_connection_is_evicted_first(void **state)
{
    struct connection *conns[4];

    for (int i = 0; i < 4; i++)
        conns[i] = net_open();
    assert_false(connpool_evict_idle(net.pool));
    for (int i = 0; i < 4; i++)
        conn_set_idle(conns[i], true);
    conn_set_idle(conns[1], false);
    conn_set_idle(conns[0], true); /* anew */
    assert_true(connpool_evict_idle(net.pool));
    assert_true(net_is_closed(conns[2]));
    conn_finish(conns[3], true); /* not idle any more */
    assert_true(connpool_evict_idle(net.pool));
    assert_true(net_is_closed(conns[0]));
    assert_false(connpool_evict_idle(net.pool));
    net_turn();
    assert_int_equal(net.echoes.last_reason, CLOSE_EVICTED);
    assert_int_equal(connpool_open_count(net.pool), 2);
}

static void who_has_just_asked_is_not_evicted(void **state)
{
    struct connection *conns[3];
    int peers[3];

    for (int i = 0; i < 3; i++) {
        conns[i] = open_socket(&peers[i]);
        conn_set_idle(conns[i], true);
    }
    assert_int_equal(write(peers[0], "a", 1), 1); /* no event has told of it yet */
    assert_true(connpool_evict_quiet(net.pool));
    assert_false(net_is_closed(conns[0]));
    assert_true(net_is_closed(conns[1]));
    (void)close(peers[2]); /* an end is no question */
    assert_true(connpool_evict_quiet(net.pool));
    assert_true(net_is_closed(conns[2]));
    assert_false(connpool_evict_quiet(net.pool));
    net_turn();
    assert_int_equal(connpool_open_count(net.pool), 1);
    close(peers[0]);
    close(peers[1]);
}

static void a_connection_with_unsent_output_is_not_evicted(void **state)
{
    struct connection *conn = net_open();

    net.peer.write_room = 1;
    assert_int_equal(conn_write(conn, SLICE_LITERAL("answer")), 0);
    conn_set_idle(conn, true);
    net_turn();
    assert_false(connpool_evict_idle(net.pool));
    conn_set_idle(conn, true);
    memory_take(conn, &net.peer, 1);
    assert_false(connpool_evict_idle(net.pool));
    memory_take(conn, &net.peer, MEMORY_UNLIMITED);
    assert_true(connpool_evict_idle(net.pool));
    net_assert_received("answer");
}

static void drain_gives_quiet_connections_little_time(void **state)
{
    struct connection *quiet, *hurried, *patient, *busy, *late;

    quiet = net_open();
    conn_set_idle(quiet, true); /* without a deadline */
    patient = net_open();
    conn_set_idle(patient, true);
    conn_set_deadline(patient, 10000);
    hurried = net_open();
    conn_set_idle(hurried, true);
    conn_set_deadline(hurried, 50);
    busy = net_open();
    conn_set_deadline(busy, 10000);
    assert_false(conn_is_draining(busy));
    connpool_drain(net.pool, 100);
    assert_true(conn_is_draining(busy));
    net_advance(50);
    assert_true(net_is_closed(hurried));
    late = net_open(); /* from now on */
    conn_set_idle(late, true);
    conn_set_deadline(late, 10000);
    net_advance(50);
    assert_true(net_is_closed(quiet) && net_is_closed(patient));
    assert_true(conn_is_open(busy) && conn_is_open(late));
    net_advance(50);
    assert_true(net_is_closed(late));
    conn_set_idle(busy, true);
    for (int i = 0; i < 2; i++) {
        net_advance(50);
        conn_set_idle(busy, true); /* which earns no more time */
    }
    assert_true(net_is_closed(busy));
    net_turn();
    assert_int_equal(net.echoes.calls[ECHO_CLOSE], 5);
}

static void drain_waits_for_a_quiet_connection_whose_answer_is_unsent(void **state)
{
    struct connection *conn = net_open();

    net.peer.write_room = 0;
    assert_int_equal(conn_write(conn, SLICE_LITERAL("answer")), 0);
    conn_set_idle(conn, true);
    net_turn();
    connpool_drain(net.pool, 100);
    net_advance(200);
    assert_true(conn_is_open(conn));
    memory_take(conn, &net.peer, MEMORY_UNLIMITED);
    net_assert_received("answer");
    net_advance(99);
    assert_true(conn_is_open(conn));
    net_advance(1);
    assert_true(net_is_closed(conn));
}

static bool close_the_others(struct echo *echo, enum echo_call call)
{
    if (call == ECHO_CLOSE)
        connpool_close_all(net.pool, CLOSE_ABORTED);
    return false;
}

static void on_close_may_close_other_connections(void **state)
{
    struct connection *conn = net_open();

    for (int i = 0; i < 3; i++)
        (void)net_open();
    net.echoes.hook = close_the_others;
    conn_close(conn, CLOSE_DONE);
    net_turn();
    net_turn();
    assert_int_equal(net.echoes.calls[ECHO_CLOSE], 4);
    assert_int_equal(connpool_free_count(net.pool), NET_CAPACITY);
}

/* The rest is the business of net_tear_down. */
static void destroying_the_pool_frees_connections_in_every_state(void **state)
{
    struct connection *conn = net_open(); /* open, with input and unsent output */

    net.peer.write_room = 1;
    memory_send(&net.peer, net_pattern(3000));
    memory_event(conn, EPOLLIN);
    conn_set_idle(net_open(), true);
    conn_set_deadline(net_open(), 10);
    conn_finish(net_open(), true);
    net_turn(); /* lingers */
    conn_finish(net_open(), true);
    conn_close(net_open(), CLOSE_DONE); /* closed and not recycled yet */
    conn_notify_drained(net_open());
}

static void what_is_sent_is_not_taken_back_by_a_reset(void **state)
{
    (void)net_open();
    connpool_close_all(net.pool, CLOSE_SHUTDOWN);
    assert_true(net.peer.is_closed);
    assert_false(net.peer.is_reset);
}

static void what_is_unsent_is_taken_back_by_a_reset(void **state)
{
    struct connection *conn = net_open();

    net.peer.write_room = 3;
    assert_int_equal(conn_write(conn, SLICE_LITERAL("half an answer")), 0);
    net_turn();
    connpool_close_all(net.pool, CLOSE_SHUTDOWN);
    assert_true(net.peer.is_closed);
    assert_true(net.peer.is_reset);
}

#define PLAIN_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_plain, net_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        NET_TEST(closed_slot_is_not_reused_in_the_same_iteration),
        NET_TEST(the_slot_that_was_closed_last_is_used_first),
        NET_TEST(a_reference_ends_with_its_connection),
        NET_TEST(a_full_pool_closes_the_descriptor),
        PLAIN_TEST(without_a_protocol_there_is_no_connection),
        PLAIN_TEST(without_a_watch_slot_and_descriptor_are_given_back),
        PLAIN_TEST(one_epoll_call_serves_a_whole_connection),
        PLAIN_TEST(an_old_event_does_not_reach_a_new_connection),
        NET_TEST(the_longest_idle_connection_is_evicted_first),
        PLAIN_TEST(who_has_just_asked_is_not_evicted),
        NET_TEST(a_connection_with_unsent_output_is_not_evicted),
        NET_TEST(drain_gives_quiet_connections_little_time),
        NET_TEST(drain_waits_for_a_quiet_connection_whose_answer_is_unsent),
        NET_TEST(on_close_may_close_other_connections),
        NET_TEST(destroying_the_pool_frees_connections_in_every_state),
        NET_TEST(what_is_sent_is_not_taken_back_by_a_reset),
        NET_TEST(what_is_unsent_is_taken_back_by_a_reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
