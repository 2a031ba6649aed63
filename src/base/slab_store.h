/* SPDX-License-Identifier: MIT */
/*
 * slab_store.h - the free lists of a mempool by size class, and the slabs they are cut from.
 *
 * For mempool.c alone: sizes are at most MEMPOOL_SMALL_MAX, NULL means that malloc gave nothing
 * and no block could be split. The store owns every block, in use or free.
 */
#ifndef TINYWEB_BASE_SLAB_STORE_H
#define TINYWEB_BASE_SLAB_STORE_H

#include "base/mempool.h"

struct free_block {
    struct free_block *next;
};

struct slab_store {
    struct free_block *free[MEMPOOL_CLASSES]; /* first: all that the fast path touches */
    struct slab *slabs;
    char *start, *end;               /* what is uncut of the newest slab */
    unsigned batch[MEMPOOL_CLASSES]; /* blocks that the next refill cuts */
    size_t slab_bytes;
    size_t cut_bytes; /* in blocks, free or in use */
    uint64_t refills;
};

void slabs_init(struct slab_store *store);
void slabs_done(struct slab_store *store);

/* The class of @size is empty: fill it, and give one block of it. */
void *slabs_refill(struct slab_store *store, size_t size);

/* Fills what concerns the slabs. Walks the free lists, so that the fast path need not count. */
void slabs_stats(const struct slab_store *store, struct mempool_stats *stats);

/* 0 and 1..8 -> 0, 9..16 -> 1, ... */
static inline unsigned slabs_class(size_t size)
{
    return (unsigned)((size - (size != 0)) / MEMPOOL_STEP);
}

static inline size_t slabs_class_size(unsigned class)
{
    return ((size_t) class + 1) * MEMPOOL_STEP;
}

/* NULL when the class is empty. */
static inline void *slabs_pop(struct slab_store *store, size_t size)
{
    unsigned class = slabs_class(size);
    struct free_block *block = store->free[class];

    if (LIKELY(block))
        store->free[class] = block->next;
    return block;
}

static inline void *slabs_alloc(struct slab_store *store, size_t size)
{
    void *block = slabs_pop(store, size);

    return LIKELY(block) ? block : slabs_refill(store, size);
}

static inline void slabs_free(struct slab_store *store, void *place, size_t size)
{
    struct free_block *block = place;
    unsigned class = slabs_class(size);

    block->next = store->free[class];
    store->free[class] = block;
}

#endif
