/* SPDX-License-Identifier: MIT */
/* test_http_date.c - the three forms of a date, against the C library and by hand. */
#include "support/unit.h"

#include "http/http_date.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define NOV_1994 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */
#define NOV_2026 1795515342
#define YEAR_9999_END 253402300799

static void assert_date(const char *text, time_t now, int err, time_t expected)
{
    size_t len = strlen(text);
    char *copy = malloc(len ? len : 1); /* exactly so long, for a sanitizer */
    time_t got = 4711;

    assert_non_null(copy);
    memcpy(copy, text, len);
    if (http_date_parse(slice_of(copy, len), now, &got) != err)
        fail_msg("'%s': expected %d", text, err);
    if (got != (err ? 4711 : expected))
        fail_msg("'%s': %lld, expected %lld", text, (long long)got, (long long)expected);
    free(copy);
}

static void assert_formatted(time_t seconds, const char *expected)
{
    char out[HTTP_DATE_SIZE + 1];

    out[HTTP_DATE_SIZE] = '\0';
    http_date_format(out, seconds);
    assert_string_equal(out, expected);
}

static void dates_are_written_as_imf_fixdate(void **state)
{
    assert_formatted(0, "Thu, 01 Jan 1970 00:00:00 GMT");
    assert_formatted(NOV_1994, "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_formatted(951782400, "Tue, 29 Feb 2000 00:00:00 GMT");
    assert_formatted(1709164799, "Wed, 28 Feb 2024 23:59:59 GMT");
    assert_formatted(1709251199, "Thu, 29 Feb 2024 23:59:59 GMT");
    assert_formatted(1709251200, "Fri, 01 Mar 2024 00:00:00 GMT");
    assert_formatted(2147483648, "Tue, 19 Jan 2038 03:14:08 GMT");
    assert_formatted(4107542400, "Mon, 01 Mar 2100 00:00:00 GMT");
    assert_formatted(4107542399, "Sun, 28 Feb 2100 23:59:59 GMT");
    assert_formatted(YEAR_9999_END, "Fri, 31 Dec 9999 23:59:59 GMT");
}

static void times_out_of_range_are_brought_into_it(void **state)
{
    assert_formatted(-1, "Thu, 01 Jan 1970 00:00:00 GMT");
    assert_formatted(INT64_MIN, "Thu, 01 Jan 1970 00:00:00 GMT");
    assert_formatted(YEAR_9999_END + 1, "Fri, 31 Dec 9999 23:59:59 GMT");
    assert_formatted(INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT");
}

static void all_three_forms_are_read(void **state)
{
    assert_date("Sun, 06 Nov 1994 08:49:37 GMT", NOV_2026, 0, NOV_1994);
    assert_date("Sunday, 06-Nov-94 08:49:37 GMT", NOV_2026, 0, NOV_1994);
    assert_date("Sun Nov  6 08:49:37 1994", NOV_2026, 0, NOV_1994);
    assert_date("Sun Nov 16 08:49:37 1994", NOV_2026, 0, NOV_1994 + 10 * 86400);
    assert_date("Sun Nov 06 08:49:37 1994", NOV_2026, 0, NOV_1994);
}

static void the_name_of_the_day_is_not_compared(void **state)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const long_days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                            "Thursday", "Friday", "Saturday"};
    char text[64];

    for (size_t i = 0; i < COUNT_OF(days); i++) {
        snprintf(text, sizeof(text), "%s, 06 Nov 1994 08:49:37 GMT", days[i]);
        assert_date(text, NOV_2026, 0, NOV_1994);
        snprintf(text, sizeof(text), "%s, 06-Nov-94 08:49:37 GMT", long_days[i]);
        assert_date(text, NOV_2026, 0, NOV_1994);
        snprintf(text, sizeof(text), "%s Nov  6 08:49:37 1994", days[i]);
        assert_date(text, NOV_2026, 0, NOV_1994);
    }
}

static void every_month_has_its_own_length(void **state)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    time_t start = 1672531200; /* 1 Jan 2023 */

    for (size_t i = 0; i < COUNT_OF(months); i++) {
        char text[64];

        for (unsigned day = 0; day <= 32; day++) {
            bool valid = day >= 1 && day <= days[i];

            snprintf(text, sizeof(text), "Mon, %02u %s 2023 00:00:00 GMT", day, months[i]);
            assert_date(text, NOV_2026, valid ? 0 : -EINVAL, start + ((time_t)day - 1) * 86400);
            snprintf(text, sizeof(text), "Mon %s %2u 00:00:00 2023", months[i], day);
            assert_date(text, NOV_2026, valid ? 0 : -EINVAL, start + ((time_t)day - 1) * 86400);
        }
        start += (time_t)days[i] * 86400;
    }
}

static void leap_days_exist_in_leap_years_only(void **state)
{
    static const struct {
        unsigned year;
        bool is_leap;
    } rows[] = {{1972, true},  {1999, false}, {2000, true},  {2023, false},
                {2024, true},  {2100, false}, {2200, false}, {2400, true},
                {1900, false}, {1600, true},  {9996, true},  {9999, false}};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[64];
        time_t got;

        snprintf(text, sizeof(text), "Mon, 29 Feb %u 12:00:00 GMT", rows[i].year);
        assert_int_equal(http_date_parse(slice_from_string(text), NOV_2026, &got),
                         rows[i].is_leap ? 0 : -EINVAL);
    }
}

static void the_clock_ends_at_midnight(void **state)
{
    assert_date("Sun, 06 Nov 1994 00:00:00 GMT", NOV_2026, 0, NOV_1994 - 31777);
    assert_date("Sun, 06 Nov 1994 23:59:59 GMT", NOV_2026, 0, NOV_1994 - 31777 + 86399);
    assert_date("Sun, 06 Nov 1994 24:00:00 GMT", NOV_2026, -EINVAL, 0);
    assert_date("Sun, 06 Nov 1994 23:60:00 GMT", NOV_2026, -EINVAL, 0);
    assert_date("Sun, 06 Nov 1994 23:59:60 GMT", NOV_2026, -EINVAL, 0);
    assert_date("Sun, 06 Nov 1994 99:99:99 GMT", NOV_2026, -EINVAL, 0);
}

static void dates_before_1970_are_negative(void **state)
{
    assert_date("Wed, 31 Dec 1969 23:59:59 GMT", NOV_2026, 0, -1);
    assert_date("Mon, 01 Jan 1900 00:00:00 GMT", NOV_2026, 0, -2208988800);
    assert_date("Sat, 01 Jan 0000 00:00:00 GMT", NOV_2026, 0, -62167219200);
    assert_date("Fri, 31 Dec 9999 23:59:59 GMT", NOV_2026, 0, YEAR_9999_END);
}

static void two_digits_mean_a_year_at_most_50_ahead(void **state)
{
    static const struct {
        const char *text;
        time_t now;
        const char *same;
    } rows[] = {
        {"Tuesday, 24-Nov-26 10:15:42 GMT", NOV_2026, "Tue, 24 Nov 2026 10:15:42 GMT"},
        {"Monday, 01-Jan-70 00:00:00 GMT", NOV_2026, "Mon, 01 Jan 2070 00:00:00 GMT"},
        {"Monday, 01-Jan-76 00:00:00 GMT", NOV_2026, "Mon, 01 Jan 2076 00:00:00 GMT"},
        {"Monday, 24-Nov-76 10:15:42 GMT", NOV_2026, "Mon, 24 Nov 2076 10:15:42 GMT"},
        {"Monday, 24-Nov-76 10:15:43 GMT", NOV_2026, "Mon, 24 Nov 1976 10:15:43 GMT"},
        {"Monday, 01-Jan-77 00:00:00 GMT", NOV_2026, "Mon, 01 Jan 1977 00:00:00 GMT"},
        {"Monday, 31-Dec-99 23:59:59 GMT", NOV_2026, "Mon, 31 Dec 1999 23:59:59 GMT"},
        {"Monday, 01-Jan-00 00:00:00 GMT", NOV_2026, "Mon, 01 Jan 2000 00:00:00 GMT"},
        {"Monday, 29-Feb-80 00:00:00 GMT", NOV_2026, "Mon, 29 Feb 1980 00:00:00 GMT"},
        {"Monday, 29-Feb-28 00:00:00 GMT", NOV_2026, "Mon, 29 Feb 2028 00:00:00 GMT"},
        {"Monday, 06-Nov-94 08:49:37 GMT", NOV_1994, "Mon, 06 Nov 1994 08:49:37 GMT"},
        {"Monday, 06-Nov-30 08:49:37 GMT", NOV_1994, "Mon, 06 Nov 1930 08:49:37 GMT"},
        {"Monday, 01-Jan-50 00:00:00 GMT", 0, "Mon, 01 Jan 1950 00:00:00 GMT"},
        {"Monday, 01-Jan-19 00:00:00 GMT", 0, "Mon, 01 Jan 1919 00:00:00 GMT"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        time_t expected;

        assert_int_equal(http_date_parse(slice_from_string(rows[i].same), 0, &expected), 0);
        assert_date(rows[i].text, rows[i].now, 0, expected);
    }
    assert_date("Monday, 29-Feb-99 00:00:00 GMT", NOV_2026, -EINVAL, 0);
}

static void anything_else_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "0",
        "-1",
        "784111777",
        "now",
        "Sun",
        "Sun, ",
        "Sunday, ",
        "Sun, 06 Nov 1994 08:49:37 GM",
        "Sun, 06 Nov 1994 08:49:37 GMTx",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        " Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 gmt",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov 01994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 NOV 1994 08:49:37 GMT",
        "Son, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 06 anF 1994 08:49:37 GMT",
        "Sun,06 Nov 1994 08:49:37 GMT",
        "Sun, 06  Nov 1994 08:49:37 GMT",
        "Sun, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 6-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sunday 06-Nov-94 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov  6 08:49:37 94",
        "Sun Nov  6 08:49:37 1994 GMT",
        "Sun Nov 6  08:49:37 1994",
        "Sun Nov  0 08:49:37 1994",
        "Sun Nov  06 08:49:37 1994",
        "Sun, +6 Nov 1994 08:49:37 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT",
        "Sun, 0x Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov -994 08:49:37 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:3  GMT",
        "Sun, 06 Nov 1994 08.49.37 GMT",
        "Sun, 06 Nov 1994T08:49:37 GMT",
        "1994-11-06T08:49:37Z",
        "06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT; length=5",
        "\xff\xff\xff, 06 Nov 1994 08:49:37 GMT",
    };

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_date(texts[i], NOV_2026, -EINVAL, 0);
}

static void a_date_cut_anywhere_is_refused(void **state)
{
    static const char *const forms[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
                                        "Sunday, 06-Nov-94 08:49:37 GMT",
                                        "Sun Nov  6 08:49:37 1994"};
    char text[64];

    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        for (size_t len = 0; len < strlen(forms[i]); len++) {
            memcpy(text, forms[i], len);
            text[len] = '\0';
            assert_date(text, NOV_2026, -EINVAL, 0);
        }
    }
}

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 16;
}

/* Against the C library, in the C locale, all over 1970 to 9999. */
static void what_is_written_is_read_back(void **state)
{
    uint64_t seed = 3;

    for (unsigned round = 0; round < 100000; round++) {
        time_t seconds = (time_t)(next_random(&seed) % (YEAR_9999_END + 1));
        char out[HTTP_DATE_SIZE + 1];
        char expected[64];
        char asctime_text[64];
        struct tm tm;

        http_date_format(out, seconds);
        out[HTTP_DATE_SIZE] = '\0';
        assert_non_null(gmtime_r(&seconds, &tm));
        assert_int_equal(strftime(expected, sizeof(expected), "%a, %d %b %Y %H:%M:%S GMT", &tm),
                         HTTP_DATE_SIZE);
        assert_string_equal(out, expected);
        assert_date(out, NOV_2026, 0, seconds);
        strftime(asctime_text, sizeof(asctime_text), "%a %b %e %H:%M:%S %Y", &tm);
        assert_date(asctime_text, NOV_2026, 0, seconds);
    }
}

/* Every day from 1970 to 2500, at its first and its last second. */
static void every_day_is_right(void **state)
{
    for (time_t day = 0; day < 193578; day++) {
        char out[HTTP_DATE_SIZE];
        time_t got;
        struct tm tm;
        time_t last = day * 86400 + 86399;

        http_date_format(out, last);
        assert_int_equal(http_date_parse(slice_of(out, sizeof(out)), NOV_2026, &got), 0);
        assert_int_equal(got, last);
        assert_non_null(gmtime_r(&last, &tm));
        assert_int_equal((out[5] - '0') * 10 + (out[6] - '0'), tm.tm_mday);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_written_as_imf_fixdate),
        cmocka_unit_test(times_out_of_range_are_brought_into_it),
        cmocka_unit_test(all_three_forms_are_read),
        cmocka_unit_test(the_name_of_the_day_is_not_compared),
        cmocka_unit_test(every_month_has_its_own_length),
        cmocka_unit_test(leap_days_exist_in_leap_years_only),
        cmocka_unit_test(the_clock_ends_at_midnight),
        cmocka_unit_test(dates_before_1970_are_negative),
        cmocka_unit_test(two_digits_mean_a_year_at_most_50_ahead),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(a_date_cut_anywhere_is_refused),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(every_day_is_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
