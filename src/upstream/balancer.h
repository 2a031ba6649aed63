/* SPDX-License-Identifier: MIT */
/*
 * balancer.h - which one of several servers that may be asked: the methods of `balance`.
 *
 * A method looks at candidates and nothing else: who is one is decided in group_pick.c.
 */
#ifndef TINYWEB_UPSTREAM_BALANCER_H
#define TINYWEB_UPSTREAM_BALANCER_H

#include "config/config.h"
#include "upstream/hash_ring.h"

struct server_table;

struct candidate {
    uint8_t number;  /* in its group */
    uint32_t weight; /* what it is due, in parts of HEALTH_SHARE_WHOLE; not 0 */
    unsigned entry;  /* in the table */
    int64_t *turn;   /* kept by the group for BALANCE_ROUND_ROBIN */
};

struct balance_input {
    const struct candidate *candidates;
    unsigned count;                   /* at least 1 */
    const struct server_table *table; /* where loads are asked for */
    const struct hash_ring *ring;     /* of all servers of the group */
    uint64_t key;                     /* for BALANCE_HASH; 0: there is nothing to go by */
    unsigned hash_bound;              /* percent; 0: none */
    uint64_t *random;                 /* state, not 0 */
};

/* The index of the chosen candidate. */
unsigned balancer_choose(enum balance_kind kind, const struct balance_input *input);

#endif
