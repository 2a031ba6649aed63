/* SPDX-License-Identifier: MIT */
/* slice.c - comparing, searching and cutting borrowed runs of bytes. */
#include "base/slice.h"

int ascii_hex_value(char c)
{
    if (ascii_is_digit(c))
        return c - '0';
    c = ascii_lower(c);
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

bool slice_equal_nocase(struct slice a, struct slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
            return false;
    }
    return true;
}

bool slice_starts_with(struct slice text, struct slice prefix)
{
    return text.len >= prefix.len && slice_equal(slice_of(text.data, prefix.len), prefix);
}

bool slice_ends_with(struct slice text, struct slice suffix)
{
    return text.len >= suffix.len && slice_equal(slice_from(text, text.len - suffix.len), suffix);
}

int slice_compare(struct slice a, struct slice b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common > 0 ? memcmp(a.data, b.data, common) : 0;

    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

ptrdiff_t slice_find_last(struct slice text, char c)
{
    for (size_t i = text.len; i > 0; i--) {
        if (text.data[i - 1] == c)
            return (ptrdiff_t)(i - 1);
    }
    return -1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct slice slice_trim(struct slice text)
{
    while (text.len > 0 && is_blank(text.data[0])) {
        text.data++;
        text.len--;
    }
    while (text.len > 0 && is_blank(text.data[text.len - 1]))
        text.len--;
    return text;
}

bool slice_has_control(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if (c < 0x20 || c == 0x7f)
            return true;
    }
    return false;
}

bool slice_next(struct slice *rest, char separator, struct slice *ret_piece)
{
    struct slice text = *rest;
    ptrdiff_t at;

    if (!text.data)
        return false;
    at = slice_find(text, separator);
    if (at == -1) {
        *rest = slice_of(NULL, 0);
        *ret_piece = text;
    } else {
        *rest = slice_from(text, (size_t)at + 1);
        *ret_piece = slice_of(text.data, (size_t)at);
    }
    return true;
}
