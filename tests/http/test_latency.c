/* SPDX-License-Identifier: MIT */
/* test_latency.c - requests of one turn are measured at its end, longer ones by the turns between. */
#include "support/unit.h"

#include "http/latency.h"
#include "support/fake_clock.h"

#include <string.h>

static struct worker_counters counters;
static struct event_loop *loop;
static struct mempool *mempool;
static struct latency *latency;

static int set_up(void **state)
{
    memset(&counters, 0, sizeof(counters));
    fake_clock_set(5000);
    assert_int_equal(loop_create(&loop), 0);
    mempool = mempool_create();
    latency = latency_create(loop, &counters, mempool);
    assert_non_null(mempool);
    assert_non_null(latency);
    return 0;
}

static int tear_down(void **state)
{
    latency_destroy(latency);
    latency_destroy(NULL);
    mempool_destroy(mempool);
    loop_destroy(loop);
    fake_clock_off();
    return 0;
}

static struct histogram_copy measured(void)
{
    struct histogram_copy copy = {0};

    histogram_copy_add(&copy, &counters.latency);
    return copy;
}

static void work_for_3_ms(struct task *task)
{
    fake_clock_advance(3);
}

static void what_ends_in_its_turn_took_as_long_as_the_turn(void **state)
{
    struct task work;
    struct histogram_copy copy;

    task_init(&work, work_for_3_ms);
    loop_post(loop, &work);
    latency_record(latency, loop_now_us(loop));
    latency_record(latency, loop_now_us(loop));
    assert_int_equal(measured().count, 0);
    assert_int_equal(loop_run_once(loop, 0), 0);
    copy = measured();
    assert_int_equal(copy.count, 2);
    assert_int_equal(copy.sum, 6000);
}

static void what_began_earlier_took_the_time_between(void **state)
{
    struct histogram_copy copy;
    int64_t started_us = loop_now_us(loop);

    fake_clock_advance(20);
    assert_int_equal(loop_run_once(loop, 0), 0);
    latency_record(latency, started_us);
    copy = measured();
    assert_int_equal(copy.count, 1);
    assert_int_equal(copy.sum, 20000);
}

static void memory_is_looked_at_once_a_second(void **state)
{
    void *small, *large;

    latency_record(latency, 0);
    assert_int_equal(loop_run_once(loop, 0), 0);
    small = mempool_alloc(mempool, 64);
    large = mempool_alloc(mempool, 4096);
    assert_non_null(small);
    assert_non_null(large);
    latency_record(latency, 0);
    assert_int_equal(loop_run_once(loop, 0), 0);
    assert_int_equal(counter_get(&counters.large_memory), 0);
    fake_clock_advance(1001);
    assert_int_equal(loop_run_once(loop, 0), 0); /* nothing is asked: nothing is looked at */
    assert_int_equal(counter_get(&counters.large_memory), 0);
    latency_record(latency, 0);
    assert_int_equal(loop_run_once(loop, 0), 0);
    assert_true(counter_get(&counters.large_memory) >= 4096);
    mempool_free(mempool, small, 64);
    mempool_free(mempool, large, 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_ends_in_its_turn_took_as_long_as_the_turn, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_began_earlier_took_the_time_between, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(memory_is_looked_at_once_a_second, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
