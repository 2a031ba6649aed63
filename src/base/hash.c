/* SPDX-License-Identifier: MIT */
/*
 * hash.c - 16 bytes a step, folded by a 64 x 64 -> 128 bit multiplication.
 *
 * Both factors of every product are masked with words derived from the seed. Were one of them
 * masked with a constant, whoever knows the constant could make that factor zero, and with it
 * the product, whatever the rest of the key: collisions at will.
 */
#include "base/hash.h"

/* Odd, random, about half of the bits set. */
#define MIX_A UINT64_C(0xd6c937f4a58b1ce3)
#define MIX_B UINT64_C(0x93e5b02d7c461fa9)
#define MIX_C UINT64_C(0x4f8a61d39be7250d)

#define STEP 16

static uint64_t load64(const char *p)
{
    uint64_t value;

    memcpy(&value, p, sizeof(value));
    return value;
}

static uint64_t load32(const char *p)
{
    uint32_t value;

    memcpy(&value, p, sizeof(value));
    return value;
}

/* Up to 3 bytes, each of them counted at least once. */
static uint64_t load_few(const char *p, size_t len)
{
    return (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[len / 2] << 8 |
           (unsigned char)p[len - 1];
}

/* Upper half of the product xor its lower half. */
static uint64_t fold(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 uint128;
    uint128 product = (uint128)a * b;

    return (uint64_t)(product >> 64) ^ (uint64_t)product;
#else
    uint64_t low = (a & UINT32_MAX) * (b & UINT32_MAX);
    uint64_t mid = (a >> 32) * (b & UINT32_MAX) + (low >> 32);
    uint64_t mid2 = (a & UINT32_MAX) * (b >> 32) + (mid & UINT32_MAX);
    uint64_t high = (a >> 32) * (b >> 32) + (mid >> 32) + (mid2 >> 32);

    return high ^ (mid2 << 32 | (low & UINT32_MAX));
#endif
}

uint64_t hash_bytes(uint64_t seed, struct slice bytes)
{
    const char *p = bytes.data;
    size_t len = bytes.len;
    uint64_t mask = fold(seed ^ MIX_A, MIX_B) ^ seed;
    uint64_t state = mask ^ MIX_C;
    uint64_t a = 0;
    uint64_t b = 0;

    if (len > STEP) {
        for (; len > STEP; p += STEP, len -= STEP)
            state = fold(load64(p) ^ mask, load64(p + 8) ^ state);
        /* The last 16 bytes of the key; some of them may have been counted already. */
        a = load64(p + len - STEP);
        b = load64(p + len - 8);
    } else if (len >= 8) {
        a = load64(p);
        b = load64(p + len - 8);
    } else if (len >= 4) {
        a = load32(p);
        b = load32(p + len - 4);
    } else if (len > 0) {
        a = load_few(p, len);
    }
    return fold(fold(a ^ mask, b ^ state) ^ MIX_B, mask ^ bytes.len);
}
