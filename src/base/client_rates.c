/* SPDX-License-Identifier: MIT */
/* client_rates.c - pairs of words: a client's key, and the microsecond at which its bucket is full. */
#include "base/client_rates.h"

#include "base/client_key.h"

#define BUCKET_LINES 16384 /* a mebibyte, of which only what is used costs memory */
#define BUCKETS_PER_LINE (CACHE_LINE_SIZE / (2 * sizeof(counter)))
/* A client's bucket is in one of two lines that lie together. */
#define BUCKETS (2 * BUCKETS_PER_LINE)
#define SECOND_US UINT64_C(1000000)

size_t client_rates_size(void)
{
    return (size_t)BUCKET_LINES * CACHE_LINE_SIZE;
}

/* The bucket's time; a place whose time has passed may be taken over. NULL: all are in use. */
static counter *find(const struct client_rates *rates, uint64_t key, uint64_t now_us)
{
    counter *bucket = rates->buckets + key % (BUCKET_LINES / 2) * BUCKETS * 2;

    for (size_t i = 0; i < BUCKETS; i++) {
        if (counter_get(&bucket[2 * i]) == key)
            return &bucket[2 * i + 1];
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        uint64_t owner = counter_get(&bucket[2 * i]);

        /* Another worker may be faster; then the next place will do. */
        if (counter_get(&bucket[2 * i + 1]) <= now_us &&
            atomic_compare_exchange_strong_explicit(&bucket[2 * i], &owner, key,
                                                    memory_order_relaxed, memory_order_relaxed))
            return &bucket[2 * i + 1];
    }
    return NULL;
}

uint32_t client_rates_take(const struct client_rates *rates, const struct address *addr,
                           int64_t now_ms, bool *ret_is_known)
{
    uint64_t now_us = (uint64_t)now_ms * 1000;
    uint64_t interval_us = SECOND_US / rates->rate;
    uint64_t room_us = interval_us * rates->burst;
    counter *full_at = find(rates, client_key(rates->seed, addr), now_us);
    uint64_t old, next;

    *ret_is_known = full_at != NULL;
    if (!full_at)
        return 0;
    old = counter_get(full_at);
    do {
        next = MAX(old, now_us) + interval_us;
        if (next > now_us + room_us)
            return (uint32_t)((next - now_us - room_us + 999) / 1000);
    } while (!atomic_compare_exchange_weak_explicit(full_at, &old, next, memory_order_relaxed,
                                                    memory_order_relaxed));
    return 0;
}
