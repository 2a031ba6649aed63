/* SPDX-License-Identifier: MIT */
/* group_fixture.c - servers by number. */
#include "support/unit.h"

#include "upstream/group_fixture.h"

#include "support/fake_clock.h"

#include <stdlib.h>

#define START_MS 1000000

int group_set_up(void **state)
{
    struct group_fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    fake_clock_set(START_MS);
    assert_int_equal(loop_create(&fixture->loop), 0);
    fixture->table = aligned_alloc(CACHE_LINE_SIZE, sizeof(*fixture->table));
    assert_non_null(fixture->table);
    memset(fixture->table, 0, sizeof(*fixture->table));
    servertable_enter(fixture->table, 0);
    fixture->config = (struct upstream_config){
        .name = (char *)(uintptr_t) "app",
        .servers = fixture->servers,
        .tries = 2,
        .tries_time_ms = 10000,
        .retry_on = RETRY_ON_CONNECT | RETRY_ON_RESET | RETRY_ON_TIMEOUT,
        .retry_budget = 20,
        .max_fails = 3,
        .fail_timeout_ms = 5000,
        .hash_bound = 150,
        .queue_timeout_ms = 5000,
        .check = (char *)(uintptr_t) "/health", /* which the test makes itself */
        .check_fall = 2,
        .check_rise = 2,
    };
    *state = fixture;
    return 0;
}

int group_tear_down(void **state)
{
    struct group_fixture *fixture = *state;
    group_destroy(fixture->group);
    loop_destroy(fixture->loop);
    free(fixture->table);
    free(fixture);
    fake_clock_off();
    return 0;
}

struct upstream_server_config *group_fixture_add(struct group_fixture *fixture, unsigned weight)
{
    char text[32];
    struct address addr;
    int len = snprintf(text, sizeof(text), "10.0.0.%zu:80", fixture->config.server_count);
    struct upstream_server_config *server = &fixture->servers[fixture->config.server_count++];
    assert_int_equal(address_parse(slice_of(text, (size_t)len), 80, &addr), 0);
    *server = (struct upstream_server_config){.endpoint = endpoint_of_address(&addr),
                                              .port = 80,
                                              .weight = weight,
                                              .text = (char *)(uintptr_t) "server"};
    return server;
}

struct upstream_server_config *group_fixture_add_name(struct group_fixture *fixture, char *name)
{
    struct upstream_server_config *server = &fixture->servers[fixture->config.server_count++];
    *server = (struct upstream_server_config){.host = name, .port = 80, .weight = 1, .text = name};
    return server;
}

struct upstream_group *group_fixture_other(struct group_fixture *fixture, unsigned slot)
{
    struct upstream_group *group;
    const struct group_settings settings = {
        .config = &fixture->config,
        .loop = fixture->loop,
        .table = fixture->table,
        .slot = slot,
    };
    servertable_enter(fixture->table, slot);
    assert_int_equal(group_create(&settings, &group), 0);
    return group;
}

void group_fixture_start(struct group_fixture *fixture)
{
    fixture->group = group_fixture_other(fixture, 0);
}

void group_fixture_wait(struct group_fixture *fixture, int64_t ms)
{
    fake_clock_advance(ms);
    assert_int_equal(loop_run_once(fixture->loop, 0), 0);
}

struct upstream_server *group_fixture_ask(struct group_fixture *fixture, enum fetch_outcome outcome)
{
    struct upstream_server *server = group_pick(fixture->group, 0, 0);
    assert_non_null(server);
    server_release(server, outcome, 1000);
    return server;
}

void group_fixture_count(struct upstream_group *group, unsigned rounds, unsigned *counts)
{
    for (unsigned i = 0; i < rounds; i++) {
        struct upstream_server *server = group_pick(group, 0, 0);
        assert_non_null(server);
        counts[server->index]++;
        server_release(server, OUTCOME_OK, 1000);
    }
}
