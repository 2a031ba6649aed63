/* SPDX-License-Identifier: MIT */
/*
 * client_rates.h - how often each client may ask, all workers together: a token bucket for each.
 *
 * A bucket is one number, the time at which it is full again (the generic cell rate algorithm); in shared
 * memory, changed by compare and swap. A full bucket says nothing, so its place is free for others and
 * nothing has ever to be cleaned. The clock is CLOCK_MONOTONIC, which is the same for all processes.
 */
#ifndef TINYWEB_BASE_CLIENT_RATES_H
#define TINYWEB_BASE_CLIENT_RATES_H

#include "base/address.h"
#include "base/counters.h"

/* As one worker sees them; plain, the memory is borrowed. */
struct client_rates {
    counter *buckets; /* zeroed at first, client_rates_size bytes, aligned to a cache line */
    uint64_t seed;    /* the same in all workers */
    uint32_t rate;    /* requests a second, 1 to a million */
    uint32_t burst;   /* requests at once, at least 1 */
};

size_t client_rates_size(void);

/* One request of @addr. Returns 0 when it may be answered, or in how many milliseconds it may come
 * again. *@ret_is_known: false when no place was left, and it was not counted. */
uint32_t client_rates_take(const struct client_rates *rates, const struct address *addr,
                           int64_t now_ms, bool *ret_is_known);

#endif
