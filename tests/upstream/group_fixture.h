/* SPDX-License-Identifier: MIT */
/* group_fixture.h - a group of servers that nobody listens on, with a clock that stands still. */
#ifndef TESTS_UPSTREAM_GROUP_FIXTURE_H
#define TESTS_UPSTREAM_GROUP_FIXTURE_H

#include "upstream/group.h"

struct group_fixture {
    struct upstream_server_config servers[UPSTREAM_SERVERS_MAX];
    struct upstream_config config;
    struct event_loop *loop;
    struct server_table *table;
    struct upstream_group *group;
};

/* For cmocka: makes one without servers; the state is the fixture. */
int group_set_up(void **state);
int group_tear_down(void **state);

/* Server @number at 10.0.0.NUMBER:80. In the order of numbers, before group_fixture_start(). */
struct upstream_server_config *group_fixture_add(struct group_fixture *fixture, unsigned weight);
/* A name without addresses yet. */
struct upstream_server_config *group_fixture_add_name(struct group_fixture *fixture, char *name);
void group_fixture_start(struct group_fixture *fixture);
/* Another worker of the same configuration; the caller destroys it. */
struct upstream_group *group_fixture_other(struct group_fixture *fixture, unsigned slot);

/* The time goes on, and what is due is done. */
void group_fixture_wait(struct group_fixture *fixture, int64_t ms);

/* Pick, which has to succeed, and release at once. */
struct upstream_server *group_fixture_ask(struct group_fixture *fixture,
                                          enum fetch_outcome outcome);
/* Counts of @rounds picks, each released at once, by server. */
void group_fixture_count(struct upstream_group *group, unsigned rounds, unsigned *counts);

#endif
