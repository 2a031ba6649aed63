/* SPDX-License-Identifier: MIT */
/*
 * counters.h - what one worker counts, in shared memory: it alone writes, anybody reads.
 *
 * Relaxed atomics with a single writer, so counting costs a plain add. The struct is aligned to a
 * cache line: two workers never write the same one. A slot outlives its worker (a respawned one
 * goes on counting); only the gauges are cleared by the master when a worker is gone.
 */
#ifndef TINYWEB_BASE_COUNTERS_H
#define TINYWEB_BASE_COUNTERS_H

#include "base/limit.h"
#include "base/macros.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

typedef _Atomic uint64_t counter;

struct worker_counters {
    /* gauges: what is now */
    alignas(CACHE_LINE_SIZE) counter active; /* 1 while a worker uses the slot and accepts */
    counter connections;                     /* open connections */
    counter free_slots;                      /* connections it could still take */
    /* totals: what has been */
    counter accepted;
    counter requests;
    counter bytes_sent;
    counter responses[6]; /* by status class: [2] counts 200..299; [0] what ended without status */
    counter mutex_tries;
    counter mutex_misses;
    counter accept_without_mutex; /* accepted after a long wait for the mutex */
    counter accept_errors;
    counter file_cache_hits;
    counter file_cache_misses;
    counter log_lines_dropped;
    counter limits[LIMIT_COUNT]; /* how often a client ran into each */
};

/* Single writer: no read-modify-write instruction is needed. */
static inline void counter_add(counter *c, uint64_t n)
{
    atomic_store_explicit(c, atomic_load_explicit(c, memory_order_relaxed) + n,
                          memory_order_relaxed);
}

static inline void counter_set(counter *c, uint64_t n)
{
    atomic_store_explicit(c, n, memory_order_relaxed);
}

static inline uint64_t counter_get(const counter *c)
{
    return atomic_load_explicit(c, memory_order_relaxed);
}

#endif
