/* SPDX-License-Identifier: MIT */
/*
 * siphash.h - SipHash-2-4 with 128 bits (Aumasson and Bernstein, 2012): who does not know the key can
 * neither guess the tag of a message nor find two of the same tag.
 *
 * For what must not be forged, where hash.h is for tables. The same on every machine.
 */
#ifndef TINYWEB_BASE_SIPHASH_H
#define TINYWEB_BASE_SIPHASH_H

#include "base/slice.h"

#include <stdint.h>

struct siphash_key {
    uint64_t low, high;
};

struct siphash_tag {
    uint64_t low, high;
};

struct siphash_tag siphash(const struct siphash_key *key, struct slice message);

static inline bool siphash_equal(struct siphash_tag a, struct siphash_tag b)
{
    return ((a.low ^ b.low) | (a.high ^ b.high)) == 0;
}

#endif
