/* SPDX-License-Identifier: MIT */
/* test_checker.c - what the answer to a check tells; who asks is for tests with servers. */
#include "support/unit.h"

#include "upstream/checker.h"

static void an_answer_tells_of_health_or_of_rest(void **state)
{
    static const struct {
        unsigned low, high, status;
        bool has_drain_field;
        enum check_result result;
    } rows[] = {
        {200, 399, 200, false, CHECK_RESULT_GOOD},  {200, 399, 399, false, CHECK_RESULT_GOOD},
        {200, 399, 400, false, CHECK_RESULT_BAD},   {200, 399, 500, false, CHECK_RESULT_BAD},
        {200, 399, 404, false, CHECK_RESULT_DRAIN}, {200, 399, 503, false, CHECK_RESULT_BAD},
        {200, 399, 503, true, CHECK_RESULT_DRAIN},  {200, 399, 500, true, CHECK_RESULT_BAD},
        {204, 204, 200, false, CHECK_RESULT_BAD},   {204, 204, 204, true, CHECK_RESULT_GOOD},
        {200, 499, 404, false, CHECK_RESULT_GOOD},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct upstream_config config = {.check_status = {rows[i].low, rows[i].high}};
        if (check_result_of(&config, rows[i].status, rows[i].has_drain_field) != rows[i].result)
            fail_msg("row %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_tells_of_health_or_of_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
