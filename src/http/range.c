/* SPDX-License-Identifier: MIT */
/* range.c - the Range field: grammar first, then what of it can be satisfied. */
#include "http/range.h"

/* A number of any length: exact up to UINT64_MAX, which stands for everything above too. */
struct position {
    uint64_t value;
    struct slice digits; /* without leading zeros */
};

/* Take 1*DIGIT off the front of *@text. */
static bool read_position(struct slice *text, struct position *ret_position)
{
    struct position position = {0};
    size_t zeros = 0;
    size_t len = 0;

    while (zeros < text->len && text->data[zeros] == '0')
        zeros++;
    position.digits = slice_from(*text, zeros);
    while (len < position.digits.len && ascii_is_digit(position.digits.data[len])) {
        uint64_t digit = (uint64_t)(position.digits.data[len] - '0');

        if (position.value > (UINT64_MAX - digit) / 10)
            position.value = UINT64_MAX;
        else
            position.value = position.value * 10 + digit;
        len++;
    }
    if (zeros + len == 0)
        return false;
    position.digits.len = len;
    *text = slice_from(*text, zeros + len);
    *ret_position = position;
    return true;
}

static bool is_less(const struct position *a, const struct position *b)
{
    if (a->digits.len != b->digits.len)
        return a->digits.len < b->digits.len;
    return slice_compare(a->digits, b->digits) < 0;
}

/* The readers of a range return false when it is not of the grammar. */

/* first "-" [last] */
static bool read_int_range(struct slice text, uint64_t size, struct byte_range *ret_range,
                           bool *ret_is_satisfiable)
{
    struct position first;
    struct position last;
    bool has_last;

    if (!read_position(&text, &first) || text.len == 0 || text.data[0] != '-')
        return false;
    text = slice_from(text, 1);
    has_last = read_position(&text, &last);
    if (text.len > 0 || (has_last && is_less(&last, &first)))
        return false;
    *ret_is_satisfiable = first.value < size;
    if (*ret_is_satisfiable) {
        uint64_t end = has_last && last.value < size ? last.value + 1 : size;

        *ret_range = (struct byte_range){first.value, end - first.value};
    }
    return true;
}

/* "-" length */
static bool read_suffix_range(struct slice text, uint64_t size, struct byte_range *ret_range,
                              bool *ret_is_satisfiable)
{
    struct position suffix;
    uint64_t length;

    text = slice_from(text, 1);
    if (!read_position(&text, &suffix) || text.len > 0)
        return false;
    length = MIN(suffix.value, size);
    *ret_is_satisfiable = suffix.value > 0;
    *ret_range = (struct byte_range){size - length, length};
    return true;
}

/* Each range is within the representation, so nothing here can wrap. */
static bool is_excessive(const struct byte_range *ranges, unsigned count, uint64_t size)
{
    uint64_t rest = size;

    for (unsigned i = 0; i < count; i++) {
        for (unsigned j = 0; j < i; j++) {
            if (ranges[i].first < ranges[j].first + ranges[j].length &&
                ranges[j].first < ranges[i].first + ranges[i].length)
                return true;
        }
        if (ranges[i].length >= rest)
            return true;
        rest -= ranges[i].length;
    }
    return false;
}

enum range_result range_parse(struct slice value, uint64_t size,
                              struct byte_range ret_ranges[RANGE_COUNT_MAX], unsigned *ret_count)
{
    static const struct slice unit = {"bytes=", sizeof("bytes=") - 1};
    struct byte_range ranges[RANGE_COUNT_MAX];
    unsigned asked = 0;
    unsigned count = 0;
    struct slice rest;
    struct slice piece;

    if (value.len <= unit.len || !slice_equal_nocase(slice_of(value.data, unit.len), unit))
        return RANGE_WHOLE;
    rest = slice_from(value, unit.len);
    while (slice_next(&rest, ',', &piece)) {
        bool is_satisfiable;

        piece = slice_trim(piece);
        if (piece.len == 0)
            continue;
        if (asked++ == RANGE_COUNT_MAX)
            return RANGE_WHOLE;
        if (piece.data[0] == '-' ? !read_suffix_range(piece, size, &ranges[count], &is_satisfiable)
                                 : !read_int_range(piece, size, &ranges[count], &is_satisfiable))
            return RANGE_WHOLE;
        count += is_satisfiable;
    }
    if (asked == 0)
        return RANGE_WHOLE;
    if (count == 0)
        return RANGE_UNSATISFIABLE;
    if (size == 0 || (count > 1 && is_excessive(ranges, count, size)))
        return RANGE_WHOLE; /* of nothing, a suffix is satisfiable but has no first byte */
    memcpy(ret_ranges, ranges, count * sizeof(ranges[0]));
    *ret_count = count;
    return RANGE_PARTIAL;
}

void range_write(struct writer *w, const struct byte_range *first, unsigned count)
{
    writer_number(w, first->first);
    writer_char(w, '-');
    writer_number(w, first->first + first->length - 1);
    if (count > 1) {
        writer_literal(w, ",+");
        writer_number(w, count - 1);
    }
}
