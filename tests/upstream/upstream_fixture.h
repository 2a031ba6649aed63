/* SPDX-License-Identifier: MIT */
/* upstream_fixture.h - a group of scripted servers, a fetcher, and a user that writes down what it is told. */
#ifndef UPSTREAM_FIXTURE_H
#define UPSTREAM_FIXTURE_H

#include "support/unit.h"

#include "support/fake_clock.h"
#include "support/origin.h"
#include "upstream/fetch.h"
#include "upstream/fetcher.h"
#include "upstream/group.h"
#include "upstream/http_client.h"

#define UP_SERVERS 3
#define UP_HEAD_MAX 4096
#define UP_START_MS 100000

/* What a user is told; a hook may look at it, and do something, afterwards. */
enum told { TOLD_INTERIM, TOLD_SEND, TOLD_HEAD, TOLD_CONTENT, TOLD_ROOM, TOLD_END, TOLD_COUNT };

struct wish {
    struct fetch_user user;
    struct fetch *fetch; /* NULL: not under way */
    enum http_method method;
    const char *head;                                /* without its end */
    size_t take_max;                                 /* bytes at once */
    void (*hook)(struct wish *wish, enum told told); /* NULL: none */
    unsigned told[TOLD_COUNT];
    unsigned heads_written;
    unsigned status;
    char content[256 * 1024];
    size_t content_len;
    bool has_failed;
    struct fetch_failure failure; /* of the end */
    struct fetch_facts facts;     /* then */
};

struct upstream_fixture {
    struct event_loop *loop;
    struct mempool *mempool;
    struct upstream_config config;
    struct upstream_server_config servers[UP_SERVERS];
    struct worker_counters counters;
    struct upstream_group *group;
    struct fetcher *fetcher;
    struct origin origins[UP_SERVERS];
    struct wish wish;
};

extern struct upstream_fixture up;

/* For cmocka; the second one fails when anything is left over. */
int up_set_up(void **state);
int up_tear_down(void **state);
/* The same with @servers of them. */
void up_set_up_with(unsigned servers);

/* One that asks for "/" by GET. */
void wish_init(struct wish *wish);
/* The fetch begins; @content is what is announced, NULL for none. */
void wish_start(struct wish *wish, const char *content);
void wish_start_chunked(struct wish *wish);
void wish_start_length(struct wish *wish, size_t content_length);

/* What it has come to. */
void wish_assert_complete(const struct wish *wish, unsigned status, const char *content);
void wish_assert_failed(const struct wish *wish, unsigned status, const char *reason);

/* Some iterations, in which what is ready gets done. */
void up_turn(void);
void up_advance(int64_t ms);
/* The same until the server has a new connection, or a request to read. */
void up_accept(struct origin *origin);
/* All that was asked of @origin since the last time. */
const char *up_asked(struct origin *origin);
/* It says @text, and that is done which it leads to. */
void up_say(struct origin *origin, const char *text);

#define UP_TEST(name) cmocka_unit_test_setup_teardown(name, up_set_up, up_tear_down)

#endif
