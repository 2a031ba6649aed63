/* SPDX-License-Identifier: MIT */
/* test_freshness.c - lifetimes and ages of replies (RFC 9111 section 4.2). */
#include "support/unit.h"

#include "http/freshness.h"
#include "http/header_lines.h"

#include <stdio.h>

#define NOW 1000000000 /* Sun, 09 Sep 2001 01:46:40 GMT */
#define DATE "Date: Sun, 09 Sep 2001 01:46:40 GMT\n"
#define EARLIER "Date: Sun, 09 Sep 2001 01:45:00 GMT\n" /* by 100 s */

static struct freshness of(const char *lines, unsigned status, time_t delay, bool uses_heuristic)
{
    struct header_lines headers;
    struct caching_fields fields;

    header_lines_read(&headers, lines);
    caching_fields_read(&headers.table, NOW, &fields);
    return freshness_of(&fields, status, &(struct exchange_times){NOW - delay, NOW},
                        uses_heuristic);
}

static void a_lifetime_is_what_comes_first_of_those_that_are_given(void **state)
{
    static const struct {
        const char *lines;
        uint32_t lifetime;
    } rows[] = {
        {"Cache-Control: max-age=60", 60},
        {"Cache-Control: max-age=60, s-maxage=5", 5},
        {"Cache-Control: s-maxage=0\nCache-Control: max-age=60", 0},
        {"Cache-Control: s-maxage=x, max-age=60", 0},
        {"Cache-Control: max-age=x\nExpires: Sun, 09 Sep 2001 01:47:40 GMT", 0},
        {"Cache-Control: max-age=60, max-age=61", 0},
        {"Cache-Control: max-age=60, no-cache", 0},
        {"Cache-Control: max-age=60, no-cache=\"x-y\"", 0},
        {DATE "Expires: Sun, 09 Sep 2001 01:47:40 GMT", 60},
        {EARLIER "Expires: Sun, 09 Sep 2001 01:47:40 GMT", 160},
        {"Expires: Sun, 09 Sep 2001 01:47:40 GMT", 60},
        {DATE "Expires: Sun, 09 Sep 2001 01:45:00 GMT", 0},
        {DATE "Expires: 0", 0},
        {DATE "Expires: -1\nLast-Modified: Sun, 09 Sep 2001 01:30:00 GMT", 0},
        {DATE "Expires: Sun, 09 Sep 2001 01:47:40 GMT\nExpires: 0", 0},
        {DATE "Expires: Sun, 09 Sep 2001 01:47:40 GMT\nCache-Control: max-age=5", 5},
        {DATE "Expires: Sunday, 09-Sep-01 01:47:40 GMT", 60},
        {DATE "expires: Sun Sep  9 01:47:40 2001", 60},
        {DATE, 0},
        {"Pragma: no-cache", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct freshness got = of(rows[i].lines, 200, 0, true);

        if (got.lifetime != rows[i].lifetime)
            fail_msg("'%s': %u, expected %u", rows[i].lines, got.lifetime, rows[i].lifetime);
    }
}

static void a_guess_is_a_tenth_of_the_age_a_day_at_most_and_only_when_asked_for(void **state)
{
    const char *young = DATE "Last-Modified: Sun, 09 Sep 2001 01:30:00 GMT"; /* 1000 s */
    const char *old = DATE "Last-Modified: Sun, 09 Sep 1990 01:30:00 GMT";

    assert_int_equal(of(young, 200, 0, true).lifetime, 100);
    assert_int_equal(of(young, 200, 0, false).lifetime, 0);
    assert_int_equal(of(young, 301, 0, true).lifetime, 100);
    assert_int_equal(of(young, 302, 0, true).lifetime, 0);
    assert_int_equal(of(young, 404, 0, true).lifetime, 0);
    assert_int_equal(of(young, 500, 0, true).lifetime, 0);
    assert_int_equal(of(old, 200, 0, true).lifetime, 86400);
    assert_int_equal(of(DATE "Last-Modified: soon", 200, 0, true).lifetime, 0);
    assert_int_equal(
        of(EARLIER "Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT", 200, 0, true).lifetime, 0);
}

static void the_age_at_arrival_is_the_larger_of_what_age_and_date_say(void **state)
{
    static const struct {
        const char *lines;
        time_t delay;
        uint32_t age;
    } rows[] = {
        {DATE, 0, 0},
        {DATE, 3, 3},
        {EARLIER, 0, 100},
        {EARLIER, 3, 100},
        {DATE "Age: 10", 0, 10},
        {DATE "Age: 10", 3, 13},
        {EARLIER "Age: 10", 3, 100},
        {EARLIER "Age: 200", 3, 203},
        {"Age: 10", 0, 10},
        {"Age: 10, 20", 0, 10},
        {"Age: 10\nAge: 20", 0, 10},
        {"Age: -1", 0, 0},
        {"Age: 1.5", 0, 0},
        {"Age: x", 2, 2},
        {"Age: 99999999999999999999", 2, DELTA_SECONDS_MAX},
        {"Date: Sun, 09 Sep 2001 01:47:40 GMT", 0, 0}, /* of the future */
        {"Date: Thu, 01 Jan 1970 00:00:00 GMT", 0, NOW},
        {EARLIER DATE, 1, 1}, /* two: neither is believed */
        {"Date: yesterday", 1, 1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct freshness got = of(rows[i].lines, 200, rows[i].delay, false);

        if (got.age != rows[i].age)
            fail_msg("'%s': %u, expected %u", rows[i].lines, got.age, rows[i].age);
    }
}

static void age_grows_with_the_clock_and_never_shrinks_below_that_of_arrival(void **state)
{
    struct freshness freshness = of(DATE "Age: 10\nCache-Control: max-age=60", 200, 0, false);

    assert_int_equal(freshness_age(&freshness, NOW), 10);
    assert_int_equal(freshness_age(&freshness, NOW + 7), 17);
    assert_int_equal(freshness_age(&freshness, NOW - 7), 10);
    assert_int_equal(freshness_ttl(&freshness, NOW), 50);
    assert_int_equal(freshness_ttl(&freshness, NOW + 50), 0);
    assert_int_equal(freshness_ttl(&freshness, NOW + 70), -20);
}

static void stale_may_be_used_within_its_windows_only(void **state)
{
    struct freshness freshness = of(
        "Cache-Control: max-age=10, stale-while-revalidate=5, stale-if-error=8", 200, 0, false);

    assert_true(freshness_may_serve_while(&freshness, NOW + 14));
    assert_false(freshness_may_serve_while(&freshness, NOW + 15));
    assert_true(freshness_may_serve_on_error(&freshness, NOW + 17));
    assert_false(freshness_may_serve_on_error(&freshness, NOW + 18));
}

static void stale_is_never_used_when_the_server_forbids_it(void **state)
{
    static const char *const words[] = {"must-revalidate", "proxy-revalidate", "s-maxage=10",
                                        "no-cache", "no-cache=\"x\""};
    char line[160];

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        struct freshness freshness;

        (void)snprintf(line, sizeof(line),
                       "Cache-Control: max-age=10, stale-while-revalidate=5\n"
                       "Cache-Control: stale-if-error=8, %s",
                       words[i]);
        freshness = of(line, 200, 0, false);
        if (freshness.swr != 0 || freshness.sie != 0)
            fail_msg("%s", words[i]);
    }
}

static void fields_that_matter_are_found(void **state)
{
    struct header_lines headers;
    struct caching_fields fields;

    header_lines_read(&headers, "Set-Cookie: a=b\nVARY: accept, *\nETag: \"x\"\nEtag: \"y\"");
    caching_fields_read(&headers.table, NOW, &fields);
    assert_true(fields.has_set_cookie);
    assert_true(fields.varies);
    assert_true(fields.varies_on_all);
    assert_true(slice_equal(fields.etag, SLICE_LITERAL("\"x\"")));
    assert_false(fields.has_expires);

    header_lines_read(&headers, "Vary: ,\nX-Set-Cookie: x");
    caching_fields_read(&headers.table, NOW, &fields);
    assert_false(fields.varies);
    assert_false(fields.has_set_cookie);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lifetime_is_what_comes_first_of_those_that_are_given),
        cmocka_unit_test(a_guess_is_a_tenth_of_the_age_a_day_at_most_and_only_when_asked_for),
        cmocka_unit_test(the_age_at_arrival_is_the_larger_of_what_age_and_date_say),
        cmocka_unit_test(age_grows_with_the_clock_and_never_shrinks_below_that_of_arrival),
        cmocka_unit_test(stale_may_be_used_within_its_windows_only),
        cmocka_unit_test(stale_is_never_used_when_the_server_forbids_it),
        cmocka_unit_test(fields_that_matter_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
