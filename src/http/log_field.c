/* SPDX-License-Identifier: MIT */
/* log_field.c - nearly no text has a byte that is to be escaped: so it is copied as it is looked at. */
#include "http/log_field.h"

#include "http/byte_block.h"

#define HALF_SIZE (BLOCK_SIZE / 2)

static bool is_special(unsigned char c)
{
    return c < 0x20 || c >= 0x7f || c == '"' || c == '\\';
}

/* Byte for byte. */
static NOINLINE char *escape(char *out, struct slice text, size_t max)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *end = out + max;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if (end - out < (is_special(c) ? 4 : 1))
            break;
        if (is_special(c)) {
            *out++ = '\\';
            *out++ = 'x';
            *out++ = digits[c >> 4];
            *out++ = digits[c & 15];
        } else {
            *out++ = (char)c;
        }
    }
    return out;
}

/* @len bytes, of which there are 8 to 15, as two halves that overlap. False: not all are plain. */
static bool copy_short(char *out, const char *text, size_t len)
{
    char block[BLOCK_SIZE];

    memcpy(block, text, HALF_SIZE);
    memcpy(block + HALF_SIZE, text + len - HALF_SIZE, HALF_SIZE);
    if (UNLIKELY(block_not_plain(block) != 0))
        return false;
    memcpy(out, block, HALF_SIZE);
    memcpy(out + len - HALF_SIZE, block + HALF_SIZE, HALF_SIZE);
    return true;
}

/* Of 16 bytes or more; the last block overlaps with the one before. */
static bool copy_long(char *out, const char *text, size_t len)
{
    size_t last = len - BLOCK_SIZE;
    unsigned special = block_not_plain(text + last);

    for (size_t at = 0; at < last; at += BLOCK_SIZE) {
        special |= block_not_plain(text + at);
        memcpy(out + at, text + at, BLOCK_SIZE);
    }
    memcpy(out + last, text + last, BLOCK_SIZE);
    return special == 0;
}

char *log_field_text(char *out, struct slice text, size_t max)
{
    if (LIKELY(text.len >= HALF_SIZE && text.len <= max)) {
        if (text.len >= BLOCK_SIZE ? copy_long(out, text.data, text.len)
                                   : copy_short(out, text.data, text.len))
            return out + text.len;
    }
    return escape(out, text, max);
}
