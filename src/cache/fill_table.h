/* SPDX-License-Identifier: MIT */
/*
 * fill_table.h - who of all workers is fetching what for the cache: shared memory, no locks.
 *
 * A fetch for a key is announced so that others wait for its result instead of asking the same. The
 * table never blocks anybody: a place that another key has, or a worker that died, costs a second
 * fetch at most. Zeroed memory is an empty table.
 */
#ifndef TINYWEB_CACHE_FILL_TABLE_H
#define TINYWEB_CACHE_FILL_TABLE_H

#include "base/macros.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define FILL_PLACES 1024

/* Each word: a part of the key, the pid, and the second; 0: free. */
struct fill_table {
    alignas(CACHE_LINE_SIZE) _Atomic uint64_t places[FILL_PLACES];
};

enum fill_claim {
    FILL_OURS,   /* announced: release it */
    FILL_OTHERS, /* another process is at it */
    FILL_BUSY,   /* the place has another key: go on without an announcement */
};

/* @key: a hash. @now_s: seconds of the monotonic clock. Whoever announced it more than @age_max_s ago
 * is taken for dead. Announced by us already: OTHERS. */
enum fill_claim fill_claim(struct fill_table *table, uint64_t key, pid_t self, int64_t now_s,
                           uint32_t age_max_s);

/* It goes on: others keep waiting. */
void fill_refresh(struct fill_table *table, uint64_t key, pid_t self, int64_t now_s);

/* True while somebody fetches it. */
bool fill_is_claimed(const struct fill_table *table, uint64_t key, int64_t now_s,
                     uint32_t age_max_s);

/* Harmless when it is not ours. */
void fill_release(struct fill_table *table, uint64_t key, pid_t self);

/* The process @pid is gone. */
void fill_forget_process(struct fill_table *table, pid_t pid);

#endif
