/* SPDX-License-Identifier: MIT */
/* utf8.c - the table of well-formed byte sequences (RFC 3629 section 4), row by row. */

#include "base/utf8.h"

#include "base/macros.h"

/* A first byte, the range of the second, and how many follow in all. */
static const struct {
    unsigned char first_min, first_max, second_min, second_max, following;
} sequences[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 1}, {0xe0, 0xe0, 0xa0, 0xbf, 2}, {0xe1, 0xec, 0x80, 0xbf, 2},
    {0xed, 0xed, 0x80, 0x9f, 2}, {0xee, 0xef, 0x80, 0xbf, 2}, {0xf0, 0xf0, 0x90, 0xbf, 3},
    {0xf1, 0xf3, 0x80, 0xbf, 3}, {0xf4, 0xf4, 0x80, 0x8f, 3},
};

/* The length of the sequence at the start of the text, 0 when it is none. */
static size_t sequence_length(const unsigned char *text, size_t len)
{
    if (text[0] < 0x80)
        return 1;
    for (size_t i = 0; i < COUNT_OF(sequences); i++) {
        if (text[0] < sequences[i].first_min || text[0] > sequences[i].first_max)
            continue;
        size_t total = 1U + sequences[i].following;
        if (len < total || text[1] < sequences[i].second_min || text[1] > sequences[i].second_max)
            return 0;
        for (size_t k = 2; k < total; k++) {
            if ((text[k] & 0xc0) != 0x80)
                return 0;
        }
        return total;
    }
    return 0;
}

size_t utf8_valid_length(struct slice text)
{
    size_t done = 0;
    while (done < text.len) {
        size_t step = sequence_length((const unsigned char *)text.data + done, text.len - done);
        if (step == 0)
            break;
        done += step;
    }
    return done;
}
