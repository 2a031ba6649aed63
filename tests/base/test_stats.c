/* SPDX-License-Identifier: MIT */
/* test_stats.c - sums over workers, and samples of what happened between two sums. */
#include "support/unit.h"

#include "base/macros.h"
#include "base/stats.h"

#include <string.h>

static struct worker_counters workers[3];
static struct server_stats stats;

static int tear_down(void **state)
{
    memset(workers, 0, sizeof(workers));
    memset(&stats, 0, sizeof(stats));
    return 0;
}

static void a_sum_has_every_counter_at_its_place(void **state)
{
    struct stats_totals totals;

    for (size_t i = 0; i < COUNT_OF(workers); i++) {
        counter_set(&workers[i].active, 1);
        counter_set(&workers[i].requests, 10 + i);
        counter_set(&workers[i].responses[5], 1);
        counter_set(&workers[i].limits[LIMIT_COUNT - 1], 7);
        histogram_add(&workers[i].latency, 100, 1);
    }
    stats_sum(&totals, workers, 2);
    assert_int_equal(STATS_TOTAL(&totals, active), 2);
    assert_int_equal(STATS_TOTAL(&totals, requests), 21);
    assert_int_equal(STATS_TOTAL(&totals, responses[5]), 2);
    assert_int_equal(STATS_TOTAL(&totals, responses[4]), 0);
    assert_int_equal(STATS_TOTAL(&totals, limits[LIMIT_COUNT - 1]), 14);
    assert_int_equal(totals.latency.count, 2);
    stats_sum(&totals, workers, 0);
    assert_int_equal(STATS_TOTAL(&totals, requests), 0);
    assert_int_equal(totals.latency.count, 0);
}

static void a_sample_is_what_came_between_two_sums(void **state)
{
    struct stats_totals before, now;
    const struct stats_sample *sample = &stats.samples[0];

    counter_set(&workers[0].requests, 1000);
    histogram_add(&workers[0].latency, 100000, 1000);
    stats_sum(&before, workers, 1);
    counter_add(&workers[0].requests, 5);
    counter_set(&workers[0].connections, 3);
    counter_add(&workers[0].bytes_sent, 4096);
    histogram_add(&workers[0].latency, 7, 5);
    stats_sum(&now, workers, 1);
    stats_take_sample(&stats, &before, &now, 1234);
    assert_int_equal(counter_get(&stats.samples_taken), 1);
    assert_int_equal(counter_get(&sample->time_s), 1234);
    assert_int_equal(counter_get(&sample->requests), 5);
    assert_int_equal(counter_get(&sample->connections), 3);
    assert_int_equal(counter_get(&sample->bytes), 4096);
    assert_int_equal(counter_get(&sample->p50_us), 7);
    assert_int_equal(counter_get(&sample->p99_us), 7);
}

static void the_oldest_sample_makes_room(void **state)
{
    struct stats_totals nothing;

    stats_sum(&nothing, workers, 0);
    for (int64_t i = 0; i <= STATS_SAMPLES; i++)
        stats_take_sample(&stats, &nothing, &nothing, i);
    assert_int_equal(counter_get(&stats.samples_taken), STATS_SAMPLES + 1);
    assert_int_equal(counter_get(&stats.samples[0].time_s), STATS_SAMPLES);
    assert_int_equal(counter_get(&stats.samples[1].time_s), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_sum_has_every_counter_at_its_place, tear_down),
        cmocka_unit_test_teardown(a_sample_is_what_came_between_two_sums, tear_down),
        cmocka_unit_test_teardown(the_oldest_sample_makes_room, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
