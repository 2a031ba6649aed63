/* SPDX-License-Identifier: MIT */
/* trailer_scan.c - byte by byte: trailers are rare and short. */
#include "http/trailer_scan.h"

#include "http/char_class.h"

static bool is_value_byte(char c)
{
    return c == '\t' || ((unsigned char)c >= 0x20 && c != 0x7f);
}

static enum trailer_state step(enum trailer_state state, char c)
{
    switch (state) {
    case TRAILER_LINE:
        if (c == '\r')
            return TRAILER_LAST_CR;
        return char_is(c, CHAR_TOKEN) ? TRAILER_NAME : TRAILER_BAD;
    case TRAILER_NAME:
        if (c == ':')
            return TRAILER_VALUE;
        return char_is(c, CHAR_TOKEN) ? TRAILER_NAME : TRAILER_BAD;
    case TRAILER_VALUE:
        if (c == '\r')
            return TRAILER_VALUE_CR;
        return is_value_byte(c) ? TRAILER_VALUE : TRAILER_BAD;
    case TRAILER_VALUE_CR: return c == '\n' ? TRAILER_LINE : TRAILER_BAD;
    case TRAILER_LAST_CR: return c == '\n' ? TRAILER_END : TRAILER_BAD;
    case TRAILER_END:
    case TRAILER_BAD: break;
    }
    return TRAILER_BAD;
}

enum trailer_state trailer_scan(enum trailer_state state, struct slice data, size_t *ret_used)
{
    size_t used = 0;

    while (used < data.len && state != TRAILER_END && state != TRAILER_BAD)
        state = step(state, data.data[used++]);
    *ret_used = used;
    return state;
}
