/* SPDX-License-Identifier: MIT */
/* latency.c - counts in the turn, measures at its end. */
#include "http/latency.h"

#include <stdlib.h>

/* Between two looks at how much memory is used. */
#define GAUGES_EVERY_US 1000000

struct latency {
    struct event_loop *loop;
    struct worker_counters *counters;
    const struct mempool *mempool;
    struct task task;
    uint64_t in_turn; /* begun and ended in this one */
    int64_t gauges_due_us;
};

static void update_gauges(struct latency *latency)
{
    struct worker_counters *counters = latency->counters;
    struct mempool_stats stats;

    mempool_stats(latency->mempool, &stats);
    counter_set(&counters->small_memory, stats.small_in_use);
    counter_set(&counters->slab_memory, stats.slab_bytes);
    counter_set(&counters->large_memory, stats.large_in_use);
}

static void at_end_of_turn(struct task *task)
{
    struct latency *latency = container_of(task, struct latency, task);
    int64_t now_us = loop_clock_us();

    if (latency->in_turn > 0)
        histogram_add(&latency->counters->latency, (uint64_t)(now_us - loop_now_us(latency->loop)),
                      latency->in_turn);
    latency->in_turn = 0;
    if (now_us >= latency->gauges_due_us) {
        latency->gauges_due_us = now_us + GAUGES_EVERY_US;
        update_gauges(latency);
    }
}

struct latency *latency_create(struct event_loop *loop, struct worker_counters *counters,
                               const struct mempool *mempool)
{
    struct latency *latency = calloc(1, sizeof(*latency));

    if (!latency)
        return NULL;
    latency->loop = loop;
    latency->counters = counters;
    latency->mempool = mempool;
    task_init(&latency->task, at_end_of_turn);
    return latency;
}

void latency_destroy(struct latency *latency)
{
    if (!latency)
        return;
    loop_unpost(&latency->task);
    free(latency);
}

void latency_record(struct latency *latency, int64_t started_us)
{
    int64_t now_us = loop_now_us(latency->loop);

    loop_post(latency->loop, &latency->task);
    if (now_us == started_us)
        latency->in_turn++;
    else
        histogram_add(&latency->counters->latency, (uint64_t)(now_us - started_us), 1);
}
