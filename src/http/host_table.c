/* SPDX-License-Identifier: MIT */
/* host_table.c - open addressing; a wildcard is stored by its suffix ".example.com". */
#include "http/host_table.h"

#include "base/hash.h"
#include "http/request_line.h"

#include <errno.h>
#include <stdlib.h>

/* The longest name of the DNS, and some. */
#define NAME_SIZE 256
#define INITIAL_SIZE 16

struct entry {
    struct slice name; /* NULL data: free */
    uint64_t hash;
    size_t number;
};

struct host_table {
    struct entry *entries;
    size_t size; /* a power of two, at most half of it in use */
    size_t count;
};

struct host_table *host_table_create(void)
{
    struct host_table *table = calloc(1, sizeof(*table));

    if (!table)
        return NULL;
    table->size = INITIAL_SIZE;
    table->entries = calloc(table->size, sizeof(*table->entries));
    if (!table->entries) {
        free(table);
        return NULL;
    }
    return table;
}

void host_table_destroy(struct host_table *table)
{
    if (!table)
        return;
    free(table->entries);
    free(table);
}

/* The entry of that name, or the free one where it belongs. */
static struct entry *probe(const struct host_table *table, struct slice name, uint64_t hash)
{
    size_t at = hash & (table->size - 1);

    while (table->entries[at].name.data &&
           (table->entries[at].hash != hash || !slice_equal(table->entries[at].name, name)))
        at = (at + 1) & (table->size - 1);
    return &table->entries[at];
}

static int grow(struct host_table *table)
{
    struct host_table larger = {.size = table->size * 2, .count = table->count};

    larger.entries = calloc(larger.size, sizeof(*larger.entries));
    if (!larger.entries)
        return -ENOMEM;
    for (size_t i = 0; i < table->size; i++) {
        const struct entry *entry = &table->entries[i];

        if (entry->name.data)
            *probe(&larger, entry->name, entry->hash) = *entry;
    }
    free(table->entries);
    *table = larger;
    return 0;
}

int host_table_add(struct host_table *table, struct slice name, size_t number)
{
    struct entry *entry;
    uint64_t hash;

    if (table->count * 2 >= table->size) {
        int err = grow(table);

        if (err)
            return err;
    }
    if (slice_starts_with(name, SLICE_LITERAL("*.")))
        name = slice_from(name, 1);
    hash = hash_bytes(0, name);
    entry = probe(table, name, hash);
    if (entry->name.data)
        return 0;
    *entry = (struct entry){.name = name, .hash = hash, .number = number};
    table->count++;
    return 0;
}

static bool look_up(const struct host_table *table, struct slice name, size_t *ret_number)
{
    const struct entry *entry = probe(table, name, hash_bytes(0, name));

    if (!entry->name.data)
        return false;
    *ret_number = entry->number;
    return true;
}

bool host_table_find(const struct host_table *table, struct slice authority, size_t *ret_number)
{
    char lower[NAME_SIZE];
    struct slice name;

    if (LIKELY(table->count == 0))
        return false;
    name = authority_name(authority);
    if (name.len == 0 || name.len > sizeof(lower) || name.data[0] == '.')
        return false;
    for (size_t i = 0; i < name.len; i++)
        lower[i] = ascii_lower(name.data[i]);
    name.data = lower;
    if (look_up(table, name, ret_number))
        return true;
    for (size_t i = 1; i < name.len; i++) {
        if (lower[i] == '.' && look_up(table, slice_from(name, i), ret_number))
            return true;
    }
    return false;
}
