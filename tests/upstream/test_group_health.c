/* SPDX-License-Identifier: MIT */
/* test_group_health.c - who is asked while servers fail, rest, come back, or are only backups. */
#include "support/unit.h"

#include "upstream/group_fixture.h"

static void fail_it(struct group_fixture *fixture, unsigned index, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        struct upstream_server *server = group_pick(fixture->group, 0, ~(UINT64_C(1) << index));
        assert_non_null(server);
        server_release(server, OUTCOME_RESET, 1000);
    }
}

/* The budget of repetitions must not be in the way of fail_it(). */
static void start(struct group_fixture *fixture, unsigned servers)
{
    for (unsigned i = 0; i < servers; i++)
        (void)group_fixture_add(fixture, 1);
    fixture->config.retry_budget = 100;
    group_fixture_start(fixture);
    for (unsigned i = 0; i < 200; i++)
        retry_budget_earn(&fixture->group->budget, &fixture->config);
}

static void a_server_that_fails_is_left_out_until_one_request_has_tried_it(void **state)
{
    struct group_fixture *fixture = *state;
    start(fixture, 3);
    fail_it(fixture, 1, 3);
    for (int i = 0; i < 30; i++)
        assert_int_not_equal(group_fixture_ask(fixture, OUTCOME_OK)->index, 1);
    group_fixture_wait(fixture, 4999);
    for (int i = 0; i < 30; i++)
        assert_int_not_equal(group_fixture_ask(fixture, OUTCOME_OK)->index, 1);

    group_fixture_wait(fixture, 1);
    struct upstream_server *trial = group_pick(fixture->group, 0, 0);
    assert_int_equal(trial->index, 1);
    for (int i = 0; i < 30; i++)
        assert_int_not_equal(group_fixture_ask(fixture, OUTCOME_OK)->index, 1);
    server_release(trial, OUTCOME_OK, 0);
    unsigned counts[3] = {0};
    group_fixture_count(fixture->group, 30, counts);
    assert_int_equal(counts[1], 10);
}

static void all_workers_know_who_is_out(void **state)
{
    struct group_fixture *fixture = *state;
    start(fixture, 2);
    struct upstream_group *other = group_fixture_other(fixture, 7);
    fail_it(fixture, 0, 3);
    for (int i = 0; i < 10; i++) {
        struct upstream_server *server = group_pick(other, 0, 0);
        assert_int_equal(server->index, 1);
        server_release(server, OUTCOME_OK, 1000);
    }
    /* One trial, of all workers. */
    group_fixture_wait(fixture, 5000);
    struct upstream_server *a = group_pick(fixture->group, 0, 0), *b = group_pick(other, 0, 0);
    assert_int_equal(a->index, 0);
    assert_int_equal(b->index, 1);
    server_release(a, OUTCOME_RESET, 0);
    server_release(b, OUTCOME_OK, 0);
    group_destroy(other);
    /* A new generation goes on with it. */
    struct upstream_group *later = group_fixture_other(fixture, 300);
    assert_int_equal(group_preview(later, 0)->index, 1);
    group_destroy(later);
}

static void the_last_server_is_never_left_out(void **state)
{
    struct group_fixture *fixture = *state;
    start(fixture, 2);
    for (int i = 0; i < 100; i++)
        (void)group_fixture_ask(fixture, OUTCOME_RESET);
    unsigned counts[2] = {0};
    for (int i = 0; i < 10; i++)
        counts[group_fixture_ask(fixture, OUTCOME_RESET)->index]++;
    assert_int_equal(counts[0] + counts[1], 10);
    assert_in_range(counts[0], 1, 9);
}

static void a_repetition_goes_to_another_server_or_nowhere(void **state)
{
    struct group_fixture *fixture = *state;
    start(fixture, 2);
    for (int i = 0; i < 10; i++) {
        struct upstream_server *server = group_pick(fixture->group, 0, 1);
        assert_int_equal(server->index, 1);
        server_release(server, OUTCOME_OK, 1000);
    }
    assert_null(group_pick(fixture->group, 0, 3));
    /* Nor to one that is out while another one is in, even if that was tried. */
    fail_it(fixture, 1, 3);
    assert_null(group_pick(fixture->group, 0, 1));
    assert_false(group_is_full(fixture->group));
}

static void repetitions_have_a_budget(void **state)
{
    struct group_fixture *fixture = *state;
    unsigned repeated = 0;
    (void)group_fixture_add(fixture, 1);
    (void)group_fixture_add(fixture, 1);
    fixture->config.max_fails = 0;
    group_fixture_start(fixture);
    for (int i = 0; i < 1000; i++) {
        struct upstream_server *first = group_fixture_ask(fixture, OUTCOME_RESET);
        struct upstream_server *next = group_pick(fixture->group, 0, UINT64_C(1) << first->index);
        if (!next)
            continue;
        repeated++;
        server_release(next, OUTCOME_RESET, 1000);
    }
    assert_in_range(repeated, 200, 203);
}

static void only_outcomes_that_tell_of_the_server_count(void **state)
{
    static const struct {
        enum fetch_outcome outcome;
        unsigned retry_on;
        bool is_failure;
    } rows[] = {
        {OUTCOME_OK, 0, false},     {OUTCOME_CONNECT, 0, true},          {OUTCOME_RESET, 0, true},
        {OUTCOME_TIMEOUT, 0, true}, {OUTCOME_BAD_REPLY, 0, true},        {OUTCOME_ERROR, 0, false},
        {OUTCOME_OURS, 0, false},   {OUTCOME_ERROR, RETRY_ON_503, true},
    };
    struct group_fixture *fixture = *state;
    start(fixture, 2);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct upstream_server *server = &fixture->group->servers[0];
        atomic_store(&server_entry_of(server)->health, 0);
        fixture->config.retry_on = rows[i].retry_on;
        for (int k = 0; k < 20; k++) {
            server = group_pick(fixture->group, 0, 0);
            server_release(server, server->index == 0 ? rows[i].outcome : OUTCOME_OK, 1000);
        }
        struct server_health health = health_unpack(
            atomic_load(&server_entry_of(&fixture->group->servers[0])->health));
        if (health.is_ejected != rows[i].is_failure)
            fail_msg("outcome %d", (int)rows[i].outcome);
    }
}

static void backups_are_asked_when_nobody_else_can_be(void **state)
{
    struct group_fixture *fixture = *state;
    (void)group_fixture_add(fixture, 1)->max_conns;
    fixture->servers[0].max_conns = 1;
    group_fixture_add(fixture, 1)->is_backup = true;
    group_fixture_start(fixture);
    for (int i = 0; i < 5; i++)
        assert_int_equal(group_fixture_ask(fixture, OUTCOME_OK)->index, 0);
    struct upstream_server *first = group_pick(fixture->group, 0, 0);
    assert_int_equal(group_fixture_ask(fixture, OUTCOME_OK)->index, 1); /* the first is full */
    server_release(first, OUTCOME_OK, 1000);
    for (int i = 0; i < 3; i++)
        (void)group_fixture_ask(fixture, OUTCOME_RESET);
    assert_int_equal(group_fixture_ask(fixture, OUTCOME_OK)->index, 1);
}

static void a_server_that_wants_rest_gets_work_only_when_all_do(void **state)
{
    struct group_fixture *fixture = *state;
    start(fixture, 2);
    server_checked(&fixture->group->servers[0], CHECK_RESULT_DRAIN, 404, 100);
    for (int i = 0; i < 10; i++)
        assert_int_equal(group_fixture_ask(fixture, OUTCOME_OK)->index, 1);
    server_checked(&fixture->group->servers[1], CHECK_RESULT_DRAIN, 404, 100);
    unsigned counts[2] = {0};
    group_fixture_count(fixture->group, 10, counts);
    assert_int_equal(counts[0], 5);
}

static void a_server_that_is_down_is_not_asked_even_if_all_are(void **state)
{
    struct group_fixture *fixture = *state;
    start(fixture, 2);
    for (int i = 0; i < 2; i++) {
        server_checked(&fixture->group->servers[0], CHECK_RESULT_BAD, 500, 100);
        server_checked(&fixture->group->servers[1], CHECK_RESULT_BAD, 0, 100);
    }
    assert_null(group_pick(fixture->group, 0, 0));
    assert_false(group_is_full(fixture->group));
    for (int i = 0; i < 2; i++)
        server_checked(&fixture->group->servers[1], CHECK_RESULT_GOOD, 200, 100);
    assert_int_equal(group_fixture_ask(fixture, OUTCOME_OK)->index, 1);
}

static void who_comes_back_gets_more_and_more(void **state)
{
    struct group_fixture *fixture = *state;
    fixture->config.slow_start_ms = 10000;
    start(fixture, 2);
    fail_it(fixture, 0, 3);
    group_fixture_wait(fixture, 5000);
    struct upstream_server *trial = group_pick(fixture->group, 0, 0);
    assert_int_equal(trial->index, 0);
    server_release(trial, OUTCOME_OK, 0);
    unsigned before = 0;
    static const unsigned at_least[] = {50, 200, 300, 400};
    for (size_t i = 0; i < COUNT_OF(at_least); i++) {
        unsigned counts[2] = {0};
        group_fixture_wait(fixture, 2500);
        group_fixture_count(fixture->group, 1000, counts);
        assert_in_range(counts[0], MAX(before, at_least[i]), 501);
        before = counts[0];
    }
    assert_in_range(before, 499, 501);
}

static void latencies_are_smoothed(void **state)
{
    struct group_fixture *fixture = *state;
    start(fixture, 1);
    struct server_entry *entry = server_entry_of(&fixture->group->servers[0]);
    (void)group_fixture_ask(fixture, OUTCOME_OK);
    assert_int_equal(atomic_load(&entry->latency_us), 1000);
    for (int i = 0; i < 100; i++) {
        struct upstream_server *server = group_pick(fixture->group, 0, 0);
        server_release(server, OUTCOME_OK, 9000);
    }
    assert_in_range(atomic_load(&entry->latency_us), 8900, 9000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, group_set_up, group_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_server_that_fails_is_left_out_until_one_request_has_tried_it),
        TEST(all_workers_know_who_is_out),
        TEST(the_last_server_is_never_left_out),
        TEST(a_repetition_goes_to_another_server_or_nowhere),
        TEST(repetitions_have_a_budget),
        TEST(only_outcomes_that_tell_of_the_server_count),
        TEST(backups_are_asked_when_nobody_else_can_be),
        TEST(a_server_that_wants_rest_gets_work_only_when_all_do),
        TEST(a_server_that_is_down_is_not_asked_even_if_all_are),
        TEST(who_comes_back_gets_more_and_more),
        TEST(latencies_are_smoothed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
