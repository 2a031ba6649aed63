/* SPDX-License-Identifier: MIT */
/* test_range.c - what of a Range field is a range. */
#include "support/unit.h"

#include "http/range.h"

#include <stdio.h>
#include <stdlib.h>

/* The answer as text: "whole", "416", or "first+length" of each range. */
static void ask(struct slice value, uint64_t size, char *out, size_t capacity)
{
    struct byte_range ranges[RANGE_COUNT_MAX];
    unsigned count = 4711;
    size_t len = 0;
    char *copy = malloc(value.len ? value.len : 1); /* exactly so long, for a sanitizer */
    enum range_result result;

    assert_non_null(copy);
    if (value.len > 0)
        memcpy(copy, value.data, value.len);
    result = range_parse(slice_of(copy, value.len), size, ranges, &count);
    free(copy);
    switch (result) {
    case RANGE_WHOLE:
        assert_int_equal(count, 4711);
        snprintf(out, capacity, "whole");
        return;
    case RANGE_UNSATISFIABLE:
        assert_int_equal(count, 4711);
        snprintf(out, capacity, "416");
        return;
    case RANGE_PARTIAL: break;
    }
    assert_in_range(count, 1, RANGE_COUNT_MAX);
    for (unsigned i = 0; i < count; i++) {
        assert_true(ranges[i].length >= 1);
        assert_true(ranges[i].first < size && ranges[i].length <= size - ranges[i].first);
        len += (size_t)snprintf(out + len, capacity - len, "%s%llu+%llu", i ? " " : "",
                                (unsigned long long)ranges[i].first,
                                (unsigned long long)ranges[i].length);
        assert_true(len < capacity);
    }
}

struct row {
    const char *value;
    uint64_t size;
    const char *expected;
};

static void check(const struct row *rows, size_t count)
{
    char got[1024];

    for (size_t i = 0; i < count; i++) {
        ask(slice_from_string(rows[i].value), rows[i].size, got, sizeof(got));
        if (strcmp(got, rows[i].expected) != 0)
            fail_msg("'%s' of %llu: '%s', expected '%s'", rows[i].value,
                     (unsigned long long)rows[i].size, got, rows[i].expected);
    }
}

static void a_single_range_is_cut_to_the_size(void **state)
{
    static const struct row rows[] = {
        {"bytes=0-0", 10, "0+1"},   {"bytes=0-4", 10, "0+5"},     {"bytes=5-9", 10, "5+5"},
        {"bytes=5-", 10, "5+5"},    {"bytes=9-", 10, "9+1"},      {"bytes=9-9", 10, "9+1"},
        {"bytes=5-100", 10, "5+5"}, {"bytes=-1", 10, "9+1"},      {"bytes=-5", 10, "5+5"},
        {"bytes=-100", 10, "0+10"}, {"bytes=007-008", 10, "7+2"}, {"bytes=-0005", 10, "5+5"},
        {"bytes=0-", 1, "0+1"},
    };

    check(rows, COUNT_OF(rows));
}

static void a_single_range_over_everything_is_still_one(void **state)
{
    static const struct row rows[] = {
        {"bytes=0-", 10, "0+10"},
        {"bytes=0-9", 10, "0+10"},
        {"bytes=-10", 10, "0+10"},
        {"bytes=0-9,20-30", 10, "0+10"}, /* one is left */
    };

    check(rows, COUNT_OF(rows));
}

static void what_starts_behind_the_end_is_not_satisfiable(void **state)
{
    static const struct row rows[] = {
        {"bytes=10-", 10, "416"},     {"bytes=10-10", 10, "416"},
        {"bytes=100-200", 10, "416"}, {"bytes=-0", 10, "416"},
        {"bytes=-000", 10, "416"},    {"bytes=10-,20-", 10, "416"},
        {"bytes=-0,-0", 10, "416"},   {"bytes=10-,0-1", 10, "0+2"},
        {"bytes=0-1,-0", 10, "0+2"},  {"bytes=0-1,10-,5-6", 10, "0+2 5+2"},
    };

    check(rows, COUNT_OF(rows));
}

static void nothing_has_no_first_byte(void **state)
{
    static const struct row rows[] = {
        {"bytes=0-", 0, "416"},  {"bytes=0-0", 0, "416"},  {"bytes=-0", 0, "416"},
        {"bytes=1-", 0, "416"},  {"bytes=-1", 0, "whole"}, {"bytes=-5,0-", 0, "whole"},
        {"bytes=x", 0, "whole"}, {"", 0, "whole"},
    };

    check(rows, COUNT_OF(rows));
}

static void several_ranges_keep_their_order(void **state)
{
    static const struct row rows[] = {
        {"bytes=0-1,4-5", 10, "0+2 4+2"},
        {"bytes=4-5,0-1", 10, "4+2 0+2"},
        {"bytes=-1,0-0", 10, "9+1 0+1"},
        {"bytes=0-1,2-3", 10, "0+2 2+2"}, /* side by side is no overlap */
        {"bytes=0-0,2-2,4-4,6-6,8-8", 10, "0+1 2+1 4+1 6+1 8+1"},
        {"bytes=8-,0-6", 10, "8+2 0+7"},
    };

    check(rows, COUNT_OF(rows));
}

static void ranges_that_amplify_get_the_whole(void **state)
{
    static const struct row rows[] = {
        {"bytes=0-5,5-8", 10, "whole"},
        {"bytes=5-8,0-5", 10, "whole"},
        {"bytes=0-1,0-1", 10, "whole"},
        {"bytes=0-8,2-3", 10, "whole"},
        {"bytes=2-3,0-8", 10, "whole"},
        {"bytes=0-,0-", 10, "whole"},
        {"bytes=-3,8-", 10, "whole"},
        {"bytes=0-4,5-9", 10, "whole"}, /* adds up to all */
        {"bytes=5-9,0-4", 10, "whole"},
        {"bytes=0-4,5-", 10, "whole"},
        {"bytes=0-1,2-3,-6", 10, "whole"},
        {"bytes=0-0,2-2,4-4,6-6,8-8,8-8", 10, "whole"},
        {"bytes=5-,4-,3-,2-,1-,0-", 10, "whole"},
    };

    check(rows, COUNT_OF(rows));
}

static void more_than_sixteen_get_the_whole(void **state)
{
    char value[512] = "bytes=0-0";
    char got[1024];
    size_t len = strlen(value);

    for (unsigned i = 1; i < RANGE_COUNT_MAX; i++)
        len += (size_t)snprintf(value + len, sizeof(value) - len, ",%u-%u", 2 * i, 2 * i);
    ask(slice_from_string(value), 1000, got, sizeof(got));
    assert_string_equal(got, "0+1 2+1 4+1 6+1 8+1 10+1 12+1 14+1 16+1 18+1 20+1 22+1 24+1 26+1 "
                             "28+1 30+1");
    strcat(value, ",,"); /* empty pieces are none */
    ask(slice_from_string(value), 1000, got, sizeof(got));
    assert_string_not_equal(got, "whole");
    strcat(value, "100-100");
    ask(slice_from_string(value), 1000, got, sizeof(got));
    assert_string_equal(got, "whole");

    /* those that are not satisfiable count too: they were asked for */
    ask(SLICE_LITERAL("bytes=9-,9-,9-,9-,9-,9-,9-,9-,9-,9-,9-,9-,9-,9-,9-,9-,9-"), 5, got,
        sizeof(got));
    assert_string_equal(got, "whole");
}

static void the_unit_has_no_case_and_others_are_ignored(void **state)
{
    static const struct row rows[] = {
        {"BYTES=0-1", 10, "0+2"},     {"Bytes=0-1", 10, "0+2"},    {"bYtEs=-1", 10, "9+1"},
        {"byte=0-1", 10, "whole"},    {"bytess=0-1", 10, "whole"}, {"items=0-1", 10, "whole"},
        {"seconds=1-2", 10, "whole"}, {"none", 10, "whole"},       {"bytes", 10, "whole"},
        {"=0-1", 10, "whole"},        {"0-1", 10, "whole"},        {"bytes:0-1", 10, "whole"},
        {"bytes 0-1", 10, "whole"},   {"bytes =0-1", 10, "whole"}, {"bytes 0-1/10", 10, "whole"},
    };

    check(rows, COUNT_OF(rows));
}

static void blanks_may_stand_around_commas_only(void **state)
{
    static const struct row rows[] = {
        {"bytes=0-1, 4-5", 10, "0+2 4+2"},
        {"bytes=0-1 ,4-5", 10, "0+2 4+2"},
        {"bytes=0-1\t , \t4-5", 10, "0+2 4+2"},
        {"bytes=,0-1", 10, "0+2"},
        {"bytes=0-1,", 10, "0+2"},
        {"bytes=, ,0-1, ,,4-5,", 10, "0+2 4+2"},
        {"bytes= 0-1", 10, "0+2"}, /* as other servers read it */
        {"bytes=0 -1", 10, "whole"},
        {"bytes=0- 1", 10, "whole"},
        {"bytes=- 1", 10, "whole"},
        {"bytes=0-1 2", 10, "whole"},
        {"bytes=0-1 4-5", 10, "whole"},
        {"bytes=0-1;4-5", 10, "whole"},
        {"bytes=0-1\r", 10, "whole"},
        {"bytes=0-1\v,4-5", 10, "whole"},
    };

    check(rows, COUNT_OF(rows));
}

static void what_is_not_of_the_grammar_is_ignored(void **state)
{
    static const struct row rows[] = {
        {"", 10, "whole"},
        {"bytes=", 10, "whole"},
        {"bytes=,", 10, "whole"},
        {"bytes= , ,", 10, "whole"},
        {"bytes=-", 10, "whole"},
        {"bytes=--", 10, "whole"},
        {"bytes=--1", 10, "whole"},
        {"bytes=1", 10, "whole"},
        {"bytes=1--2", 10, "whole"},
        {"bytes=1-2-3", 10, "whole"},
        {"bytes=a-b", 10, "whole"},
        {"bytes=1-b", 10, "whole"},
        {"bytes=a-2", 10, "whole"},
        {"bytes=0x0-0x1", 10, "whole"},
        {"bytes=+0-1", 10, "whole"},
        {"bytes=0-+1", 10, "whole"},
        {"bytes=-+1", 10, "whole"},
        {"bytes=*", 10, "whole"},
        {"bytes=0-*", 10, "whole"},
        {"bytes=5-4", 10, "whole"},
        {"bytes=1-0", 10, "whole"},
        {"bytes=100-99", 10, "whole"},
        {"bytes=0-1,5-4", 10, "whole"},
        {"bytes=5-4,0-1", 10, "whole"},
        {"bytes=0-1,x", 10, "whole"},
        {"bytes=0-1,-", 10, "whole"},
        {"bytes=1.5-2", 10, "whole"},
        {"bytes=0-1,=", 10, "whole"},
        {"bytes==0-1", 10, "whole"},
        {"bytes=\xef\xbc\x90-1", 10, "whole"},
    };
    char got[64];

    check(rows, COUNT_OF(rows));
    ask(slice_of("bytes=0\0-1", 10), 10, got, sizeof(got));
    assert_string_equal(got, "whole");
    ask(slice_of(NULL, 0), 10, got, sizeof(got));
    assert_string_equal(got, "whole");
}

static void numbers_of_any_length_are_exact(void **state)
{
    static const struct row rows[] = {
        {"bytes=0-18446744073709551615", 10, "0+10"},
        {"bytes=0-18446744073709551616", 10, "0+10"},
        {"bytes=0-999999999999999999999999999999", 10, "0+10"},
        {"bytes=5-999999999999999999999999999999", 10, "5+5"},
        {"bytes=-18446744073709551615", 10, "0+10"},
        {"bytes=-18446744073709551616", 10, "0+10"},
        {"bytes=-999999999999999999999999999999", 10, "0+10"},
        {"bytes=18446744073709551615-", 10, "416"},
        {"bytes=18446744073709551616-", 10, "416"},                     /* not 0 */
        {"bytes=18446744073709551617-18446744073709551618", 10, "416"}, /* not 1-2 */
        {"bytes=999999999999999999999999999999-", 10, "416"},
        {"bytes=999999999999999999999999999998-999999999999999999999999999999", 10, "416"},
        {"bytes=999999999999999999999999999999-999999999999999999999999999999", 10, "416"},
        {"bytes=999999999999999999999999999999-999999999999999999999999999998", 10, "whole"},
        {"bytes=999999999999999999999999999999-99999999999999999999999999999", 10, "whole"},
        {"bytes=18446744073709551616-1", 10, "whole"},
        {"bytes=000000000000000000000000000000005-000000000000000000000000000000006", 10, "5+2"},
        {"bytes=-000000000000000000000000000000001", 10, "9+1"},
        {"bytes=2147483648-2147483649", UINT64_C(4294967296), "2147483648+2"},
        {"bytes=4294967296-", UINT64_C(4294967300), "4294967296+4"},
        {"bytes=9223372036854775807-", UINT64_C(9223372036854775809), "9223372036854775807+2"},
        {"bytes=-1", UINT64_MAX, "18446744073709551614+1"},
        {"bytes=0-", UINT64_MAX, "0+18446744073709551615"},
        {"bytes=18446744073709551614-", UINT64_MAX, "18446744073709551614+1"},
        {"bytes=18446744073709551615-", UINT64_MAX, "416"},
        {"bytes=0-9223372036854775807,9223372036854775808-", UINT64_MAX, "whole"},
        {"bytes=1-,0-0", UINT64_MAX, "whole"},
        {"bytes=2-,0-0", UINT64_MAX, "2+18446744073709551613 0+1"},
        {"bytes=-18446744073709551615,-18446744073709551615", UINT64_MAX, "whole"},
    };

    check(rows, COUNT_OF(rows));
}

/* Random lists against a slow and simple reading of the same ranges. */
static void small_ranges_agree_with_a_map_of_bytes(void **state)
{
    uint32_t seed = 5;

    for (unsigned round = 0; round < 100000; round++) {
        unsigned numbers[6];
        unsigned size = 1 + (seed >> 16) % 12;
        unsigned total = 0;
        unsigned used = 0;
        unsigned char map[16] = {0};
        bool overlaps = false;
        char value[64];
        char expected[64] = "";
        char got[256];

        for (size_t i = 0; i < COUNT_OF(numbers); i++) {
            seed = seed * 1664525U + 1013904223U;
            numbers[i] = (seed >> 16) % 14;
        }
        snprintf(value, sizeof(value), "bytes=%u-%u,%u-%u,%u-%u", numbers[0], numbers[1],
                 numbers[2], numbers[3], numbers[4], numbers[5]);
        for (size_t i = 0; i < COUNT_OF(numbers); i += 2) {
            unsigned length = 0;

            for (unsigned at = numbers[i]; at <= numbers[i + 1] && at < size; at++) {
                overlaps |= map[at]++ > 0;
                length++;
            }
            total += length;
            if (length > 0)
                snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected),
                         "%s%u+%u", used++ ? " " : "", numbers[i], length);
        }
        if (numbers[0] > numbers[1] || numbers[2] > numbers[3] || numbers[4] > numbers[5] ||
            (used > 1 && (overlaps || total >= size)))
            strcpy(expected, "whole");
        else if (used == 0)
            strcpy(expected, "416");
        ask(slice_from_string(value), size, got, sizeof(got));
        assert_string_equal(got, expected);
    }
}

static void what_is_logged_is_the_first_range_and_how_many_more(void **state)
{
    static const struct byte_range rows[] = {{0, 100}, {7, 1}, {UINT64_MAX - 1, 1}};
    static const unsigned counts[] = {1, 2, RANGE_COUNT_MAX};
    static const char *const texts[] = {"0-99", "7-7,+1",
                                        "18446744073709551614-18446744073709551614,+15"};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char space[RANGE_TEXT_SIZE];
        struct writer w = writer_on(space, sizeof(space));

        range_write(&w, &rows[i], counts[i]);
        assert_false(w.overflow);
        assert_true(slice_equal(writer_content(&w), slice_from_string(texts[i])));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_single_range_is_cut_to_the_size),
        cmocka_unit_test(a_single_range_over_everything_is_still_one),
        cmocka_unit_test(what_starts_behind_the_end_is_not_satisfiable),
        cmocka_unit_test(nothing_has_no_first_byte),
        cmocka_unit_test(several_ranges_keep_their_order),
        cmocka_unit_test(ranges_that_amplify_get_the_whole),
        cmocka_unit_test(more_than_sixteen_get_the_whole),
        cmocka_unit_test(the_unit_has_no_case_and_others_are_ignored),
        cmocka_unit_test(blanks_may_stand_around_commas_only),
        cmocka_unit_test(what_is_not_of_the_grammar_is_ignored),
        cmocka_unit_test(numbers_of_any_length_are_exact),
        cmocka_unit_test(small_ranges_agree_with_a_map_of_bytes),
        cmocka_unit_test(what_is_logged_is_the_first_range_and_how_many_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
