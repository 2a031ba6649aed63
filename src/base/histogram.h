/* SPDX-License-Identifier: MIT */
/*
 * histogram.h - how often values of each size occurred; log-linear, one writer, mergeable by adding.
 *
 * A value's bucket is its power of two and the three bits below its highest, so a bucket is at most
 * an eighth of its values wide. Values are microseconds here, from 0 to 134 seconds; what is above
 * falls into the last bucket. Readers take a copy (histogram_copy adds) and ask that.
 */
#ifndef TINYWEB_BASE_HISTOGRAM_H
#define TINYWEB_BASE_HISTOGRAM_H

#include "base/counter.h"

#define HISTOGRAM_SUB_BITS 3
#define HISTOGRAM_SUBS (1U << HISTOGRAM_SUB_BITS)
#define HISTOGRAM_POWERS 27 /* values below 2^27 have a bucket of their size */
#define HISTOGRAM_BUCKETS ((HISTOGRAM_POWERS - HISTOGRAM_SUB_BITS + 1) * HISTOGRAM_SUBS)

/* In shared memory: its owner writes. */
struct histogram {
    counter buckets[HISTOGRAM_BUCKETS];
    counter sum; /* of all values */
};

/* A copy that is one's own, of one histogram or of the sum of several. Start with zeros. */
struct histogram_copy {
    uint64_t buckets[HISTOGRAM_BUCKETS];
    uint64_t sum;
    uint64_t count;
};

static inline unsigned histogram_bucket(uint64_t value)
{
    unsigned power;

    if (value < HISTOGRAM_SUBS)
        return (unsigned)value;
    power = 63U - (unsigned)__builtin_clzll(value);
    if (power >= HISTOGRAM_POWERS)
        return HISTOGRAM_BUCKETS - 1;
    return (power - HISTOGRAM_SUB_BITS + 1) * HISTOGRAM_SUBS +
           (unsigned)(value >> (power - HISTOGRAM_SUB_BITS) & (HISTOGRAM_SUBS - 1));
}

/* The largest value of the bucket. */
uint64_t histogram_bucket_end(unsigned bucket);

/* @times the same value. */
static inline void histogram_add(struct histogram *histogram, uint64_t value, uint64_t times)
{
    counter_add(&histogram->buckets[histogram_bucket(value)], times);
    counter_add(&histogram->sum, value * times);
}

void histogram_copy_add(struct histogram_copy *copy, const struct histogram *from);
/* What came since @before was taken. */
void histogram_copy_since(struct histogram_copy *copy, const struct histogram_copy *before);
/* The end of the bucket below or in which @share (0 to 1) of the values are; 0 when there are none. */
uint64_t histogram_quantile(const struct histogram_copy *copy, double share);

#endif
