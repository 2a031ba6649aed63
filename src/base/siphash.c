/* SPDX-License-Identifier: MIT */
/* siphash.c - two rounds for each word of the message, four for each word of the tag. */
#include "base/siphash.h"

#define WORD sizeof(uint64_t)

struct state {
    uint64_t a, b, c, d;
};

static uint64_t rotate(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

static void rounds(struct state *s, unsigned count)
{
    for (; count > 0; count--) {
        s->a += s->b;
        s->b = rotate(s->b, 13) ^ s->a;
        s->a = rotate(s->a, 32);
        s->c += s->d;
        s->d = rotate(s->d, 16) ^ s->c;
        s->a += s->d;
        s->d = rotate(s->d, 21) ^ s->a;
        s->c += s->b;
        s->b = rotate(s->b, 17) ^ s->c;
        s->c = rotate(s->c, 32);
    }
}

/* Up to eight bytes, the first one lowest. */
static uint64_t load(const char *bytes, size_t len)
{
    uint64_t word = 0;

    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    return word;
}

static void absorb(struct state *s, uint64_t word)
{
    s->d ^= word;
    rounds(s, 2);
    s->a ^= word;
}

static uint64_t squeeze(struct state *s)
{
    rounds(s, 4);
    return s->a ^ s->b ^ s->c ^ s->d;
}

struct siphash_tag siphash(const struct siphash_key *key, struct slice message)
{
    struct state s = {
        .a = key->low ^ UINT64_C(0x736f6d6570736575),
        .b = key->high ^ UINT64_C(0x646f72616e646f6d) ^ 0xee, /* a tag of two words */
        .c = key->low ^ UINT64_C(0x6c7967656e657261),
        .d = key->high ^ UINT64_C(0x7465646279746573),
    };
    size_t rest = message.len % WORD;
    struct siphash_tag tag;

    for (size_t i = 0; i + WORD <= message.len; i += WORD)
        absorb(&s, load(message.data + i, WORD));
    absorb(&s,
           load(slice_from(message, message.len - rest).data, rest) | (uint64_t)message.len << 56);
    s.c ^= 0xee;
    tag.low = squeeze(&s);
    s.b ^= 0xdd;
    tag.high = squeeze(&s);
    return tag;
}
