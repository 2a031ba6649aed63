/* SPDX-License-Identifier: MIT */
/* test_stats_keeper.c - the master's numbers, and samples only while they are wanted. */
#include "support/unit.h"

#include "process/process_pool.h"
#include "process/stats_keeper.h"
#include "support/fake_clock.h"

static struct event_loop *loop;
static struct shared_state *shared;
static struct stats_keeper keeper;
static struct child_group group = {.state = GROUP_STARTING, .number = 1, .count = 2};

static int set_up(void **state)
{
    fake_clock_set(7000);
    assert_int_equal(loop_create(&loop), 0);
    assert_int_equal(shared_state_create(&shared), 0);
    stats_keeper_init(&keeper, loop, shared);
    return 0;
}

static int tear_down(void **state)
{
    stats_keeper_done(&keeper);
    shared_state_destroy(shared);
    loop_destroy(loop);
    fake_clock_off();
    return 0;
}

static void pass_second(void)
{
    fake_clock_advance(1000);
    assert_int_equal(loop_run_once(loop, 0), 0);
}

static uint64_t samples(void)
{
    return counter_get(&shared->stats.samples_taken);
}

/* Whatever it has written there, the master counts no further than there are counters. */
static void what_a_hostile_worker_writes_leads_nowhere(void **state)
{
    group.state = GROUP_RUNNING;
    stats_keeper_add_worker(&keeper, &group, 0);
    counter_set(&shared->stats.slots_used, UINT64_MAX);
    counter_set(&shared->stats.samples_taken, UINT64_MAX);
    counter_set(&shared->counters[SHARED_SLOTS - 1].requests, UINT64_MAX);
    assert_int_equal(stats_slots(&shared->stats), SHARED_SLOTS);
    stats_keeper_follow(&keeper, &group, true);
    pass_second();
    stats_keeper_add_worker(&keeper, &group, 1);
    assert_int_equal(counter_get(&shared->stats.slots_used), SHARED_SLOTS);
    pass_second();
}

static void slots_and_respawns_are_known(void **state)
{
    assert_int_equal(counter_get(&shared->stats.started_s), 7);
    group.state = GROUP_STARTING;
    stats_keeper_add_worker(&keeper, &group, 3);
    stats_keeper_add_worker(&keeper, &group, 1);
    assert_int_equal(counter_get(&shared->stats.slots_used), 4);
    assert_int_equal(counter_get(&shared->stats.respawns), 0);
    group.state = GROUP_RUNNING;
    stats_keeper_add_worker(&keeper, &group, 1);
    assert_int_equal(counter_get(&shared->stats.respawns), 1);
    stats_keeper_count_reload(&keeper, true);
    stats_keeper_count_reload(&keeper, false);
    stats_keeper_count_reload(&keeper, false);
    assert_int_equal(counter_get(&shared->stats.reloads), 1);
    assert_int_equal(counter_get(&shared->stats.reloads_failed), 2);
}

static void a_sample_a_second_is_taken_while_it_is_wanted(void **state)
{
    stats_keeper_add_worker(&keeper, &group, 0);
    stats_keeper_follow(&keeper, &group, false);
    pass_second();
    assert_int_equal(samples(), 0);
    counter_set(&shared->counters[0].requests, 100); /* before anybody wanted to know */
    stats_keeper_follow(&keeper, &group, true);
    stats_keeper_follow(&keeper, &group, true);
    counter_add(&shared->counters[0].requests, 5);
    pass_second();
    pass_second();
    assert_int_equal(samples(), 2);
    assert_int_equal(counter_get(&shared->stats.samples[0].requests), 5);
    assert_int_equal(counter_get(&shared->stats.samples[1].requests), 0);
    group.number = 9;
    stats_keeper_follow(&keeper, &group, false);
    assert_int_equal(counter_get(&shared->stats.generation), 9);
    pass_second();
    assert_int_equal(samples(), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(slots_and_respawns_are_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_hostile_worker_writes_leads_nowhere, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_sample_a_second_is_taken_while_it_is_wanted, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
