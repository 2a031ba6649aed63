/* SPDX-License-Identifier: MIT */
/* server_table.c - entries by key, and rows of workers by slot. */
#include "upstream/server_table.h"

#include "base/hash.h"

#include <errno.h>

/* The same in all workers and generations. */
#define SERVER_KEY_SEED UINT64_C(0x74696e7977656200)

uint64_t servertable_key(const char *group, struct slice text)
{
    return hash_bytes(hash_bytes(SERVER_KEY_SEED, slice_from_string(group)), text) | 1;
}

static uint64_t bit_of(unsigned slot)
{
    return UINT64_C(1) << slot % 64;
}

static unsigned slots_used(const struct server_table *table)
{
    return MIN(atomic_load(&table->slots_used), (uint32_t)STATS_SLOTS_MAX);
}

void servertable_enter(struct server_table *table, unsigned slot)
{
    assert(slot < STATS_SLOTS_MAX);
    servertable_leave(table, slot);
    atomic_fetch_or(&table->live[slot / 64], bit_of(slot));
    uint32_t used = atomic_load(&table->slots_used);
    while (used <= slot && !atomic_compare_exchange_weak(&table->slots_used, &used, slot + 1))
        continue;
}

void servertable_leave(struct server_table *table, unsigned slot)
{
    assert(slot < STATS_SLOTS_MAX);
    if (!(atomic_fetch_and(&table->live[slot / 64], ~bit_of(slot)) & bit_of(slot)))
        return; /* nobody was there, and its pages were never touched */
    for (unsigned i = 0; i < SERVER_TABLE_ENTRIES; i++) {
        struct server_load *load = &table->loads[slot][i];
        if (counter_get(&load->in_flight) != 0)
            counter_set(&load->in_flight, 0);
    }
}

int servertable_lookup(const struct server_table *table, uint64_t key)
{
    for (int i = 0; i < SERVER_TABLE_ENTRIES; i++) {
        if (atomic_load_explicit(&table->entries[i].key, memory_order_acquire) == key)
            return i;
    }
    return -ENOENT;
}

/*
 * The entry with @key, or the first free one, which is claimed. Nothing ever becomes free again, so whoever
 * else asks for the same key meets the same entry first: no key gets two. -ENOSPC: there is neither.
 */
static int find_or_claim_free(struct server_table *table, uint64_t key)
{
    for (int i = 0; i < SERVER_TABLE_ENTRIES; i++) {
        uint64_t there = atomic_load(&table->entries[i].key);
        if (there == 0 && atomic_compare_exchange_strong(&table->entries[i].key, &there, key))
            return i;
        if (there == key)
            return i;
    }
    return -ENOSPC;
}

/* The one that nobody has looked at for longest, or -ENOSPC. Who has just claimed one has not looked yet. */
static int find_unused(const struct server_table *table, int64_t now_ms)
{
    int best = -ENOSPC;
    int64_t best_ms = now_ms - SERVER_UNUSED_MS;
    for (int i = 0; i < SERVER_TABLE_ENTRIES; i++) {
        int64_t seen_ms = atomic_load(&table->entries[i].seen_ms);
        if (seen_ms != 0 && seen_ms < best_ms) {
            best_ms = seen_ms;
            best = i;
        }
    }
    return best;
}

/* What is left of the server that was there. */
static void clear(struct server_table *table, unsigned index)
{
    struct server_entry *entry = &table->entries[index];
    atomic_store(&entry->health, 0);
    atomic_store(&entry->check_due_ms, 0);
    atomic_store(&entry->latency_us, 0);
    atomic_store(&entry->check_latency_us, 0);
    atomic_store(&entry->check_status, 0);
    for (unsigned slot = 0; slot < slots_used(table); slot++) {
        struct server_load *load = &table->loads[slot][index];
        counter_set(&load->requests, 0);
        counter_set(&load->failures, 0);
        counter_set(&load->in_flight, 0);
    }
}

int servertable_find(struct server_table *table, uint64_t key, int64_t now_ms)
{
    assert(key != 0);
    for (;;) {
        int index = find_or_claim_free(table, key);
        if (index >= 0) {
            atomic_store(&table->entries[index].seen_ms, now_ms);
            return index;
        }
        index = find_unused(table, now_ms);
        if (index < 0)
            return index;
        struct server_entry *entry = &table->entries[index];
        uint64_t former = atomic_load(&entry->key);
        if (atomic_load(&entry->seen_ms) >= now_ms - SERVER_UNUSED_MS)
            continue; /* somebody else has just taken it */
        if (!atomic_compare_exchange_strong(&entry->key, &former, key))
            continue;
        atomic_store(&entry->seen_ms, now_ms);
        clear(table, (unsigned)index);
        return index;
    }
}

uint64_t servertable_in_flight(const struct server_table *table, unsigned index)
{
    uint64_t sum = 0;
    for (unsigned word = 0; word < COUNT_OF(table->live); word++) {
        uint64_t bits = atomic_load_explicit(&table->live[word], memory_order_relaxed);
        for (; bits != 0; bits &= bits - 1) {
            unsigned slot = word * 64 + (unsigned)__builtin_ctzll(bits);
            sum += counter_get(&table->loads[slot][index].in_flight);
        }
    }
    return sum;
}

struct server_sum servertable_sum(const struct server_table *table, unsigned index)
{
    struct server_sum sum = {.in_flight = servertable_in_flight(table, index)};
    for (unsigned slot = 0; slot < slots_used(table); slot++) {
        sum.requests += counter_get(&table->loads[slot][index].requests);
        sum.failures += counter_get(&table->loads[slot][index].failures);
    }
    return sum;
}
