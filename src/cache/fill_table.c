/* SPDX-License-Identifier: MIT */
/* fill_table.c - all that is known of a place fits into one word, which changes by compare-and-swap. */

#include "cache/fill_table.h"

/* From the top: 24 bits of the key, 22 of the pid (as many as Linux has), 18 of the second. */
#define PID_BITS 22
#define TIME_BITS 18
#define PID_MASK ((1ULL << PID_BITS) - 1)
#define TIME_MASK ((1ULL << TIME_BITS) - 1)

static uint64_t tag_of(uint64_t key)
{
    return key >> (PID_BITS + TIME_BITS);
}

static uint64_t word_of(uint64_t key, pid_t pid, int64_t now_s)
{
    return tag_of(key) << (PID_BITS + TIME_BITS) | ((uint64_t)pid & PID_MASK) << TIME_BITS |
           ((uint64_t)now_s & TIME_MASK);
}

static bool has_key(uint64_t word, uint64_t key)
{
    return word != 0 && tag_of(word) == tag_of(key);
}

static uint64_t pid_of(uint64_t word)
{
    return word >> TIME_BITS & PID_MASK;
}

static bool is_old(uint64_t word, int64_t now_s, uint32_t age_max_s)
{
    return (((uint64_t)now_s - word) & TIME_MASK) > age_max_s;
}

static const _Atomic uint64_t *place_of(const struct fill_table *table, uint64_t key)
{
    return &table->places[key % FILL_PLACES];
}

enum fill_claim fill_claim(struct fill_table *table, uint64_t key, pid_t self, int64_t now_s,
                           uint32_t age_max_s)
{
    _Atomic uint64_t *place = &table->places[key % FILL_PLACES];
    uint64_t word = atomic_load(place);

    if (word != 0 && !is_old(word, now_s, age_max_s))
        return has_key(word, key) ? FILL_OTHERS : FILL_BUSY;
    if (atomic_compare_exchange_strong(place, &word, word_of(key, self, now_s)))
        return FILL_OURS;
    return has_key(word, key) ? FILL_OTHERS : FILL_BUSY;
}

void fill_refresh(struct fill_table *table, uint64_t key, pid_t self, int64_t now_s)
{
    _Atomic uint64_t *place = &table->places[key % FILL_PLACES];
    uint64_t word = atomic_load(place);

    if (has_key(word, key) && pid_of(word) == ((uint64_t)self & PID_MASK))
        (void)atomic_compare_exchange_strong(place, &word, word_of(key, self, now_s));
}

bool fill_is_claimed(const struct fill_table *table, uint64_t key, int64_t now_s,
                     uint32_t age_max_s)
{
    uint64_t word = atomic_load(place_of(table, key));

    return has_key(word, key) && !is_old(word, now_s, age_max_s);
}

void fill_release(struct fill_table *table, uint64_t key, pid_t self)
{
    _Atomic uint64_t *place = &table->places[key % FILL_PLACES];
    uint64_t word = atomic_load(place);

    if (has_key(word, key) && pid_of(word) == ((uint64_t)self & PID_MASK))
        (void)atomic_compare_exchange_strong(place, &word, 0);
}

void fill_forget_process(struct fill_table *table, pid_t pid)
{
    for (unsigned i = 0; i < FILL_PLACES; i++) {
        uint64_t word = atomic_load(&table->places[i]);

        if (word != 0 && pid_of(word) == ((uint64_t)pid & PID_MASK))
            (void)atomic_compare_exchange_strong(&table->places[i], &word, 0);
    }
}
