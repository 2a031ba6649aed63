/* SPDX-License-Identifier: MIT */
/*
 * latency.h - how long requests take, from their first byte to the last of their answer.
 *
 * The last byte has left when the kernel has taken it. What begins and ends in one turn of the
 * loop, as nearly all does, is only counted there; at the end of the turn one look at the clock
 * tells for all of them. So a request among many waits for those before it, which it really does,
 * and costs an addition.
 */
#ifndef TINYWEB_HTTP_LATENCY_H
#define TINYWEB_HTTP_LATENCY_H

#include "base/counters.h"
#include "base/mempool.h"
#include "event/event_loop.h"

struct latency;

/* Borrows all; measures into @counters->latency, and brings its gauges of @mempool up to date once
 * a second, while there is work. NULL: out of memory. */
struct latency *latency_create(struct event_loop *loop, struct worker_counters *counters,
                               const struct mempool *mempool);
void latency_destroy(struct latency *latency); /* NULL is fine */

/* An answer has ended whose request began at @started_us of the loop's clock. */
void latency_record(struct latency *latency, int64_t started_us);

#endif
