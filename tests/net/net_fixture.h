/* SPDX-License-Identifier: MIT */
/* net_fixture.h - a loop, a pool of eight slots, echo protocols, and one peer made of scripts. */
#ifndef NET_FIXTURE_H
#define NET_FIXTURE_H

#include "support/unit.h"

#include "net/connection_pool.h"
#include "support/echo_protocol.h"
#include "support/fake_clock.h"
#include "support/memory_transport.h"

#define NET_CAPACITY 8
#define NET_INPUT_SIZE 1024
#define NET_SEND_TIMEOUT_MS 1000
#define NET_LINGER_TIMEOUT_MS 500
#define NET_START_MS 100000

struct net_fixture {
    struct event_loop *loop;
    struct mempool *mempool;
    struct connection_pool *pool;
    struct echo_factory echoes;
    struct memory_transport peer;
    counter bytes_sent;
    unsigned recycled; /* calls of on_recycled */
};

extern struct net_fixture net;

/* For cmocka; the second one fails when anything is left over. */
int net_set_up(void **state);
int net_tear_down(void **state);
/* The same with other settings. */
void net_settings(struct connpool_settings *settings);
void net_set_up_with(const struct connpool_settings *settings);

/* A connection of the peer; of a silent one when the peer is taken. */
struct connection *net_open(void);
/* One iteration, at once or when @ms have passed. */
void net_turn(void);
void net_advance(int64_t ms);

void net_write(struct connection *conn, const char *text);
bool net_is_closed(const struct connection *conn);
void net_assert_received(const char *expected);
/* @len bytes that differ from place to place; static. */
struct slice net_pattern(size_t len);
/* An unlinked file of the same. */
int net_pattern_file(size_t len);

/* Something with counted references, the first of which is the test's. */
struct net_page {
    struct counted counted;
    int releases;
};

void net_page_init(struct net_page *page);

#define NET_TEST(name) cmocka_unit_test_setup_teardown(name, net_set_up, net_tear_down)

#endif
