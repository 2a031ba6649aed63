/* SPDX-License-Identifier: MIT */
/* test_status_plot.c - numbers as people read them, and lines that stay within their box. */
#include "support/unit.h"

#include "base/macros.h"
#include "handler/status_plot.h"

#include <string.h>

static char space[64 * 1024];

static const char *written(number_writer write, uint64_t value)
{
    struct writer w = writer_on(space, sizeof(space) - 1);

    write(&w, value);
    space[w.len] = '\0';
    return space;
}

static void numbers_are_short(void **state)
{
    assert_string_equal(written(write_count, 0), "0");
    assert_string_equal(written(write_count, 9999), "9999");
    assert_string_equal(written(write_count, 10000), "10.0k");
    assert_string_equal(written(write_count, 123456), "123k");
    assert_string_equal(written(write_count, UINT64_MAX), "18446744T");
    assert_string_equal(written(write_bytes, 4096), "4096 B");
    assert_string_equal(written(write_bytes, 1536 * 1024), "1536 KiB");
    assert_string_equal(written(write_bytes, (uint64_t)50 << 30), "50.0 GiB");
    assert_string_equal(written(write_percent, 99), "99 %");
}

static uint64_t requests(const struct stats_sample *sample)
{
    return counter_get(&sample->requests);
}

static const struct plot plot = {
    "Requests", {{"answered", requests}}, 1, write_count, 10,
};

static const char *drawn(const struct server_stats *stats)
{
    struct writer w = writer_on(space, sizeof(space) - 1);

    plot_write(&w, &plot, stats);
    assert_false(w.overflow);
    space[w.len] = '\0';
    return space;
}

static void without_samples_there_is_no_line(void **state)
{
    static struct server_stats stats;

    assert_non_null(strstr(drawn(&stats), "points=\"\""));
    assert_non_null(strstr(space, "answered <b>0</b>"));
}

static void the_newest_sample_is_at_the_right_and_the_highest_at_the_top(void **state)
{
    static struct server_stats stats;

    counter_set(&stats.samples[0].requests, 0);
    counter_set(&stats.samples[1].requests, 40);
    counter_set(&stats.samples[2].requests, 20);
    counter_set(&stats.samples_taken, 3);
    assert_non_null(strstr(drawn(&stats), "points=\"116,100 118,0 120,50 \""));
    assert_non_null(strstr(space, "answered <b>20</b>"));
    assert_non_null(strstr(space, "0 – 40"));
}

static void a_full_ring_is_drawn_but_for_the_sample_that_is_about_to_go(void **state)
{
    static struct server_stats stats;

    for (unsigned i = 0; i < STATS_SAMPLES; i++)
        counter_set(&stats.samples[i].requests, 1);
    counter_set(&stats.samples_taken, 10 * STATS_SAMPLES);
    assert_non_null(strstr(drawn(&stats), "points=\"2,90 4,90 "));
    assert_non_null(strstr(space, " 598,90 \""));
    assert_non_null(strstr(space, "viewBox=\"0 0 598 100\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_short),
        cmocka_unit_test(without_samples_there_is_no_line),
        cmocka_unit_test(the_newest_sample_is_at_the_right_and_the_highest_at_the_top),
        cmocka_unit_test(a_full_ring_is_drawn_but_for_the_sample_that_is_about_to_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
