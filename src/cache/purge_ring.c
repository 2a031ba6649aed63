/* SPDX-License-Identifier: MIT */
/* purge_ring.c - a place is believed when its number is the one looked for, before and after. */

#include "cache/purge_ring.h"

void purge_tell(struct purge_ring *ring, struct purge_key key)
{
    uint64_t number = atomic_fetch_add(&ring->count, 1) + 1;
    struct purge_place *place = &ring->places[number % PURGE_PLACES];

    atomic_store(&place->number, 0);
    atomic_store(&place->high, key.high);
    atomic_store(&place->low, key.low);
    atomic_store(&place->number, number);
}

uint64_t purge_count(const struct purge_ring *ring)
{
    return atomic_load(&ring->count);
}

/* It was written over, or its writer is not done, and may be dead. */
static bool forget_everything(const struct purge_ring *ring, uint64_t *seen,
                              struct purge_key *ret_key)
{
    *seen = purge_count(ring);
    *ret_key = (struct purge_key){0, 0};
    return true;
}

bool purge_next(const struct purge_ring *ring, uint64_t *seen, struct purge_key *ret_key)
{
    uint64_t number = *seen + 1;
    const struct purge_place *place = &ring->places[number % PURGE_PLACES];
    struct purge_key key;

    if (*seen == purge_count(ring))
        return false;
    if (atomic_load(&place->number) != number)
        return forget_everything(ring, seen, ret_key);
    key = (struct purge_key){atomic_load(&place->high), atomic_load(&place->low)};
    if (atomic_load(&place->number) != number)
        return forget_everything(ring, seen, ret_key);
    *seen = number;
    *ret_key = key;
    return true;
}
