/* SPDX-License-Identifier: MIT */
/*
 * stats.h - what the whole server counts: the master's own numbers, and the sums over workers.
 *
 * struct server_stats lies in shared memory and is written by the master alone, as long as every
 * worker is what it was; so all that is read from here are numbers to show and to add, never to go by.
 */
#ifndef TINYWEB_BASE_STATS_H
#define TINYWEB_BASE_STATS_H

#include "base/counters.h"

#include <stddef.h>

/* Counters of workers there are at most. */
#define STATS_SLOTS_MAX 512

/* A sample each second; five minutes of them. */
#define STATS_SAMPLES 300
/* Counters of a worker but its histogram. */
#define STATS_VALUES (offsetof(struct worker_counters, latency) / sizeof(counter))

/* Of the second that ended then. */
struct stats_sample {
    counter time_s; /* wall clock */
    counter requests, errors, bytes;
    counter cache_hits, cache_misses;
    counter connections;    /* at its end */
    counter p50_us, p99_us; /* 0 without requests */
};

struct server_stats {
    counter started_s; /* wall clock */
    counter generation;
    counter slots_used; /* of the workers' counters, see stats_slots; no other was ever touched */
    counter respawns;   /* workers that were started in place of another */
    counter reloads, reloads_failed;
    counter samples_taken; /* sample N is samples[N % STATS_SAMPLES] */
    struct stats_sample samples[STATS_SAMPLES];
};

/* How many there are to go through: a worker that is not itself any more may have written any number. */
static inline size_t stats_slots(const struct server_stats *stats)
{
    return (size_t)MIN(counter_get(&stats->slots_used), (uint64_t)STATS_SLOTS_MAX);
}

/* The sum over workers: the place of a counter in the struct is its index. */
struct stats_totals {
    uint64_t values[STATS_VALUES];
    struct histogram_copy latency;
};

#define STATS_INDEX(field) (offsetof(struct worker_counters, field) / sizeof(counter))
#define STATS_TOTAL(totals, field) ((totals)->values[STATS_INDEX(field)])

void stats_sum(struct stats_totals *ret_totals, const struct worker_counters *workers,
               size_t count);

/* Write the next sample: what was counted between @before and @now, two sums a second apart. */
void stats_take_sample(struct server_stats *stats, const struct stats_totals *before,
                       const struct stats_totals *now, int64_t time_s);

#endif
