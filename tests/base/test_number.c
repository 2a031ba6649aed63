/* SPDX-License-Identifier: MIT */
/* test_number.c - strict numbers, sizes and durations, both ways. */
#include "support/unit.h"

#include "base/number.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define UNTOUCHED UINT64_C(0xfeedface)

struct row {
    const char *text;
    uint64_t max;
    int err;
    uint64_t value;
};

typedef int (*parse_fn)(struct slice text, uint64_t max, uint64_t *ret_value);

static void check_rows(parse_fn parse, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value = UNTOUCHED;
        int err = parse(slice_from_string(rows[i].text), rows[i].max, &value);
        uint64_t expected = rows[i].err ? UNTOUCHED : rows[i].value;

        if (err != rows[i].err || value != expected)
            fail_msg("'%s': error %d, value %" PRIu64, rows[i].text, err, value);
    }
}

static void decimal_numbers_are_strict(void **state)
{
    static const struct row rows[] = {
        {"0", 0, 0, 0},
        {"007", 7, 0, 7},
        {"65535", 65535, 0, 65535},
        {"65536", 65535, -ERANGE, 0},
        {"18446744073709551615", UINT64_MAX, 0, UINT64_MAX},
        {"18446744073709551616", UINT64_MAX, -ERANGE, 0},
        {"18446744073709551620", UINT64_MAX, -ERANGE, 0},
        {"99999999999999999999999999", UINT64_MAX, -ERANGE, 0},
        {"000000000000000000000000000001", UINT64_MAX, 0, 1},
        {"", 9, -EINVAL, 0},
        {"+1", 9, -EINVAL, 0},
        {"-1", 9, -EINVAL, 0},
        {" 1", 9, -EINVAL, 0},
        {"1 ", 9, -EINVAL, 0},
        {"0x1", 9, -EINVAL, 0},
        {"1a", 9, -EINVAL, 0},
        {"1.0", 9, -EINVAL, 0},
        {"99999999999999999999999999x", UINT64_MAX, -EINVAL, 0}, /* grammar comes first */
        {"\xd9\xa3", 9, -EINVAL, 0},                             /* an Arabic digit */
    };

    check_rows(number_parse, rows, COUNT_OF(rows));
    assert_int_equal(number_parse(slice_of("1\0", 2), 9, &(uint64_t){0}), -EINVAL);
}

static void hexadecimal_numbers_are_strict(void **state)
{
    static const struct row rows[] = {
        {"0", 0, 0, 0},
        {"fF", 255, 0, 255},
        {"100", 255, -ERANGE, 0},
        {"ffffffffffffffff", UINT64_MAX, 0, UINT64_MAX},
        {"10000000000000000", UINT64_MAX, -ERANGE, 0},
        {"0000000000000000a", UINT64_MAX, 0, 10},
        {"", 9, -EINVAL, 0},
        {"g", 9, -EINVAL, 0},
        {"0xa", 99, -EINVAL, 0},
        {"-a", 99, -EINVAL, 0},
    };

    check_rows(number_parse_hex, rows, COUNT_OF(rows));
}

static void sizes_take_one_unit(void **state)
{
    static const struct row rows[] = {
        {"0", 0, 0, 0},
        {"512", 512, 0, 512},
        {"8k", UINT64_MAX, 0, 8192},
        {"8K", UINT64_MAX, 0, 8192},
        {"3M", UINT64_MAX, 0, 3U << 20},
        {"1g", UINT64_MAX, 0, 1U << 30},
        {"0g", 0, 0, 0},
        {"1k", 1024, 0, 1024},
        {"1k", 1023, -ERANGE, 0},
        {"17179869183g", UINT64_MAX, 0, UINT64_C(17179869183) << 30},
        {"17179869184g", UINT64_MAX, -ERANGE, 0},
        {"", 9, -EINVAL, 0},
        {"k", UINT64_MAX, -EINVAL, 0},
        {"8kb", UINT64_MAX, -EINVAL, 0},
        {"8kk", UINT64_MAX, -EINVAL, 0},
        {"8 k", UINT64_MAX, -EINVAL, 0},
        {"1.5k", UINT64_MAX, -EINVAL, 0},
        {"8t", UINT64_MAX, -EINVAL, 0},
        {"-8k", UINT64_MAX, -EINVAL, 0},
    };

    check_rows(number_parse_size, rows, COUNT_OF(rows));
}

static void durations_take_units_from_large_to_small(void **state)
{
    static const struct row rows[] = {
        {"0", 0, 0, 0},
        {"90", UINT64_MAX, 0, 90000},
        {"15s", UINT64_MAX, 0, 15000},
        {"200ms", UINT64_MAX, 0, 200},
        {"2h", UINT64_MAX, 0, 7200000},
        {"1d", UINT64_MAX, 0, 86400000},
        {"1h30m", UINT64_MAX, 0, 5400000},
        {"1d1h1m1s1ms", UINT64_MAX, 0, 90061001},
        {"1m1ms", 60001, 0, 60001},
        {"1m1ms", 60000, -ERANGE, 0},
        {"2m", 60000, -ERANGE, 0},
        {"2m1x", 60000, -EINVAL, 0}, /* grammar comes first, here too */
        {"18446744073709551615ms", UINT64_MAX, 0, UINT64_MAX},
        {"18446744073709551616ms", UINT64_MAX, -ERANGE, 0},
        {"18446744073709552s", UINT64_MAX, -ERANGE, 0},
        {"213503982334d14h25m51s615ms", UINT64_MAX, 0, UINT64_MAX},
        {"213503982334d14h25m51s616ms", UINT64_MAX, -ERANGE, 0},
        {"", UINT64_MAX, -EINVAL, 0},
        {"s", UINT64_MAX, -EINVAL, 0},
        {"ms", UINT64_MAX, -EINVAL, 0},
        {"1m1h", UINT64_MAX, -EINVAL, 0},
        {"1s1s", UINT64_MAX, -EINVAL, 0},
        {"1h30", UINT64_MAX, -EINVAL, 0},
        {"1S", UINT64_MAX, -EINVAL, 0},
        {"1 s", UINT64_MAX, -EINVAL, 0},
        {"1s ", UINT64_MAX, -EINVAL, 0},
        {"1sm", UINT64_MAX, -EINVAL, 0},
        {"1hm", UINT64_MAX, -EINVAL, 0},
        {"-1s", UINT64_MAX, -EINVAL, 0},
        {"1.5s", UINT64_MAX, -EINVAL, 0},
    };

    check_rows(number_parse_duration, rows, COUNT_OF(rows));
}

static void numbers_are_written_as_printf_would(void **state)
{
    static const uint64_t around[] = {
        0, 1, 10, 100, 1000, 10000, 1000000, UINT64_C(10000000000), UINT64_MAX};

    for (size_t i = 0; i < COUNT_OF(around); i++) {
        for (int delta = -1; delta <= 1; delta++) {
            uint64_t value = around[i] + (uint64_t)delta; /* wraps around on purpose */
            char got[NUMBER_TEXT_SIZE] = "";
            char expected[NUMBER_TEXT_SIZE];

            (void)snprintf(expected, sizeof(expected), "%" PRIu64, value);
            assert_int_equal(number_format(got, value), strlen(expected));
            assert_string_equal(got, expected);
        }
    }
}

static void padded_numbers_have_exactly_their_width(void **state)
{
    char text[] = "________";

    number_format_padded(text + 1, 2, 7);
    number_format_padded(text + 4, 3, 12345);
    assert_string_equal(text, "_07_345_");
    number_format_padded(text, 0, 9);
    assert_string_equal(text, "_07_345_");
}

static void sizes_and_durations_read_back_as_written(void **state)
{
    static const struct {
        uint64_t value;
        const char *size, *duration;
    } rows[] = {
        {0, "0", "0"},
        {1, "1", "1ms"},
        {1000, "1000", "1s"},
        {1024, "1k", "1024ms"},
        {1025, "1025", "1025ms"},
        {8192, "8k", "8192ms"},
        {90000, "90000", "90s"},
        {3600000, "3600000", "1h"},
        {86400000, "84375k", "1d"},
        {UINT64_C(3) << 30, "3g", "3221225472ms"},
        {UINT64_MAX, "18446744073709551615", "18446744073709551615ms"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[NUMBER_TEXT_SIZE + 2];
        uint64_t value = UNTOUCHED;

        number_format_size(text, rows[i].value);
        assert_string_equal(text, rows[i].size);
        assert_int_equal(number_parse_size(slice_from_string(text), UINT64_MAX, &value), 0);
        assert_true(value == rows[i].value);

        number_format_duration(text, rows[i].value);
        assert_string_equal(text, rows[i].duration);
        assert_int_equal(number_parse_duration(slice_from_string(text), UINT64_MAX, &value), 0);
        assert_true(value == rows[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimal_numbers_are_strict),
        cmocka_unit_test(hexadecimal_numbers_are_strict),
        cmocka_unit_test(sizes_take_one_unit),
        cmocka_unit_test(durations_take_units_from_large_to_small),
        cmocka_unit_test(numbers_are_written_as_printf_would),
        cmocka_unit_test(padded_numbers_have_exactly_their_width),
        cmocka_unit_test(sizes_and_durations_read_back_as_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
