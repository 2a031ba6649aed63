/* SPDX-License-Identifier: MIT */
/* client_counts.c - a word holds the upper 40 bits of a client's key, and its count below. */
#include "base/client_counts.h"

#include "base/client_key.h"

#define PLACES (CACHE_LINE_SIZE / sizeof(counter)) /* of a line */
#define PLACES_PER_CONNECTION 4
#define COUNT_BITS 24
#define COUNT_MASK ((UINT64_C(1) << COUNT_BITS) - 1)

static counter *line_of(const struct client_counts *counts, uint32_t worker, uint64_t key)
{
    size_t line = (size_t)worker * counts->lines + (key & COUNT_MASK & (counts->lines - 1));

    return counts->tables + line * PLACES;
}

/* The place of @key; NULL when it has none. */
static counter *find(counter *line, uint64_t key)
{
    for (size_t i = 0; i < PLACES; i++) {
        uint64_t word = counter_get(&line[i]);

        if ((word & COUNT_MASK) > 0 && word >> COUNT_BITS == key >> COUNT_BITS)
            return &line[i];
    }
    return NULL;
}

static counter *find_free(counter *line)
{
    for (size_t i = 0; i < PLACES; i++) {
        if ((counter_get(&line[i]) & COUNT_MASK) == 0)
            return &line[i];
    }
    return NULL;
}

uint32_t client_counts_lines(uint32_t connections)
{
    uint32_t lines = 1;

    while ((uint64_t)lines * PLACES < (uint64_t)connections * PLACES_PER_CONNECTION)
        lines *= 2;
    return lines;
}

size_t client_counts_size(uint32_t lines, uint32_t workers)
{
    return (size_t)lines * workers * CACHE_LINE_SIZE;
}

enum client_verdict client_counts_enter(struct client_counts *counts, const struct address *addr)
{
    uint64_t key = client_key(counts->seed, addr);
    uint64_t sum = 0;
    counter *place;

    for (uint32_t i = 0; i < counts->workers; i++) {
        const counter *other = find(line_of(counts, i, key), key);

        if (other)
            sum += counter_get(other) & COUNT_MASK;
    }
    if (sum >= counts->limit)
        return CLIENT_REFUSED;
    place = find(line_of(counts, counts->own, key), key);
    if (!place) {
        place = find_free(line_of(counts, counts->own, key));
        if (!place)
            return CLIENT_UNCOUNTED;
        counter_set(place, key & ~COUNT_MASK);
    }
    counter_add(place, 1);
    return CLIENT_COUNTED;
}

void client_counts_leave(struct client_counts *counts, const struct address *addr)
{
    uint64_t key = client_key(counts->seed, addr);
    counter *place = find(line_of(counts, counts->own, key), key);

    assert(place);
    counter_set(place, counter_get(place) - 1);
}

void client_counts_clear(counter *tables, uint32_t lines, uint32_t worker)
{
    counter *table = tables + (size_t)worker * lines * PLACES;

    for (size_t i = 0; i < lines * PLACES; i++) {
        if (counter_get(&table[i]) != 0) /* pages that nobody has used stay so */
            counter_set(&table[i], 0);
    }
}
