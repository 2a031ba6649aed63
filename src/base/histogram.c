/* SPDX-License-Identifier: MIT */
/* histogram.c - reading; writing is inline. */
#include "base/histogram.h"

#include <assert.h>

uint64_t histogram_bucket_end(unsigned bucket)
{
    unsigned power, sub;

    assert(bucket < HISTOGRAM_BUCKETS);
    if (bucket < HISTOGRAM_SUBS)
        return bucket;
    power = bucket / HISTOGRAM_SUBS - 1; /* of the width */
    sub = bucket % HISTOGRAM_SUBS;
    return ((uint64_t)(HISTOGRAM_SUBS + sub + 1) << power) - 1;
}

void histogram_copy_add(struct histogram_copy *copy, const struct histogram *from)
{
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t times = counter_get(&from->buckets[i]);

        copy->buckets[i] += times;
        copy->count += times;
    }
    copy->sum += counter_get(&from->sum);
}

void histogram_copy_since(struct histogram_copy *copy, const struct histogram_copy *before)
{
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        copy->buckets[i] -= before->buckets[i];
    copy->count -= before->count;
    copy->sum -= before->sum;
}

uint64_t histogram_quantile(const struct histogram_copy *copy, double share)
{
    double wanted = share * (double)copy->count;
    uint64_t seen = 0;
    unsigned last = 0;

    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        if (copy->buckets[i] == 0)
            continue;
        seen += copy->buckets[i];
        last = i;
        if ((double)seen >= wanted)
            break;
    }
    return copy->count > 0 ? histogram_bucket_end(last) : 0;
}
