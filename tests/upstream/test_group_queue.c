/* SPDX-License-Identifier: MIT */
/* test_group_queue.c - max_conns, and those who wait for a place. */
#include "support/unit.h"

#include "upstream/group_fixture.h"

#include <errno.h>

struct client {
    struct group_waiter waiter;
    struct upstream_server *server;
    unsigned served;
};

static void on_served(struct group_waiter *waiter, struct upstream_server *server)
{
    struct client *client = container_of(waiter, struct client, waiter);
    client->server = server;
    client->served++;
}

static void start(struct group_fixture *fixture, unsigned max_conns)
{
    group_fixture_add(fixture, 1)->max_conns = max_conns;
    fixture->config.queue = 3;
    group_fixture_start(fixture);
}

static void no_server_gets_more_than_max_conns_of_all_workers(void **state)
{
    struct group_fixture *fixture = *state;
    start(fixture, 3);
    struct upstream_group *other = group_fixture_other(fixture, 1);
    struct upstream_server *a = group_pick(fixture->group, 0, 0), *b = group_pick(other, 0, 0);
    struct upstream_server *c = group_pick(fixture->group, 0, 0);
    assert_non_null(a);
    assert_non_null(b);
    assert_non_null(c);
    assert_null(group_pick(other, 0, 0));
    assert_true(group_is_full(other));
    server_release(b, OUTCOME_OK, 1000);
    b = group_pick(fixture->group, 0, 0);
    assert_non_null(b);
    assert_false(group_is_full(fixture->group));
    /* The other worker dies: what it had under way is no more. */
    servertable_leave(fixture->table, 0);
    c = group_pick(other, 0, 0);
    assert_non_null(c);
    server_release(c, OUTCOME_OK, 1000);
    group_destroy(other);
}

static void who_came_first_is_served_first(void **state)
{
    struct group_fixture *fixture = *state;
    struct client clients[3] = {{.served = 0}};
    start(fixture, 1);
    struct upstream_server *server = group_pick(fixture->group, 0, 0);
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        assert_null(group_pick(fixture->group, 0, 0));
        assert_true(group_is_full(fixture->group));
        clients[i].waiter.served = on_served;
        assert_int_equal(group_wait(fixture->group, &clients[i].waiter), 0);
    }
    struct client late = {.waiter.served = on_served};
    assert_int_equal(group_wait(fixture->group, &late.waiter), -EAGAIN);

    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        server_release(server, OUTCOME_OK, 1000);
        assert_int_equal(clients[i].served, 0);        /* not from within the call */
        assert_null(group_pick(fixture->group, 0, 0)); /* nor does anybody slip in */
        assert_true(group_is_full(fixture->group) || i == 2);
        group_fixture_wait(fixture, 1);
        assert_int_equal(clients[i].served, 1);
        assert_ptr_equal(clients[i].server, server);
        for (size_t k = i + 1; k < COUNT_OF(clients); k++)
            assert_int_equal(clients[k].served, 0);
    }
    server_release(server, OUTCOME_OK, 1000);
    server = group_pick(fixture->group, 0, 0);
    assert_non_null(server);
    server_release(server, OUTCOME_OK, 1000);
}

static void a_place_of_another_worker_is_seen_soon(void **state)
{
    struct group_fixture *fixture = *state;
    struct client client = {.waiter.served = on_served};
    start(fixture, 1);
    struct upstream_group *other = group_fixture_other(fixture, 1);
    struct upstream_server *server = group_pick(other, 0, 0);
    assert_null(group_pick(fixture->group, 0, 0));
    assert_int_equal(group_wait(fixture->group, &client.waiter), 0);
    group_fixture_wait(fixture, 100);
    assert_int_equal(client.served, 0);
    server_release(server, OUTCOME_OK, 1000);
    group_fixture_wait(fixture, 10);
    assert_int_equal(client.served, 1);
    assert_non_null(client.server);
    server_release(client.server, OUTCOME_OK, 1000);
    group_destroy(other);
}

static void nobody_waits_for_longer_than_queue_timeout(void **state)
{
    struct group_fixture *fixture = *state;
    struct client first = {.waiter.served = on_served}, second = {.waiter.served = on_served};
    start(fixture, 1);
    struct upstream_server *server = group_pick(fixture->group, 0, 0);
    assert_int_equal(group_wait(fixture->group, &first.waiter), 0);
    group_fixture_wait(fixture, 3000);
    assert_int_equal(group_wait(fixture->group, &second.waiter), 0);
    group_fixture_wait(fixture, 1999);
    assert_int_equal(first.served, 0);
    group_fixture_wait(fixture, 10);
    assert_int_equal(first.served, 1);
    assert_null(first.server);
    assert_int_equal(second.served, 0);
    group_fixture_wait(fixture, 3000);
    assert_int_equal(second.served, 1);
    assert_null(second.server);
    server_release(server, OUTCOME_OK, 1000);
}

static void who_leaves_is_not_served(void **state)
{
    struct group_fixture *fixture = *state;
    struct client first = {.waiter.served = on_served}, second = {.waiter.served = on_served};
    start(fixture, 1);
    struct upstream_server *server = group_pick(fixture->group, 0, 0);
    assert_int_equal(group_wait(fixture->group, &first.waiter), 0);
    assert_int_equal(group_wait(fixture->group, &second.waiter), 0);
    group_leave(fixture->group, &first.waiter);
    server_release(server, OUTCOME_OK, 1000);
    group_fixture_wait(fixture, 1);
    assert_int_equal(first.served, 0);
    assert_int_equal(second.served, 1);
    server_release(second.server, OUTCOME_OK, 1000);
}

static void without_a_queue_nobody_waits(void **state)
{
    struct group_fixture *fixture = *state;
    struct client client = {.waiter.served = on_served};
    start(fixture, 1);
    fixture->config.queue = 0;
    assert_int_equal(group_wait(fixture->group, &client.waiter), -EAGAIN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, group_set_up, group_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_server_gets_more_than_max_conns_of_all_workers),
        TEST(who_came_first_is_served_first),
        TEST(a_place_of_another_worker_is_seen_soon),
        TEST(nobody_waits_for_longer_than_queue_timeout),
        TEST(who_leaves_is_not_served),
        TEST(without_a_queue_nobody_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
