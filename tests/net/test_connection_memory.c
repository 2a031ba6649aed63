/* SPDX-License-Identifier: MIT */
/*
 * test_connection_memory.c - memory fails at the Nth call, for every N, while connections are
 * opened, served and closed. Nothing may crash, nothing may be lost, and all goes on afterwards.
 */
#include "net_fixture.h"

#include "support/failing_heap.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

struct page {
    struct counted counted;
    int fd;
};

static void keep(struct counted *object)
{
    (void)object;
}

static struct page page;

/* Answers with each kind of output; goes on when drained. */
static bool serve(struct echo *echo, enum echo_call call)
{
    struct connection *conn = echo->conn;
    int err = 0;

    switch (call) {
    case ECHO_BYTES:
        conn_set_idle(conn, false);
        err = conn_write(conn, SLICE_LITERAL("head"));
        if (!err)
            err = conn_write_shared(conn, SLICE_LITERAL("body"), &page.counted);
        if (!err)
            err = conn_send_file(conn, page.fd, 0, 1000, &page.counted);
        if (!err)
            err = conn_write(conn, net_pattern(2000));
        conn_notify_drained(conn);
        break;
    case ECHO_DRAINED:
        conn_set_idle(conn, true);
        conn_set_deadline(conn, 100);
        break;
    case ECHO_END:
    case ECHO_DEADLINE:
    case ECHO_CLOSE:
    case ECHO_CALL_COUNT: break;
    }
    if (err)
        conn_abort(conn, CLOSE_NO_MEMORY);
    return false;
}

/* One connection's life with all that may be asked for; true when nothing failed. */
static bool serve_peer(struct connection_pool *pool, struct event_loop *loop,
                       struct echo_factory *echoes, bool linger)
{
    static const struct address nobody = {.any.sa_family = AF_UNSPEC};
    struct memory_transport peer;
    struct connection *conn;
    bool complete;

    memory_init(&peer);
    peer.write_room = 100;
    memory_send(&peer, SLICE_LITERAL("request"));
    conn = connpool_open(pool, &echoes->factory, -1, &nobody);
    if (conn && conn_is_open(conn))
        memory_take(conn, &peer, MEMORY_UNLIMITED);
    memory_send(&peer, net_pattern(NET_INPUT_SIZE / 2));
    if (conn && conn_is_open(conn))
        memory_event(conn, EPOLLIN);
    complete = conn && conn_is_open(conn) && peer.record_len > 6000;
    if (conn)
        conn_finish(conn, linger);
    assert_int_equal(loop_run_once(loop, 0), 0);
    memory_send_end(&peer);
    if (conn && !net_is_closed(conn))
        memory_event(conn, EPOLLIN | EPOLLRDHUP);
    assert_int_equal(loop_run_once(loop, 0), 0);
    assert_int_equal(loop_run_once(loop, 0), 0);
    assert_int_equal(connpool_open_count(pool), 0);
    assert_int_equal(connpool_free_count(pool), NET_CAPACITY);
    memory_done(&peer);
    return complete;
}

/* All from the loop on; true when nothing failed. */
static bool run_scenario(void)
{
    struct connpool_settings settings;
    struct event_loop *loop = NULL;
    struct mempool *mempool = mempool_create();
    struct connection_pool *pool = NULL;
    struct echo_factory echoes;
    bool complete = false;

    net_settings(&settings);
    settings.on_recycled = NULL;
    echo_factory_init(&echoes);
    echoes.hook = serve;
    echoes.deadline_ms = 1000;
    if (mempool && loop_create(&loop) == 0 &&
        connpool_create(loop, mempool, &settings, &pool) == 0) {
        complete = serve_peer(pool, loop, &echoes, false);
        complete &= serve_peer(pool, loop, &echoes, true);
        heap_works();
        assert_true(serve_peer(pool, loop, &echoes, true)); /* and it recovers */
    }
    connpool_destroy(pool);
    mempool_destroy(mempool);
    loop_destroy(loop);
    assert_int_equal(echoes.calls[ECHO_CLOSE], echoes.made);
    assert_int_equal(page.counted.references, 1);
    return complete;
}

static void repeat_until_nothing_fails(bool for_good)
{
    bool complete = false;
    long n;

    page.fd = net_pattern_file(1000);
    counted_init(&page.counted, keep);
    for (n = 0; !complete; n++) {
        long before = heap.live;

        assert_true(n < 1000);
        heap_fails(n, for_good ? HEAP_FOR_GOOD : n);
        complete = run_scenario();
        heap_works();
        assert_int_equal(heap.live, before);
    }
    assert_true(n > 7);
    close(page.fd);
}

static void one_failure_at_any_call_harms_nobody_else(void **state)
{
    repeat_until_nothing_fails(false);
}

static void failure_from_any_call_on_loses_nothing(void **state)
{
    repeat_until_nothing_fails(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_failure_at_any_call_harms_nobody_else),
        cmocka_unit_test(failure_from_any_call_on_loses_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
