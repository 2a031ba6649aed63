/* SPDX-License-Identifier: MIT */
/*
 * byte_block.h - which of 16 bytes are of a kind, as the bits of a number (bit 0: the first byte).
 *
 * With SSE2, which every x86-64 has, a dozen instructions for the block; elsewhere a loop that says
 * the same. Nearly all are "not of the kind", because what is looked for is where a run ends.
 */
#ifndef TINYWEB_HTTP_BYTE_BLOCK_H
#define TINYWEB_HTTP_BYTE_BLOCK_H

#include "base/macros.h"

#include <stddef.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define BLOCK_SIZE 16U

#ifdef __SSE2__

static inline __m128i block_load(const char *block)
{
    return _mm_loadu_si128((const __m128i *)(const void *)block);
}

static inline __m128i block_equal(__m128i bytes, char c)
{
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c));
}

/* Bytes from @first to @last, which are ASCII. */
static inline __m128i block_within(__m128i bytes, char first, char last)
{
    __m128i above = _mm_sub_epi8(bytes, _mm_set1_epi8(first));

    return _mm_cmpeq_epi8(_mm_min_epu8(above, _mm_set1_epi8((char)(last - first))), above);
}

static inline __m128i block_letters(__m128i bytes)
{
    return block_within(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 'z');
}

static inline unsigned block_bits(__m128i mask)
{
    return (unsigned)_mm_movemask_epi8(mask);
}

static inline unsigned block_outside(__m128i mask)
{
    return block_bits(mask) ^ 0xffffU;
}

#else

static inline unsigned block_collect(const char *block, int (*is_wanted)(char c))
{
    unsigned bits = 0;

    for (unsigned i = 0; i < BLOCK_SIZE; i++)
        bits |= (unsigned)(is_wanted(block[i]) != 0) << i;
    return bits;
}

static inline int block_is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static inline int block_is_no_text(char c)
{
    return (unsigned char)c < 0x20 || (unsigned char)c > 0x7e;
}

static inline int block_is_not_plain(char c)
{
    return block_is_no_text(c) || c == '"' || c == '\\';
}

static inline int block_is_no_name(char c)
{
    return !block_is_alnum(c) && c != '-';
}

static inline int block_is_no_host(char c)
{
    return block_is_no_name(c) && c != '.';
}

static inline int block_is_no_path(char c)
{
    return block_is_no_host(c) && c != '/' && c != '_';
}

#endif

/* The bytes that are @c. */
static inline unsigned block_of(const char *block, char c)
{
#ifdef __SSE2__
    return block_bits(block_equal(block_load(block), c));
#else
    unsigned bits = 0;

    for (unsigned i = 0; i < BLOCK_SIZE; i++)
        bits |= (unsigned)(block[i] == c) << i;
    return bits;
#endif
}

/* Not SP or a visible ASCII character. */
static inline unsigned block_not_text(const char *block)
{
#ifdef __SSE2__
    return block_outside(block_within(block_load(block), 0x20, 0x7e));
#else
    return block_collect(block, block_is_no_text);
#endif
}

/* Not that either, or one of `"` and `\`: what a line of the log has to escape. */
static inline unsigned block_not_plain(const char *block)
{
#ifdef __SSE2__
    __m128i bytes = block_load(block);
    __m128i quotes = _mm_or_si128(block_equal(bytes, '"'), block_equal(bytes, '\\'));

    return block_outside(_mm_andnot_si128(quotes, block_within(bytes, 0x20, 0x7e)));
#else
    return block_collect(block, block_is_not_plain);
#endif
}

/* Not a letter, a digit or "-": nearly all field names, and always tokens. */
static inline unsigned block_not_name(const char *block)
{
#ifdef __SSE2__
    __m128i bytes = block_load(block);
    __m128i others = _mm_or_si128(block_within(bytes, '0', '9'), block_equal(bytes, '-'));

    return block_outside(_mm_or_si128(block_letters(bytes), others));
#else
    return block_collect(block, block_is_no_name);
#endif
}

/* Not a letter, a digit, "-" or ".": nearly all hosts without a port. */
static inline unsigned block_not_host(const char *block)
{
#ifdef __SSE2__
    __m128i bytes = block_load(block);
    __m128i others = _mm_andnot_si128(block_equal(bytes, '/'), block_within(bytes, '-', '9'));

    return block_outside(_mm_or_si128(block_letters(bytes), others));
#else
    return block_collect(block, block_is_no_host);
#endif
}

/* Not a letter, a digit, "-", ".", "/" or "_": most paths. */
static inline unsigned block_not_path(const char *block)
{
#ifdef __SSE2__
    __m128i bytes = block_load(block);
    __m128i others = _mm_or_si128(block_within(bytes, '-', '9'), block_equal(bytes, '_'));

    return block_outside(_mm_or_si128(block_letters(bytes), others));
#else
    return block_collect(block, block_is_no_path);
#endif
}

/* The bits of @measure for the bytes from @at on; none for those at @end and behind it. There are 16
 * bytes at least before @end. */
static inline unsigned block_look(const char *at, const char *end,
                                  unsigned (*measure)(const char *))
{
    size_t left = (size_t)(end - at);

    if (LIKELY(left >= BLOCK_SIZE))
        return measure(at);
    return measure(end - BLOCK_SIZE) >> (BLOCK_SIZE - left);
}

/* The first byte from @at on that @measure tells; NULL: there is none before @end, which is not
 * @at. */
static inline const char *block_find(const char *at, const char *end,
                                     unsigned (*measure)(const char *))
{
    do {
        unsigned bits = block_look(at, end, measure);

        if (LIKELY(bits != 0))
            return at + __builtin_ctz(bits);
        at += BLOCK_SIZE;
    } while (at < end);
    return NULL;
}

#endif
