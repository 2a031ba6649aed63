/* SPDX-License-Identifier: MIT */
/*
 * server_table.h - what all workers know of each server: memory they share.
 *
 * A server is found by its key, made of its group's name and its address: so a new generation of workers
 * goes on with what the old one knew. An entry is one's own only in so far as nobody has used it for some
 * time; nothing is ever taken away, so a name that moves every day needs no care. What a worker has under
 * way it writes to its own row, which is cleared when it dies: no place is lost by a crash.
 *
 * Workers are not trusted: whatever is read here is a number to show or to weigh, never an index.
 */
#ifndef TINYWEB_UPSTREAM_SERVER_TABLE_H
#define TINYWEB_UPSTREAM_SERVER_TABLE_H

#include "base/counter.h"
#include "base/macros.h"
#include "base/slice.h"
#include "base/stats.h"

/* More than two generations have servers, and some that were. */
#define SERVER_TABLE_ENTRIES 512
static_assert(STATS_SLOTS_MAX % 64 == 0, "slots are bits of whole words");

struct server_entry {
    alignas(CACHE_LINE_SIZE) _Atomic uint64_t key; /* 0: free */
    _Atomic uint64_t health;                       /* server_health.h */
    _Atomic int64_t seen_ms;                       /* when a worker that has it looked in last */
    _Atomic int64_t check_due_ms;                  /* who moves it on makes the next check */
    _Atomic uint32_t latency_us;                   /* of the last requests, smoothed; 0: none yet */
    _Atomic uint32_t check_latency_us;             /* of the last check */
    _Atomic uint32_t check_status;                 /* what it said; 0: no answer */
};

/* What one worker has done with a server: one writer. */
struct server_load {
    counter in_flight;
    counter requests;
    counter failures;
};

struct server_table {
    _Atomic uint64_t live[STATS_SLOTS_MAX / 64]; /* a bit for each slot whose worker lives */
    _Atomic uint32_t slots_used;                 /* no other row was ever touched */
    struct server_entry entries[SERVER_TABLE_ENTRIES];
    struct server_load loads[STATS_SLOTS_MAX][SERVER_TABLE_ENTRIES];
};

/* The key of the server @text of the upstream @group; never 0. */
uint64_t servertable_key(const char *group, struct slice text);

/* By the worker of @slot, first of all; and by the master when it has ended, in whatever way: nothing is
 * under way there any more. Its other numbers stay. */
void servertable_enter(struct server_table *table, unsigned slot);
void servertable_leave(struct server_table *table, unsigned slot);

/*
 * The index of the entry with @key, which is not 0; one that nobody has used for SERVER_UNUSED_MS, cleared, if
 * there is none yet. -ENOSPC: all are in use. Two that ask for a new key at once get the same entry, but
 * when the table is full: then, rarely, they get one each, and learn each for itself.
 */
#define SERVER_UNUSED_MS 60000
MUST_CHECK int servertable_find(struct server_table *table, uint64_t key, int64_t now_ms);
/* The same without making one: -ENOENT. */
int servertable_lookup(const struct server_table *table, uint64_t key);

static inline struct server_load *servertable_load(struct server_table *table, unsigned slot,
                                                   unsigned index)
{
    return &table->loads[slot][index];
}

/* Requests under way, of all workers. */
uint64_t servertable_in_flight(const struct server_table *table, unsigned index);

/* The same with what else they have counted. */
struct server_sum {
    uint64_t in_flight, requests, failures;
};
struct server_sum servertable_sum(const struct server_table *table, unsigned index);

#endif
