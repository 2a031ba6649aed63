/* SPDX-License-Identifier: MIT */
/* request_id.c - judges and makes them. */
#include "http/request_id.h"

static bool is_letter_or_digit(char c)
{
    char lower = ascii_lower(c);

    return (lower >= 'a' && lower <= 'z') || ascii_is_digit(c);
}

bool request_id_is_sound(struct slice text)
{
    if (text.len < REQUEST_ID_SIZE_MIN || text.len > REQUEST_ID_SIZE_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_letter_or_digit(text.data[i]) &&
            slice_find(SLICE_LITERAL("-._~:/+=@"), text.data[i]) < 0)
            return false;
    }
    return true;
}

/* All sixteen digits. */
static void write_hex(uint64_t number, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < 2 * sizeof(number); i++)
        out[i] = digits[number >> (60 - 4 * i) & 15];
}

void request_id_make(struct request_id_source *source, char *out)
{
    uint64_t count = source->count++;
    struct siphash_tag tag = siphash(&source->key, slice_of((const char *)&count, sizeof(count)));

    write_hex(tag.high, out);
    write_hex(tag.low, out + REQUEST_ID_SIZE / 2);
}
