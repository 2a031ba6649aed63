/* SPDX-License-Identifier: MIT */
/* natural_order.c - two names side by side: a number against a number, else a byte against a byte. */
#include "base/natural_order.h"

/* Cut the digits off the start of *@text, without leading zeros. */
static struct slice take_number(struct slice *text)
{
    size_t zeros = 0;
    size_t end;

    while (zeros < text->len && text->data[zeros] == '0')
        zeros++;
    for (end = zeros; end < text->len && ascii_is_digit(text->data[end]);)
        end++;
    struct slice number = slice_of(text->data + zeros, end - zeros);
    *text = slice_from(*text, end);
    return number;
}

static int compare_numbers(struct slice a, struct slice b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return slice_compare(a, b);
}

static int compare_folded(struct slice a, struct slice b)
{
    while (a.len > 0 && b.len > 0) {
        if (ascii_is_digit(a.data[0]) && ascii_is_digit(b.data[0])) {
            struct slice first = take_number(&a);
            struct slice second = take_number(&b);
            int order = compare_numbers(first, second);

            if (order != 0)
                return order;
            continue;
        }
        unsigned char first = (unsigned char)ascii_lower(a.data[0]);
        unsigned char second = (unsigned char)ascii_lower(b.data[0]);

        if (first != second)
            return first < second ? -1 : 1;
        a = slice_from(a, 1);
        b = slice_from(b, 1);
    }
    return (a.len > 0) - (b.len > 0);
}

int natural_compare(struct slice a, struct slice b)
{
    int order = compare_folded(a, b);

    return order != 0 ? order : slice_compare(a, b);
}
