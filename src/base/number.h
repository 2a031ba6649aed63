/* SPDX-License-Identifier: MIT */
/*
 * number.h - strict numbers: the whole text is the number, or it is an error.
 *
 * No sign, no leading '+', no white space, no octal, no locale. Errors: -EINVAL for text that is
 * not of the grammar, -ERANGE for a value above the limit; outputs are untouched on failure.
 */
#ifndef TINYWEB_BASE_NUMBER_H
#define TINYWEB_BASE_NUMBER_H

#include "base/macros.h"
#include "base/slice.h"

#include <stdint.h>

/* Enough for the decimal digits of any uint64_t and a terminator. */
#define NUMBER_TEXT_SIZE 21

/* 1*DIGIT, at most @max. Leading zeros are allowed ("007" is 7). */
MUST_CHECK int number_parse(struct slice text, uint64_t max, uint64_t *ret_value);

/* 1*HEXDIG, at most @max. */
MUST_CHECK int number_parse_hex(struct slice text, uint64_t max, uint64_t *ret_value);

/* Bytes: digits and an optional unit k, m or g of either case, powers of 1024 ("8k", "1G"). */
MUST_CHECK int number_parse_size(struct slice text, uint64_t max, uint64_t *ret_bytes);

/*
 * Milliseconds: digits and a unit ms, s, m, h or d; no unit means seconds ("15s", "200ms", "2h").
 * Several parts may follow each other, larger first: "1h30m".
 */
MUST_CHECK int number_parse_duration(struct slice text, uint64_t max_ms, uint64_t *ret_ms);

/* Write decimal digits without a terminator; returns how many (at most 20). */
size_t number_format(char *out, uint64_t value);

extern const char number_digit_pairs[]; /* "00", "01" … "99": private */

/* Write the two digits of @value, which is below 100. */
static inline void number_two_digits(char *out, unsigned value)
{
    memcpy(out, number_digit_pairs + (size_t)2 * value, 2);
}

/* Write exactly @width decimal digits, zero-padded; higher digits are dropped. */
void number_format_padded(char *out, unsigned width, uint64_t value);

/* Text that number_parse_size and _duration read back as the same value, with the largest unit that
 * leaves no rest, terminated: 8192 -> "8k", 90000 ms -> "90s", 0 -> "0". @out has NUMBER_TEXT_SIZE + 2 bytes. */
void number_format_size(char *out, uint64_t bytes);
void number_format_duration(char *out, uint64_t ms);

#endif
