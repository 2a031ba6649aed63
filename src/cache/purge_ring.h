/* SPDX-License-Identifier: MIT */
/*
 * purge_ring.h - what was purged lately, told to all workers: shared memory, no locks.
 *
 * The file is gone before its name stands here; the ring is for what workers still hold in memory,
 * and for those that are just fetching what was true before. Who has not looked for so long that the
 * ring has gone round is told to forget everything. Zeroed memory is an empty ring.
 */
#ifndef TINYWEB_CACHE_PURGE_RING_H
#define TINYWEB_CACHE_PURGE_RING_H

#include "base/macros.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define PURGE_PLACES 256

struct purge_place {
    _Atomic uint64_t number; /* of the purge it holds, from 1 on */
    _Atomic uint64_t high, low;
};

struct purge_ring {
    alignas(CACHE_LINE_SIZE) _Atomic uint64_t count; /* purges so far */
    alignas(CACHE_LINE_SIZE) struct purge_place places[PURGE_PLACES];
};

/* Two halves of a hash of the key. Never both 0: that stands for everything. */
struct purge_key {
    uint64_t high, low;
};

void purge_tell(struct purge_ring *ring, struct purge_key key);

/* One load where nothing has happened; *@seen is the reader's, at the start what purge_count gave. */
static inline bool purge_has_news(const struct purge_ring *ring, uint64_t seen)
{
    return atomic_load_explicit(&ring->count, memory_order_acquire) != seen;
}

uint64_t purge_count(const struct purge_ring *ring);

/* The next one since *@seen; false: no more. */
bool purge_next(const struct purge_ring *ring, uint64_t *seen, struct purge_key *ret_key);

static inline bool purge_is_everything(struct purge_key key)
{
    return (key.high | key.low) == 0;
}

#endif
