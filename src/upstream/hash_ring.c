/* SPDX-License-Identifier: MIT */
/* hash_ring.c - sorted points, binary search. */
#include "upstream/hash_ring.h"

#include <errno.h>
#include <stdlib.h>

/* The finaliser of MurmurHash3: each bit of the input changes half of the output's. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 33) * UINT64_C(0xff51afd7ed558ccd);
    x = (x ^ x >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ x >> 33;
}

static int compare(const void *left, const void *right)
{
    const struct ring_point *a = left, *b = right;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return (int)a->number - (int)b->number;
}

/* Points of one unit of weight; of a single member of weight 1 there is at least one. */
static size_t points_per_weight(const struct ring_member *members, size_t count)
{
    uint64_t weights = 0;
    for (size_t i = 0; i < count; i++)
        weights += members[i].weight;
    if (weights == 0)
        return 0;
    return (size_t)MAX(MIN((uint64_t)RING_POINTS, RING_SIZE_MAX / weights), (uint64_t)1);
}

int hashring_build(struct hash_ring *ring, const struct ring_member *members, size_t count)
{
    size_t each = points_per_weight(members, count), total = 0;
    for (size_t i = 0; i < count; i++)
        total += each * members[i].weight;
    if (total == 0) {
        hashring_done(ring);
        return 0;
    }
    struct ring_point *points = malloc(total * sizeof(*points));
    if (!points)
        return -ENOMEM;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < each * members[i].weight; k++)
            points[used++] = (struct ring_point){mix(members[i].key + mix(k + 1)),
                                                 members[i].number};
    }
    qsort(points, total, sizeof(*points), compare);
    free(ring->points);
    *ring = (struct hash_ring){points, total};
    return 0;
}

void hashring_done(struct hash_ring *ring)
{
    free(ring->points);
    *ring = (struct hash_ring){.points = NULL};
}

size_t hashring_find(const struct hash_ring *ring, uint64_t key)
{
    size_t low = 0, high = ring->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ring->points[middle].hash < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
