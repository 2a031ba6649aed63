/* SPDX-License-Identifier: MIT */
/*
 * counters.h - what one worker counts, in shared memory: it alone writes, anybody reads.
 *
 * The struct is aligned to a cache line: two workers never write the same one. A slot outlives its
 * worker (a respawned one goes on counting); only the gauges are cleared by the master when a
 * worker is gone.
 */
#ifndef TINYWEB_BASE_COUNTERS_H
#define TINYWEB_BASE_COUNTERS_H

#include "base/counter.h"
#include "base/histogram.h"
#include "base/limit.h"
#include "base/macros.h"

#include <stdalign.h>

#define UPSTREAM_OUTCOMES 7

struct worker_counters {
    /* gauges: what is now */
    alignas(CACHE_LINE_SIZE) counter active; /* 1 while a worker uses the slot and accepts */
    counter connections;                     /* open connections */
    counter free_slots;                      /* connections it could still take */
    counter exchanges;                       /* requests that have begun and are not answered yet */
    counter io_queued;                       /* jobs that wait for an I/O thread … */
    counter io_running;                      /* … and those that have one */
    counter small_memory;                    /* bytes of small blocks in use … */
    counter slab_memory;                     /* … and held for them */
    counter large_memory;                    /* bytes of larger blocks */
    counter upstream_connections;            /* to servers of [upstream] sections … */
    counter upstream_kept;                   /* … and those of them without a request */
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
    counter io_jobs;    /* given to I/O threads */
    counter io_refused; /* … and those that found no thread and no room */
    /* requests of locations with a cache */
    counter replies_hit;
    counter replies_stale;       /* answered by what was no longer fresh */
    counter replies_missed;      /* that had to wait for an upstream, or for another one's fetch */
    counter replies_passed;      /* that were not for the cache */
    counter replies_revalidated; /* by a 304 */
    counter replies_stored;
    counter upstream_connects; /* connections made */
    counter upstream_reuses;   /* requests on one that was kept */
    /* requests sent to a server, by what came of it (enum fetch_outcome) */
    counter upstream_attempts[UPSTREAM_OUTCOMES];
    counter limits[LIMIT_COUNT]; /* how often a client ran into each */
    /* microseconds from the first byte of a request to the last of its answer; with `status` on */
    struct histogram latency;
};

#endif
