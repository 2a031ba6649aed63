/* SPDX-License-Identifier: MIT */
/* test_limit.c - the words that logs and metrics have for limits. */
#include "support/unit.h"

#include "base/counters.h"
#include "base/limit.h"

#include <ctype.h>
#include <string.h>

static void every_limit_has_a_word_of_its_own(void **state)
{
    for (int limit = 0; limit < LIMIT_COUNT; limit++) {
        const char *name = limit_name((enum limit)limit);

        assert_non_null(name);
        assert_true(strlen(name) > 0);
        for (const char *c = name; *c; c++) /* no metric's label has to be quoted or escaped */
            assert_true(islower((unsigned char)*c) || *c == '_');
        for (int other = 0; other < limit; other++)
            assert_string_not_equal(name, limit_name((enum limit)other));
    }
}

static void every_limit_has_a_counter(void **state)
{
    struct worker_counters worker = {.requests = 0};

    assert_int_equal(COUNT_OF(worker.limits), LIMIT_COUNT);
    counter_add(&worker.limits[LIMIT_MEMORY], 1);
    assert_int_equal(counter_get(&worker.limits[LIMIT_MEMORY]), 1);
    assert_int_equal(counter_get(&worker.limits[LIMIT_HEADER_TIMEOUT]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_limit_has_a_word_of_its_own),
        cmocka_unit_test(every_limit_has_a_counter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
