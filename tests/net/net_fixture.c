/* SPDX-License-Identifier: MIT */
/* net_fixture.c - what the tests of connections share. */
#include "net_fixture.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PATTERN_SIZE ((size_t)4 << 20)

struct net_fixture net;

static void on_recycled(void *context)
{
    struct net_fixture *fixture = context;

    fixture->recycled++;
}

void net_settings(struct connpool_settings *settings)
{
    *settings = (struct connpool_settings){
        .capacity = NET_CAPACITY,
        .input_size = NET_INPUT_SIZE,
        .send_timeout_ms = NET_SEND_TIMEOUT_MS,
        .linger_timeout_ms = NET_LINGER_TIMEOUT_MS,
        .transport = &transport_memory,
        .bytes_sent = &net.bytes_sent,
        .on_recycled = on_recycled,
        .context = &net,
    };
}

void net_set_up_with(const struct connpool_settings *settings)
{
    fake_clock_set(NET_START_MS);
    counter_set(&net.bytes_sent, 0);
    net.recycled = 0;
    echo_factory_init(&net.echoes);
    memory_init(&net.peer);
    net.mempool = mempool_create();
    assert_non_null(net.mempool);
    assert_int_equal(loop_create(&net.loop), 0);
    assert_int_equal(connpool_create(net.loop, net.mempool, settings, &net.pool), 0);
}

int net_set_up(void **state)
{
    struct connpool_settings settings;

    (void)state;
    net_settings(&settings);
    net_set_up_with(&settings);
    return 0;
}

int net_tear_down(void **state)
{
    struct mempool_stats stats;

    (void)state;
    connpool_destroy(net.pool);
    assert_int_equal(net.echoes.calls[ECHO_CLOSE], net.echoes.made);
    mempool_stats(net.mempool, &stats);
    assert_int_equal(stats.small_in_use + stats.large_in_use, 0);
    assert_int_equal(loop_run_once(net.loop, 0), 0); /* nothing points into the pool any more */
    mempool_destroy(net.mempool);
    loop_destroy(net.loop);
    memory_done(&net.peer);
    fake_clock_off();
    return 0;
}

struct connection *net_open(void)
{
    struct address addr;
    struct connection *conn;

    assert_int_equal(address_parse(SLICE_LITERAL("192.0.2.1:1234"), 0, &addr), 0);
    conn = connpool_open(net.pool, &net.echoes.factory, -1, &addr);
    assert_non_null(conn);
    return conn;
}

void net_turn(void)
{
    assert_int_equal(loop_run_once(net.loop, 0), 0);
}

void net_advance(int64_t ms)
{
    fake_clock_advance(ms);
    net_turn();
}

void net_write(struct connection *conn, const char *text)
{
    assert_int_equal(conn_write(conn, slice_from_string(text)), 0);
}

bool net_is_closed(const struct connection *conn)
{
    return conn->state == CONN_CLOSED;
}

void net_assert_received(const char *expected)
{
    struct slice got = memory_received(&net.peer);

    assert_int_equal(got.len, strlen(expected));
    assert_memory_equal(got.data, expected, got.len);
}

struct slice net_pattern(size_t len)
{
    static char bytes[PATTERN_SIZE];

    assert_true(len <= sizeof(bytes));
    for (size_t i = bytes[1] ? sizeof(bytes) : 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 7 + i / 251);
    return slice_of(bytes, len);
}

int net_pattern_file(size_t len)
{
    struct slice bytes = net_pattern(len);
    int fd = memfd_create("pattern", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.data, bytes.len), bytes.len);
    return fd;
}

static void count_release(struct counted *object)
{
    container_of(object, struct net_page, counted)->releases++;
}

void net_page_init(struct net_page *page)
{
    page->releases = 0;
    counted_init(&page->counted, count_release);
}
