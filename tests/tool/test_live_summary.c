/* SPDX-License-Identifier: MIT */
/* test_live_summary.c - what is said at the end. */
#include "support/unit.h"

#include "tool/live_summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct live_summary summary;

static int set_up(void **state)
{
    memset(&summary, 0, sizeof(summary));
    return 0;
}

static void add(unsigned status, const char *target, uint64_t ms)
{
    const struct live_line line = {
        .status = status, .target = slice_from_string(target), .bytes = 1024, .duration_ms = ms};

    live_summary_add(&summary, &line);
}

static void assert_says(const char *expected)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    assert_non_null(out);
    live_summary_print(&summary, 65, out);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, expected);
    free(text);
}

static void nothing_is_said_of_no_requests_but_that(void **state)
{
    assert_says("0 requests in 65 s, 0 B\n");
}

static void requests_are_counted_by_what_came_of_them(void **state)
{
    add(200, "/", 0);
    add(206, "/big.iso", 1500);
    add(304, "/", 0);
    add(0, "/gone", 3);
    assert_says("4 requests in 65 s, 4.0 KiB: 2 answered, 1 redirected or unchanged, 1 unanswered\n"
                "half within <1 ms, 99 % within 1.5 s, the slowest in 1.5 s: /big.iso\n");
}

static void what_was_missing_most_often_comes_first(void **state)
{
    char target[SUMMARY_TARGET_SIZE + 100];

    add(404, "/b", 0);
    for (unsigned i = 0; i < 3; i++)
        add(404, "/favicon.ico", 0);
    memset(target, 'x', sizeof(target) - 1);
    target[sizeof(target) - 1] = '\0';
    add(404, target, 0);
    add(404, target, 0);
    assert_int_equal(summary.missing_count, 3);
    assert_string_equal(summary.missing[1].text, "/favicon.ico");
    assert_int_equal(summary.missing[1].value, 3);
    assert_int_equal(summary.missing[2].value, 2);
    summary.missing_count = 2;
    assert_says("6 requests in 65 s, 6.0 KiB: 6 refused\n"
                "half within <1 ms, 99 % within <1 ms, the slowest in <1 ms: /b\n"
                "not found: 3x /favicon.ico, 1x /b\n");
}

static void there_may_be_any_number_of_them(void **state)
{
    char target[32];

    for (unsigned i = 0; i < 2 * SUMMARY_MISSING_MAX; i++) {
        (void)snprintf(target, sizeof(target), "/%u", i);
        add(404, target, 0);
    }
    assert_int_equal(summary.missing_count, SUMMARY_MISSING_MAX);
    assert_int_equal(summary.classes[4], 2 * SUMMARY_MISSING_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_is_said_of_no_requests_but_that, set_up),
        cmocka_unit_test_setup(requests_are_counted_by_what_came_of_them, set_up),
        cmocka_unit_test_setup(what_was_missing_most_often_comes_first, set_up),
        cmocka_unit_test_setup(there_may_be_any_number_of_them, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
