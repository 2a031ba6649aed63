/* SPDX-License-Identifier: MIT */
/*
 * name_table.h - the addresses of names, in memory that one process writes and all workers read.
 *
 * Workers are confined and look nothing up. Each entry has a sequence lock: its number is odd while it is
 * written, and even, and another one, when that is done; who writes may die at any moment.
 */
#ifndef TINYWEB_UPSTREAM_NAME_TABLE_H
#define TINYWEB_UPSTREAM_NAME_TABLE_H

#include "base/address.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Those of a configuration and of the one before it. */
#define NAME_TABLE_ENTRIES 512
#define NAME_ADDRESSES_MAX 16

/* Family and scope; and the bytes. */
struct packed_address {
    _Atomic uint64_t kind;
    _Atomic uint64_t bytes[2];
};

struct name_entry {
    _Atomic uint64_t key; /* 0: free */
    _Atomic uint32_t sequence;
    _Atomic uint32_t count;
    struct packed_address addresses[NAME_ADDRESSES_MAX];
};

struct name_table {
    struct name_entry entries[NAME_TABLE_ENTRIES];
};

/* For the one that writes: what is not among @names is free from now on. */
void nametable_begin(struct name_table *table, const char *const *names, size_t count);
/* The addresses of a name, without ports; those beyond NAME_ADDRESSES_MAX are left out. True: they are
 * others than before. False also when there is no room. */
bool nametable_publish(struct name_table *table, const char *name, const struct address *addresses,
                       size_t count);

/*
 * For those who read. Returns how many there are, in @ret_addresses of NAME_ADDRESSES_MAX; -EAGAIN:
 * nothing that is newer than *@version, which is 0 at first and set to what was read.
 */
int nametable_read(const struct name_table *table, const char *name, uint32_t *version,
                   struct address *ret_addresses);

#endif
