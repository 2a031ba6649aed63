/* SPDX-License-Identifier: MIT */
/*
 * client_counts.h - how many connections each client has with all workers of a generation.
 *
 * In shared memory each worker has a table of its own that it alone writes; who asks adds up what
 * stands in all of them. So nothing is locked, and what a dead worker held is gone when the master
 * clears its table. Two workers may let the last two of a client in at the same moment.
 *
 * A table is a set of cache lines; a client has its place in one of them, by its key. Where a line is
 * full a client is not counted, which is rare: there are four places for each connection.
 */
#ifndef TINYWEB_BASE_CLIENT_COUNTS_H
#define TINYWEB_BASE_CLIENT_COUNTS_H

#include "base/address.h"
#include "base/counters.h"

/* As one worker sees them; plain, the memory is borrowed. */
struct client_counts {
    counter *tables; /* zeroed at first, client_counts_size bytes, aligned to a cache line */
    uint32_t lines;  /* of one table, a power of two */
    uint32_t workers;
    uint32_t own; /* the number of our table */
    uint32_t limit;
    uint64_t seed; /* the same in all workers */
};

enum client_verdict { CLIENT_COUNTED, CLIENT_UNCOUNTED, CLIENT_REFUSED };

/* For workers of so many @connections each. */
uint32_t client_counts_lines(uint32_t connections);
size_t client_counts_size(uint32_t lines, uint32_t workers);

/* Another connection of @addr: REFUSED when it has `limit` already; UNCOUNTED when no place is left. */
enum client_verdict client_counts_enter(struct client_counts *counts, const struct address *addr);
/* One that was COUNTED is gone. */
void client_counts_leave(struct client_counts *counts, const struct address *addr);

/* For the master: worker number @worker is gone. */
void client_counts_clear(counter *tables, uint32_t lines, uint32_t worker);

#endif
