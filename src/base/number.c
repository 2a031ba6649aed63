/* SPDX-License-Identifier: MIT */
/* number.c - strict parsing and quick writing of numbers, sizes and durations. */
#include "base/number.h"

#include <errno.h>

struct unit {
    const char *name;
    uint64_t factor;
};

/* The largest first: so a part may only be followed by rows below its own. */
static const struct unit size_units[] = {
    {"g", UINT64_C(1) << 30},
    {"m", UINT64_C(1) << 20},
    {"k", UINT64_C(1) << 10},
    {"", 1},
};

static const struct unit duration_units[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1},
};

static const uint64_t ms_per_second = 1000;

static int parse_digits(struct slice text, unsigned base, uint64_t max, uint64_t *ret_value)
{
    uint64_t value = 0;
    bool too_large = false;

    if (text.len == 0)
        return -EINVAL;
    /* To the end even when the value is too large: bad text is the more useful complaint. */
    for (size_t i = 0; i < text.len; i++) {
        int digit = ascii_hex_value(text.data[i]);

        if (digit < 0 || digit >= (int)base)
            return -EINVAL;
        if (too_large || value > (UINT64_MAX - (uint64_t)digit) / base)
            too_large = true;
        else
            value = value * base + (uint64_t)digit;
    }
    if (too_large || value > max)
        return -ERANGE;
    *ret_value = value;
    return 0;
}

/* So many digits are never too large for 64 bits. */
#define SHORT_NUMBER 18

int number_parse(struct slice text, uint64_t max, uint64_t *ret_value)
{
    uint64_t value = 0;
    size_t i = 0;

    if (LIKELY(text.len <= SHORT_NUMBER)) {
        while (i < text.len && ascii_is_digit(text.data[i]))
            value = value * 10 + (uint64_t)(text.data[i++] - '0');
        if (LIKELY(i > 0 && i == text.len && value <= max)) {
            *ret_value = value;
            return 0;
        }
    }
    return parse_digits(text, 10, max, ret_value);
}

int number_parse_hex(struct slice text, uint64_t max, uint64_t *ret_value)
{
    return parse_digits(text, 16, max, ret_value);
}

static int parse_scaled(struct slice digits, uint64_t factor, uint64_t max, uint64_t *ret_value)
{
    uint64_t value;
    int err = parse_digits(digits, 10, max / factor, &value);

    if (err)
        return err;
    *ret_value = value * factor;
    return 0;
}

int number_parse_size(struct slice text, uint64_t max, uint64_t *ret_bytes)
{
    if (text.len > 0) {
        struct slice last = slice_from(text, text.len - 1);

        for (size_t i = 0; i < COUNT_OF(size_units); i++) {
            if (slice_equal_nocase(last, slice_from_string(size_units[i].name)))
                return parse_scaled(slice_of(text.data, text.len - 1), size_units[i].factor, max,
                                    ret_bytes);
        }
    }
    return number_parse(text, max, ret_bytes);
}

static size_t count_while_digit(struct slice text, bool digit)
{
    size_t n = 0;

    while (n < text.len && ascii_is_digit(text.data[n]) == digit)
        n++;
    return n;
}

/* Row of the unit, or COUNT_OF(duration_units) if there is none of that name from @first on. */
static size_t find_duration_unit(struct slice name, size_t first)
{
    while (first < COUNT_OF(duration_units) &&
           !slice_equal(name, slice_from_string(duration_units[first].name)))
        first++;
    return first;
}

static int parse_duration_parts(struct slice text, uint64_t max_ms, uint64_t *ret_ms)
{
    size_t unit = 0;
    uint64_t total = 0;
    int result = 0;

    do {
        size_t digits = count_while_digit(text, true);
        struct slice rest = slice_from(text, digits);
        size_t letters = count_while_digit(rest, false);
        uint64_t part = 0;
        int err;

        unit = find_duration_unit(slice_of(rest.data, letters), unit);
        if (unit == COUNT_OF(duration_units))
            return -EINVAL;
        err = parse_scaled(slice_of(text.data, digits), duration_units[unit].factor, max_ms - total,
                           &part);
        if (err == -EINVAL)
            return err;
        if (err)
            result = err;
        total += part;
        unit++; /* the next part must be of a smaller unit */
        text = slice_from(rest, letters);
    } while (text.len > 0);

    if (result == 0)
        *ret_ms = total;
    return result;
}

int number_parse_duration(struct slice text, uint64_t max_ms, uint64_t *ret_ms)
{
    if (count_while_digit(text, true) == text.len)
        return parse_scaled(text, ms_per_second, max_ms, ret_ms);
    return parse_duration_parts(text, max_ms, ret_ms);
}

const char number_digit_pairs[] = "00010203040506070809101112131415161718192021222324"
                                  "25262728293031323334353637383940414243444546474849"
                                  "50515253545556575859606162636465666768697071727374"
                                  "75767778798081828384858687888990919293949596979899";

static unsigned count_digits(uint64_t value)
{
    unsigned count = 1;

    for (; value >= 10000; value /= 10000)
        count += 4;
    return count + (value >= 10) + (value >= 100) + (value >= 1000);
}

size_t number_format(char *out, uint64_t value)
{
    unsigned count = count_digits(value);
    char *start = out + count;

    while (value >= 100) {
        start -= 2;
        number_two_digits(start, (unsigned)(value % 100));
        value /= 100;
    }
    if (value >= 10)
        number_two_digits(out, (unsigned)value);
    else
        *out = (char)('0' + value);
    return count;
}

void number_format_padded(char *out, unsigned width, uint64_t value)
{
    while (width > 0) {
        out[--width] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* With the largest unit that leaves no rest; @units ends with factor 1. */
static void format_scaled(char *out, const struct unit *units, uint64_t value)
{
    if (value == 0) {
        memcpy(out, "0", 2);
        return;
    }
    while (value % units->factor != 0)
        units++;
    out += number_format(out, value / units->factor);
    memcpy(out, units->name, strlen(units->name) + 1);
}

void number_format_size(char *out, uint64_t bytes)
{
    format_scaled(out, size_units, bytes);
}

void number_format_duration(char *out, uint64_t ms)
{
    format_scaled(out, duration_units, ms);
}
