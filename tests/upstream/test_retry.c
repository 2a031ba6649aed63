/* SPDX-License-Identifier: MIT */
/* test_retry.c - what may be sent again, row by row. */
#include "support/unit.h"

#include "upstream/retry.h"

static const struct upstream_config config = {
    .tries = 2,
    .tries_time_ms = 10000,
    .retry_on = RETRY_ON_CONNECT | RETRY_ON_RESET | RETRY_ON_TIMEOUT,
    .retry_budget = 20,
};

static void each_fact_decides(void **state)
{
    static const struct {
        struct attempt_facts facts;
        bool is_allowed;
        const char *name;
    } rows[] = {
        {{METHOD_GET, RETRY_ON_CONNECT, 1, 0, false, true}, true, "not connected"},
        {{METHOD_POST, RETRY_ON_CONNECT, 1, 0, false, true}, true, "POST, nothing was sent"},
        {{METHOD_POST, RETRY_ON_RESET, 1, 0, true, true}, false, "POST that was sent"},
        {{METHOD_PATCH, RETRY_ON_TIMEOUT, 1, 0, true, true}, false, "PATCH that was sent"},
        {{METHOD_GET, RETRY_ON_RESET, 1, 0, true, true}, true, "GET"},
        {{METHOD_HEAD, RETRY_ON_RESET, 1, 0, true, true}, true, "HEAD"},
        {{METHOD_OPTIONS, RETRY_ON_RESET, 1, 0, true, true}, true, "OPTIONS"},
        {{METHOD_PUT, RETRY_ON_RESET, 1, 0, true, true}, true, "PUT"},
        {{METHOD_DELETE, RETRY_ON_TIMEOUT, 1, 0, true, true}, true, "DELETE"},
        {{METHOD_UNKNOWN, RETRY_ON_RESET, 1, 0, true, true}, false, "who knows what it does"},
        {{METHOD_GET, RETRY_ON_RESET, 2, 0, true, true}, false, "no tries left"},
        {{METHOD_GET, RETRY_ON_RESET, 1, 9999, true, true}, true, "still in time"},
        {{METHOD_GET, RETRY_ON_RESET, 1, 10000, true, true}, false, "no time left"},
        {{METHOD_PUT, RETRY_ON_RESET, 1, 0, true, false}, false, "its content is gone"},
        {{METHOD_GET, RETRY_ON_503, 1, 0, true, true}, false, "not in retry_on"},
        {{METHOD_GET, 0, 1, 0, true, true}, false, "no reason"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (retry_is_allowed(&rows[i].facts, &config) != rows[i].is_allowed)
            fail_msg("%s", rows[i].name);
    }
}

static void when_all_fail_the_budget_is_a_part_of_the_requests(void **state)
{
    struct retry_budget budget = {.percents = 0};
    unsigned retries = 0;
    /* Ten seconds of a thousand requests each, all of which fail. */
    for (int64_t now_ms = 1; now_ms <= 10000; now_ms++) {
        retry_budget_earn(&budget, &config);
        retries += retry_budget_spend(&budget, now_ms);
    }
    assert_in_range(retries, 2000, 2000 + 3 * 11);
}

static void a_few_are_always_asked_again(void **state)
{
    const struct upstream_config none = {.retry_budget = 0};
    struct retry_budget budget = {.percents = 0};
    unsigned retries = 0;
    for (int i = 0; i < 100; i++) {
        retry_budget_earn(&budget, &none);
        retries += retry_budget_spend(&budget, 5000);
    }
    assert_int_equal(retries, 3);
    assert_false(retry_budget_spend(&budget, 5999));
    assert_true(retry_budget_spend(&budget, 6000));
}

static void what_is_saved_has_an_end(void **state)
{
    struct retry_budget budget = {.percents = 0};
    unsigned retries = 0;
    for (int i = 0; i < 100000; i++)
        retry_budget_earn(&budget, &config);
    while (retry_budget_spend(&budget, 1) && retries <= RETRY_BUDGET_MAX + 3)
        retries++;
    assert_in_range(retries, RETRY_BUDGET_MAX, RETRY_BUDGET_MAX + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fact_decides),
        cmocka_unit_test(when_all_fail_the_budget_is_a_part_of_the_requests),
        cmocka_unit_test(a_few_are_always_asked_again),
        cmocka_unit_test(what_is_saved_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
