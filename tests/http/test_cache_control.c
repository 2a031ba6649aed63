/* SPDX-License-Identifier: MIT */
/* test_cache_control.c - lists of directives as servers and clients write them. */
#include "support/unit.h"

#include "http/cache_control.h"

struct row {
    const char *lines[3];
    enum cache_directive directive;
    int64_t seconds; /* -1: broken; -2: not there; -3: there, without seconds */
};

static int64_t read_directive(const struct row *row)
{
    struct cache_control control = {.present = 0};

    for (unsigned i = 0; i < COUNT_OF(row->lines) && row->lines[i]; i++)
        cache_control_add(&control, slice_from_string(row->lines[i]));
    if (!cache_control_has(&control, row->directive))
        return -2;
    if (row->directive >= CC_SECONDS_COUNT)
        return -3;
    if ((control.broken & BIT(row->directive)) != 0) {
        assert_int_equal(control.seconds[row->directive], 0);
        return -1;
    }
    return control.seconds[row->directive];
}

static void check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int64_t got = read_directive(&rows[i]);

        if (got != rows[i].seconds)
            fail_msg("'%s' (row %zu): %lld, expected %lld", rows[i].lines[0], i, (long long)got,
                     (long long)rows[i].seconds);
    }
}

static void a_number_of_seconds_is_read(void **state)
{
    static const struct row rows[] = {
        {{"max-age=60"}, CC_MAX_AGE, 60},
        {{"MAX-age=60"}, CC_MAX_AGE, 60},
        {{"max-age=\"60\""}, CC_MAX_AGE, 60},
        {{" no-cache ,\tmax-age=7 "}, CC_MAX_AGE, 7},
        {{"s-maxage=5,max-age=6"}, CC_S_MAXAGE, 5},
        {{"s-maxage=5,max-age=6"}, CC_MAX_AGE, 6},
        {{"a=b", "max-age=1"}, CC_MAX_AGE, 1},
        {{"stale-while-revalidate=30"}, CC_STALE_WHILE_REVALIDATE, 30},
        {{"stale-if-error=31"}, CC_STALE_IF_ERROR, 31},
        {{"max-stale"}, CC_MAX_STALE, DELTA_SECONDS_MAX},
        {{"max-stale=4"}, CC_MAX_STALE, 4},
        {{"min-fresh=4"}, CC_MIN_FRESH, 4},
        {{"max-age=0060"}, CC_MAX_AGE, 60},
        {{"max-age=2147483648"}, CC_MAX_AGE, DELTA_SECONDS_MAX},
        {{"max-age=4294967297"}, CC_MAX_AGE, DELTA_SECONDS_MAX},
        {{"max-age=99999999999999999999999999999999"}, CC_MAX_AGE, DELTA_SECONDS_MAX},
    };
    check(rows, COUNT_OF(rows));
}

static void what_is_no_number_is_none(void **state)
{
    static const struct row rows[] = {
        {{"max-age="}, CC_MAX_AGE, -1},     {{"max-age"}, CC_MAX_AGE, -1},
        {{"max-age=-1"}, CC_MAX_AGE, -1},   {{"max-age=1.5"}, CC_MAX_AGE, -1},
        {{"max-age=60s"}, CC_MAX_AGE, -1},  {{"max-age= 60"}, CC_MAX_AGE, -1},
        {{"max-age=+60"}, CC_MAX_AGE, -1},  {{"max-age=\"\""}, CC_MAX_AGE, -1},
        {{"max-age=\"60"}, CC_MAX_AGE, -1}, {{"max-age='60'"}, CC_MAX_AGE, -1},
        {{"max-age =60"}, CC_MAX_AGE, -2},  {{"xmax-age=60"}, CC_MAX_AGE, -2},
        {{"max-age;=60"}, CC_MAX_AGE, -2},  {{"max-stale=x"}, CC_MAX_STALE, -1},
        {{"max-age=0x10"}, CC_MAX_AGE, -1}, {{""}, CC_MAX_AGE, -2},
    };
    check(rows, COUNT_OF(rows));
}

static void of_two_that_differ_neither_is_believed(void **state)
{
    static const struct row rows[] = {
        {{"max-age=1, max-age=2"}, CC_MAX_AGE, -1},
        {{"max-age=2, max-age=1"}, CC_MAX_AGE, -1},
        {{"max-age=2, max-age=2"}, CC_MAX_AGE, 2},
        {{"max-age=2", "max-age=3"}, CC_MAX_AGE, -1},
        {{"max-age=2, max-age=x"}, CC_MAX_AGE, -1},
        {{"max-age=x, max-age=2"}, CC_MAX_AGE, -1},
        {{"max-age=x, max-age=2, max-age=2"}, CC_MAX_AGE, -1},
    };
    check(rows, COUNT_OF(rows));
}

static void words_are_compared_whole_and_without_case(void **state)
{
    static const struct row rows[] = {
        {{"no-store"}, CC_NO_STORE, -3},
        {{"No-Store"}, CC_NO_STORE, -3},
        {{"no-store=x"}, CC_NO_STORE, -3},
        {{"xno-store"}, CC_NO_STORE, -2},
        {{"no-storex"}, CC_NO_STORE, -2},
        {{"private"}, CC_PRIVATE, -3},
        {{"private=\"set-cookie\""}, CC_PRIVATE, -3},
        {{"no-cache=\"set-cookie, x\", public"}, CC_NO_CACHE, -3},
        {{"no-cache=\"set-cookie, x\", public"}, CC_PUBLIC, -3},
        {{",,public,,"}, CC_PUBLIC, -3},
        {{"must-revalidate"}, CC_MUST_REVALIDATE, -3},
        {{"proxy-revalidate"}, CC_PROXY_REVALIDATE, -3},
        {{"must-understand"}, CC_MUST_UNDERSTAND, -3},
        {{"only-if-cached"}, CC_ONLY_IF_CACHED, -3},
        {{"no-transform"}, CC_NO_TRANSFORM, -3},
        {{"immutable, public"}, CC_PUBLIC, -3},
    };
    check(rows, COUNT_OF(rows));
}

static void a_quote_holds_no_directives(void **state)
{
    static const struct row rows[] = {
        {{"ext=\"public, max-age=5\""}, CC_PUBLIC, -2},
        {{"ext=\"a, max-age=5\", max-age=6"}, CC_MAX_AGE, 6},
        {{"ext=\"a\\\", max-age=5\", max-age=6"}, CC_MAX_AGE, 6},
        {{"ext=\"a, max-age=5"}, CC_MAX_AGE, -2},
        {{"ext=\"a\\"}, CC_MAX_AGE, -2},
        {{"\"max-age=5\""}, CC_MAX_AGE, -2},
    };
    check(rows, COUNT_OF(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_of_seconds_is_read),
        cmocka_unit_test(what_is_no_number_is_none),
        cmocka_unit_test(of_two_that_differ_neither_is_believed),
        cmocka_unit_test(words_are_compared_whole_and_without_case),
        cmocka_unit_test(a_quote_holds_no_directives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
