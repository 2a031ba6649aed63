/* SPDX-License-Identifier: MIT */
/* stats.c - adding up. */
#include "base/stats.h"

#include <string.h>

static_assert(sizeof(counter) == sizeof(uint64_t), "a counter has no room for anything else");

void stats_sum(struct stats_totals *ret_totals, const struct worker_counters *workers, size_t count)
{
    memset(ret_totals, 0, sizeof(*ret_totals));
    for (size_t i = 0; i < count; i++) {
        const counter *values = (const counter *)&workers[i];

        for (size_t k = 0; k < STATS_VALUES; k++)
            ret_totals->values[k] += counter_get(&values[k]);
        histogram_copy_add(&ret_totals->latency, &workers[i].latency);
    }
}

void stats_take_sample(struct server_stats *stats, const struct stats_totals *before,
                       const struct stats_totals *now, int64_t time_s)
{
    uint64_t number = counter_get(&stats->samples_taken);
    struct stats_sample *sample = &stats->samples[number % STATS_SAMPLES];
    struct histogram_copy latency = now->latency;

#define GROWTH(field) (STATS_TOTAL(now, field) - STATS_TOTAL(before, field))
    counter_set(&sample->time_s, (uint64_t)time_s);
    counter_set(&sample->requests, GROWTH(requests));
    counter_set(&sample->errors, GROWTH(responses[5]));
    counter_set(&sample->bytes, GROWTH(bytes_sent));
    counter_set(&sample->cache_hits, GROWTH(file_cache_hits));
    counter_set(&sample->cache_misses, GROWTH(file_cache_misses));
#undef GROWTH
    counter_set(&sample->connections, STATS_TOTAL(now, connections));
    histogram_copy_since(&latency, &before->latency);
    counter_set(&sample->p50_us, histogram_quantile(&latency, 0.5));
    counter_set(&sample->p99_us, histogram_quantile(&latency, 0.99));
    counter_set(&stats->samples_taken, number + 1);
}
