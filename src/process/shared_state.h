/* SPDX-License-Identifier: MIT */
/*
 * shared_state.h - the layout of the memory that master and workers share.
 *
 * Mapped once, before the first fork, and used by every later generation of workers. A worker
 * writes its own counters and the lock's word. The master trusts nothing in here: it compares and
 * clears, and takes no pid, index or size from it.
 */
#ifndef TINYWEB_PROCESS_SHARED_STATE_H
#define TINYWEB_PROCESS_SHARED_STATE_H

#include "base/macros.h"
#include "base/stats.h"
#include "cache/library.h"
#include "os/shmtx.h"
#include "upstream/name_table.h"
#include "upstream/server_table.h"

#define WORKERS_MAX 256
/* A reload has two generations side by side. Pages nobody touches cost nothing. */
#define SHARED_SLOTS (2 * WORKERS_MAX)
static_assert(SHARED_SLOTS == STATS_SLOTS_MAX, "no slot is left out, and none is too many");

struct shared_state {
    alignas(CACHE_LINE_SIZE) struct shmtx_word accept_mutex;
    alignas(CACHE_LINE_SIZE) counter is_draining; /* the master writes it: not ready for new work */
    struct cache_shared cache;                    /* workers write it */
    struct server_stats stats;                    /* the master writes them */
    struct worker_counters counters[SHARED_SLOTS]; /* by slot; aligned to cache lines */
    struct server_table servers;                   /* of upstreams; workers write it */
    struct name_table names;                       /* the resolver writes it */
};

/* Zeroed. 0 or -errno. */
MUST_CHECK int shared_state_create(struct shared_state **ret_shared);
void shared_state_destroy(struct shared_state *shared); /* NULL is fine */

/* The worker of @slot is gone: what it had open or under way is no more; its totals stay. */
void shared_state_clear_gauges(struct shared_state *shared, unsigned slot);

#endif
