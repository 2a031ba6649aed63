/* SPDX-License-Identifier: MIT */
/* test_server_health.c - the word of a server, event by event. */
#include "support/unit.h"

#include "upstream/server_health.h"

static const struct upstream_config config = {
    .max_fails = 3, .fail_timeout_ms = 5000, .check_fall = 2, .check_rise = 3};

static void each_state_goes_into_the_word_and_out_again(void **state)
{
    const struct server_health rows[] = {
        {.until_ms = 0},
        {.is_ejected = true, .fails = 3, .ejections = 2, .until_ms = 123456789012},
        {.is_ejected = true, .in_trial = true, .fails = 127, .ejections = 15, .until_ms = 1},
        {.check = CHECK_DOWN, .check_run = 9},
        {.check = CHECK_DRAIN, .until_ms = (INT64_C(1) << 40) - 1},
        {.order = SERVER_DRAIN, .check = CHECK_DOWN},
        {.order = SERVER_MAINT, .is_ejected = true, .until_ms = 7},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct server_health back = health_unpack(health_pack(&rows[i]));
        assert_int_equal(back.is_ejected, rows[i].is_ejected);
        assert_int_equal(back.in_trial, rows[i].in_trial);
        assert_int_equal(back.fails, rows[i].fails);
        assert_int_equal(back.ejections, rows[i].ejections);
        assert_int_equal(back.until_ms, rows[i].until_ms);
        assert_int_equal(back.check, rows[i].check);
        assert_int_equal(back.check_run, rows[i].check_run);
        assert_int_equal(back.order, rows[i].order);
    }
}

static void only_a_server_that_is_to_be_asked_is_plain(void **state)
{
    /* With every other part set that does not matter. */
    struct server_health base = {.fails = 127, .ejections = 15, .check_run = 15, .until_ms = -1};
    for (unsigned i = 0; i < 24; i++) {
        struct server_health health = base;
        health.order = (enum server_order)(i / 8);
        health.is_ejected = i & 1;
        health.in_trial = i & 2;
        health.check = i & 4 ? CHECK_DRAIN : CHECK_UP;
        assert_int_equal(health_is_plain(health_pack(&health)), i == 0);
    }
    assert_true(health_is_plain(0));
}

static void an_admin_has_the_last_word(void **state)
{
    const struct server_health rows[] = {
        {0}, {.is_ejected = true, .until_ms = 500}, {.check = CHECK_DOWN}, {.check = CHECK_DRAIN}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct server_health health = rows[i];
        assert_false(health_order(&health, SERVER_READY, 1000));
        assert_true(health_order(&health, SERVER_MAINT, 1000));
        assert_false(health_order(&health, SERVER_MAINT, 1000));
        assert_int_equal(health_verdict(&health, 1000), HEALTH_MAINT);
        assert_string_equal(health_word(&health, 1000), "maint");
    }
    /* Who is drained is no more than drained, and nobody tries it out. */
    struct server_health health = {.is_ejected = true, .until_ms = 500};
    assert_int_equal(health_verdict(&health, 1000), HEALTH_TRIAL);
    assert_true(health_order(&health, SERVER_DRAIN, 1000));
    assert_int_equal(health_verdict(&health, 1000), HEALTH_EJECTED);
    health = (struct server_health){.order = SERVER_DRAIN};
    assert_int_equal(health_verdict(&health, 1000), HEALTH_DRAINED);
}

static void who_comes_back_from_an_admin_starts_anew(void **state)
{
    struct server_health health = {
        .is_ejected = true, .fails = 3, .until_ms = 9000, .order = SERVER_MAINT};
    assert_true(health_order(&health, SERVER_READY, 1000));
    assert_int_equal(health_verdict(&health, 1000), HEALTH_USABLE);
    assert_int_equal(health.fails, 0);
    assert_int_equal(health_share(&health, 1100, 200), HEALTH_SHARE_WHOLE / 2);
}

static void the_greater_order_of_two_words_counts(void **state)
{
    const struct server_health full = {.is_ejected = true, .fails = 3, .until_ms = 9};
    for (unsigned a = SERVER_READY; a <= SERVER_MAINT; a++) {
        for (unsigned b = SERVER_READY; b <= SERVER_MAINT; b++) {
            struct server_health one = full, other = {.order = (enum server_order)b};
            one.order = (enum server_order)a;
            one = health_unpack(health_with_order(health_pack(&one), health_pack(&other)));
            assert_int_equal(one.order, MAX(a, b));
            assert_int_equal(one.until_ms, 9);
            assert_int_equal(one.fails, 3);
        }
    }
}

static void failures_in_a_row_eject_and_a_success_between_them_does_not(void **state)
{
    struct server_health health = {.fails = 0};
    for (unsigned round = 0; round < 5; round++) {
        assert_false(health_failed(&health, 0, 1000, &config));
        assert_false(health_failed(&health, 0, 1000, &config));
        assert_false(health_succeeded(&health, 0, 1000, &config));
    }
    assert_int_equal(health_verdict(&health, 1000), HEALTH_USABLE);
    assert_false(health_failed(&health, 0, 100000, &config));
    assert_false(health_failed(&health, 0, 100000, &config));
    assert_true(health_failed(&health, 0, 100000, &config));
    assert_int_equal(health_verdict(&health, 100000), HEALTH_EJECTED);
    assert_int_equal(health_verdict(&health, 104999), HEALTH_EJECTED);
    assert_int_equal(health_verdict(&health, 105000), HEALTH_TRIAL);
}

static struct server_health ejected_at(int64_t now_ms)
{
    struct server_health health = {.fails = 2};
    assert_true(health_failed(&health, now_ms, now_ms, &config));
    return health;
}

static void a_trial_is_for_one_request_until_it_has_had_its_time(void **state)
{
    struct server_health health = ejected_at(100000);
    assert_int_equal(health_verdict(&health, 105000), HEALTH_TRIAL);
    health_begin_trial(&health, 105000, &config);
    assert_int_equal(health_verdict(&health, 105001), HEALTH_EJECTED);
    assert_string_equal(health_word(&health, 105001), "trial");
    assert_int_equal(health_verdict(&health, 110000), HEALTH_TRIAL);

    assert_true(health_succeeded(&health, 105000, 105300, &config));
    assert_int_equal(health_verdict(&health, 105300), HEALTH_USABLE);
    assert_int_equal(health.until_ms, 105300);
    assert_int_equal(health.fails, 0);
}

static void each_trial_that_fails_doubles_the_time_up_to_a_minute(void **state)
{
    static const int64_t times_ms[] = {10000, 20000, 40000, 60000, 60000, 60000};
    struct server_health health = ejected_at(100000);
    int64_t now_ms = 105000;
    for (size_t i = 0; i < COUNT_OF(times_ms); i++) {
        health_begin_trial(&health, now_ms, &config);
        assert_true(health_failed(&health, now_ms, now_ms + 10, &config));
        now_ms += 10;
        assert_int_equal(health_verdict(&health, now_ms + times_ms[i] - 1), HEALTH_EJECTED);
        assert_int_equal(health_verdict(&health, now_ms + times_ms[i]), HEALTH_TRIAL);
        now_ms += times_ms[i];
    }
}

static void the_time_starts_anew_after_a_minute_without_trouble(void **state)
{
    struct server_health health = ejected_at(100000);
    health_begin_trial(&health, 105000, &config);
    assert_true(health_succeeded(&health, 105000, 105000, &config));
    struct server_health again = health;
    again.fails = health.fails = 2;
    assert_true(health_failed(&health, 106000, 106000, &config));
    assert_int_equal(health.until_ms, 106000 + 10000);
    assert_true(health_failed(&again, 165001, 165001, &config));
    assert_int_equal(again.until_ms, 165001 + 5000);
}

static void what_began_before_an_ejection_changes_nothing(void **state)
{
    struct server_health health = ejected_at(100000), before = health;
    assert_false(health_succeeded(&health, 99999, 101000, &config));
    assert_memory_equal(&health, &before, sizeof(health));
    assert_false(health_failed(&health, 99999, 101000, &config));
    assert_int_equal(health.until_ms, before.until_ms);
    health_begin_trial(&health, 105000, &config);
    assert_false(health_failed(&health, 104999, 105500, &config));
    assert_true(health.in_trial);
    assert_false(health_succeeded(&health, 104999, 105500, &config));
    assert_true(health.is_ejected);
}

static void a_server_that_was_asked_all_the_same_comes_back_by_a_success_alone(void **state)
{
    struct server_health health = ejected_at(100000);
    for (int i = 0; i < 100; i++)
        assert_false(health_failed(&health, 101000, 102000, &config));
    assert_int_equal(health.until_ms, 105000);
    assert_true(health_succeeded(&health, 103000, 103500, &config));
    assert_int_equal(health_verdict(&health, 103500), HEALTH_USABLE);
}

static void no_server_is_ejected_without_max_fails(void **state)
{
    const struct upstream_config never = {.max_fails = 0, .fail_timeout_ms = 5000};
    struct server_health health = {.fails = 0};
    for (int i = 0; i < 1000; i++)
        assert_false(health_failed(&health, 1, 1, &never));
    assert_int_equal(health_pack(&health), 0);
}

static void checks_count_before_they_decide(void **state)
{
    /* g good, b bad, d drain; then what is expected after each: U up, D down, R drain. */
    static const struct {
        const char *results, *states;
    } rows[] = {
        {"gggg", "UUUU"},         {"bb", "UD"}, {"bgbgb", "UUUUU"}, {"bbggg", "UDDDU"},
        {"bbggbggg", "UDDDDDDU"}, {"dg", "RU"}, {"dbb", "RRD"},     {"bbddd", "UDDDR"},
        {"bdb", "URR"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct server_health health = {.fails = 0};
        for (size_t k = 0; rows[i].results[k]; k++) {
            enum check_state before = health.check;
            char c = rows[i].results[k];
            bool is_told = health_checked(&health,
                                          c == 'g'   ? CHECK_RESULT_GOOD
                                          : c == 'b' ? CHECK_RESULT_BAD
                                                     : CHECK_RESULT_DRAIN,
                                          1000, &config);
            if ("UDR"[health.check] != rows[i].states[k])
                fail_msg("%s: after %zu results it is %c", rows[i].results, k + 1,
                         "UDR"[health.check]);
            assert_int_equal(is_told, before != health.check);
        }
    }
}

static void a_server_that_checks_bring_back_is_no_longer_ejected(void **state)
{
    struct server_health health = ejected_at(100000);
    health.check = CHECK_DOWN;
    assert_int_equal(health_verdict(&health, 100000), HEALTH_DOWN);
    for (int i = 0; i < 3; i++)
        (void)health_checked(&health, CHECK_RESULT_GOOD, 101000, &config);
    assert_int_equal(health_verdict(&health, 101000), HEALTH_USABLE);
    assert_int_equal(health.until_ms, 101000);
}

static void what_an_earlier_configuration_said_is_forgotten_with_its_reason(void **state)
{
    const struct upstream_config both = {.check = (char *)(uintptr_t) "/", .max_fails = 1};
    const struct upstream_config no_check = {.max_fails = 1}, no_fails = {.check = both.check};
    const struct server_health down = {.check = CHECK_DOWN};
    const struct server_health ejected = {.is_ejected = true, .until_ms = 100};
    struct server_health health = health_of_word(health_pack(&down), &both);
    assert_int_equal(health_verdict(&health, 1), HEALTH_DOWN);
    assert_string_equal(health_word(&health, 1), "down");
    health = health_of_word(health_pack(&down), &no_check);
    assert_int_equal(health_verdict(&health, 1), HEALTH_USABLE);
    health = health_of_word(health_pack(&ejected), &no_check);
    assert_int_equal(health_verdict(&health, 1), HEALTH_EJECTED);
    health = health_of_word(health_pack(&ejected), &no_fails);
    assert_int_equal(health_verdict(&health, 1), HEALTH_USABLE);
}

static void a_server_that_is_back_gets_its_share_by_and_by(void **state)
{
    struct server_health health = {.until_ms = 100000};
    assert_int_equal(health_share(&health, 100000, 10000), 1);
    assert_int_equal(health_share(&health, 105000, 10000), HEALTH_SHARE_WHOLE / 2);
    assert_int_equal(health_share(&health, 110000, 10000), HEALTH_SHARE_WHOLE);
    assert_int_equal(health_share(&health, 100000, 0), HEALTH_SHARE_WHOLE);
    health.until_ms = 0; /* it has never been away */
    assert_int_equal(health_share(&health, 5, 10000), HEALTH_SHARE_WHOLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_goes_into_the_word_and_out_again),
        cmocka_unit_test(only_a_server_that_is_to_be_asked_is_plain),
        cmocka_unit_test(an_admin_has_the_last_word),
        cmocka_unit_test(who_comes_back_from_an_admin_starts_anew),
        cmocka_unit_test(the_greater_order_of_two_words_counts),
        cmocka_unit_test(failures_in_a_row_eject_and_a_success_between_them_does_not),
        cmocka_unit_test(a_trial_is_for_one_request_until_it_has_had_its_time),
        cmocka_unit_test(each_trial_that_fails_doubles_the_time_up_to_a_minute),
        cmocka_unit_test(the_time_starts_anew_after_a_minute_without_trouble),
        cmocka_unit_test(what_began_before_an_ejection_changes_nothing),
        cmocka_unit_test(a_server_that_was_asked_all_the_same_comes_back_by_a_success_alone),
        cmocka_unit_test(no_server_is_ejected_without_max_fails),
        cmocka_unit_test(checks_count_before_they_decide),
        cmocka_unit_test(a_server_that_checks_bring_back_is_no_longer_ejected),
        cmocka_unit_test(what_an_earlier_configuration_said_is_forgotten_with_its_reason),
        cmocka_unit_test(a_server_that_is_back_gets_its_share_by_and_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
