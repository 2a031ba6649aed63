/* SPDX-License-Identifier: MIT */
/* test_histogram.c - buckets follow each other without a gap, and copies add up. */
#include "support/unit.h"

#include "base/histogram.h"
#include "base/macros.h"

static void each_bucket_begins_behind_the_one_before(void **state)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
        assert_int_equal(histogram_bucket(value), i);
        value = histogram_bucket_end(i);
        assert_int_equal(histogram_bucket(value), i);
        value++;
    }
    assert_int_equal(histogram_bucket(value), HISTOGRAM_BUCKETS - 1);
}

static void a_bucket_is_at_most_an_eighth_of_its_values_wide(void **state)
{
    for (unsigned i = 1; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t end = histogram_bucket_end(i), width = end - histogram_bucket_end(i - 1);

        if (width > 1)
            assert_true(width * HISTOGRAM_SUBS <= end + 1);
    }
}

static void what_is_too_large_counts_in_the_last_bucket(void **state)
{
    assert_int_equal(histogram_bucket((uint64_t)1 << HISTOGRAM_POWERS), HISTOGRAM_BUCKETS - 1);
    assert_int_equal(histogram_bucket(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
}

static void quantiles_are_the_end_of_the_bucket_that_holds_them(void **state)
{
    static struct histogram histogram;
    struct histogram_copy copy = {0};

    assert_int_equal(histogram_quantile(&copy, 0.5), 0);
    histogram_add(&histogram, 4, 98);
    histogram_add(&histogram, 1000, 2);
    histogram_copy_add(&copy, &histogram);
    assert_int_equal(copy.count, 100);
    assert_int_equal(copy.sum, 4 * 98 + 2000);
    assert_int_equal(histogram_quantile(&copy, 0), 4);
    assert_int_equal(histogram_quantile(&copy, 0.5), 4);
    assert_int_equal(histogram_quantile(&copy, 0.98), 4);
    assert_int_equal(histogram_quantile(&copy, 0.99), 1023);
    assert_int_equal(histogram_quantile(&copy, 1), 1023);
}

static void copies_of_several_add_up_and_can_be_told_apart_later(void **state)
{
    static struct histogram one, other;
    struct histogram_copy before = {0}, after = {0};

    histogram_add(&one, 10, 3);
    histogram_copy_add(&before, &one);
    histogram_add(&one, 10, 1);
    histogram_add(&other, 100, 5);
    histogram_copy_add(&after, &one);
    histogram_copy_add(&after, &other);
    assert_int_equal(after.count, 9);
    histogram_copy_since(&after, &before);
    assert_int_equal(after.count, 6);
    assert_int_equal(after.sum, 510);
    assert_int_equal(after.buckets[histogram_bucket(10)], 1);
    assert_int_equal(after.buckets[histogram_bucket(100)], 5);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_bucket_begins_behind_the_one_before),
        cmocka_unit_test(a_bucket_is_at_most_an_eighth_of_its_values_wide),
        cmocka_unit_test(what_is_too_large_counts_in_the_last_bucket),
        cmocka_unit_test(quantiles_are_the_end_of_the_bucket_that_holds_them),
        cmocka_unit_test(copies_of_several_add_up_and_can_be_told_apart_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
