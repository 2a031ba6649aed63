/* SPDX-License-Identifier: MIT */
/*
 * hash_ring.h - consistent hashing: each member has points on a ring, a key belongs to the next point.
 *
 * When a member comes or goes only its own share of the keys moves. The ring is the same in all workers,
 * whatever the order of the members.
 */
#ifndef TINYWEB_UPSTREAM_HASH_RING_H
#define TINYWEB_UPSTREAM_HASH_RING_H

#include "base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Points of a member for each unit of its weight; fewer when the ring would get too large. */
#define RING_POINTS 160
#define RING_SIZE_MAX 32768

struct ring_member {
    uint64_t key; /* of its name, the same everywhere */
    unsigned weight;
    uint8_t number; /* what the ring answers */
};

struct ring_point {
    uint64_t hash;
    uint8_t number;
};

struct hash_ring {
    struct ring_point *points; /* NULL: none */
    size_t count;
};

/* In place of the former ring, which stays on -ENOMEM. */
MUST_CHECK int hashring_build(struct hash_ring *ring, const struct ring_member *members,
                              size_t count);
void hashring_done(struct hash_ring *ring);

/* Where the members of @key begin; go on with hashring_next. Of a ring with points. */
size_t hashring_find(const struct hash_ring *ring, uint64_t key);
static inline uint8_t hashring_next(const struct hash_ring *ring, size_t *position)
{
    if (*position == ring->count)
        *position = 0;
    return ring->points[(*position)++].number;
}

#endif
