/* SPDX-License-Identifier: MIT */
/*
 * counter.h - a number in shared memory that one process writes and anybody reads.
 *
 * Relaxed atomics with a single writer, so counting costs a plain add.
 */
#ifndef TINYWEB_BASE_COUNTER_H
#define TINYWEB_BASE_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

typedef _Atomic uint64_t counter;

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
