/* SPDX-License-Identifier: MIT */
/*
 * slab_store.c - cuts slabs into blocks.
 *
 * A class that is empty takes a batch of blocks from the slab at hand. Batches grow, so a class
 * in use is seldom refilled and one that is not costs little. No byte is lost: what a slab has
 * left when it is too short, and what is left of a block that had to be split for a smaller
 * request, becomes free blocks of the size it has. So a block is always exactly of the class its
 * owner will free it with.
 */
#include "base/slab_store.h"

#include <assert.h>
#include <stdlib.h>

/* With malloc's own word in front it stays within four pages. */
#define SLAB_SIZE ((size_t)16 * 1024 - 16)
#define BATCH_FIRST 8
#define BATCH_MAX 64

struct slab {
    struct slab *next;
    size_t size;
};

static_assert(sizeof(struct slab) % 16 == 0, "blocks after the header are aligned to 16");

void slabs_init(struct slab_store *store)
{
    *store = (struct slab_store){.slabs = NULL};
    for (unsigned class = 0; class < MEMPOOL_CLASSES; class ++)
        store->batch[class] = BATCH_FIRST;
}

void slabs_done(struct slab_store *store)
{
    while (store->slabs) {
        struct slab *slab = store->slabs;

        store->slabs = slab->next;
        free(slab);
    }
}

static bool is_aligned(const void *place, size_t size)
{
    return size % 16 != 0 || (uintptr_t)place % 16 == 0;
}

/* Make free blocks of @len bytes: as large as the classes and the alignment allow. */
static void free_range(struct slab_store *store, char *start, size_t len)
{
    while (len > 0) {
        size_t size = MIN(len, (size_t)MEMPOOL_SMALL_MAX);

        assert(start != NULL); /* only before the first slab, and then @len is 0 */
        if (!is_aligned(start, size))
            size -= MEMPOOL_STEP;
        slabs_free(store, start, size);
        start += size;
        len -= size;
    }
}

static bool add_slab(struct slab_store *store, size_t size)
{
    struct slab *slab = malloc(size);
    size_t rest = (size_t)(store->end - store->start);

    if (!slab)
        return false;
    free_range(store, store->start, rest);
    store->cut_bytes += rest;

    *slab = (struct slab){.next = store->slabs, .size = size};
    store->slabs = slab;
    store->start = (char *)slab + sizeof(*slab);
    store->end = (char *)slab + size;
    store->slab_bytes += size;
    store->refills++;
    return true;
}

/* Cut a batch of @size, its lowest address first to be used; gives one block, or NULL. */
static void *cut_batch(struct slab_store *store, size_t size)
{
    unsigned class = slabs_class(size);
    size_t room = (size_t)(store->end - store->start);
    size_t skip = is_aligned(store->start, size) ? 0 : MEMPOOL_STEP;
    size_t count;
    char *first;

    if (room < skip + size)
        return NULL;
    count = MIN((room - skip) / size, (size_t)store->batch[class]);
    store->batch[class] = MIN(store->batch[class] * 2, (unsigned)BATCH_MAX);

    free_range(store, store->start, skip);
    first = store->start + skip;
    store->start += skip + count * size;
    store->cut_bytes += skip + count * size;
    while (--count > 0)
        slabs_free(store, first + count * size, size);
    return first;
}

/* Out of memory: split the smallest free block that has room for @size. */
static void *split_larger(struct slab_store *store, size_t size)
{
    for (size_t total = size + MEMPOOL_STEP; total <= MEMPOOL_SMALL_MAX; total += MEMPOOL_STEP) {
        char *start = (char *)store->free[slabs_class(total)];
        size_t skip = is_aligned(start, size) ? 0 : MEMPOOL_STEP;

        if (!start || skip + size > total)
            continue;
        store->free[slabs_class(total)] = store->free[slabs_class(total)]->next;
        free_range(store, start, skip);
        free_range(store, start + skip + size, total - skip - size);
        return start + skip;
    }
    return NULL;
}

void *slabs_refill(struct slab_store *store, size_t size)
{
    unsigned class = slabs_class(size);
    void *block;

    size = slabs_class_size(class);
    block = cut_batch(store, size);
    if (!block && add_slab(store, SLAB_SIZE))
        block = cut_batch(store, size);
    if (!block)
        block = split_larger(store, size);
    /* Where no slab is to be had, memory for this one block may be. */
    if (!block && add_slab(store, sizeof(struct slab) + size))
        block = cut_batch(store, size);
    return block;
}

void slabs_stats(const struct slab_store *store, struct mempool_stats *stats)
{
    stats->slab_bytes = store->slab_bytes;
    stats->refills = store->refills;
    stats->small_in_use = store->cut_bytes;
    for (unsigned class = 0; class < MEMPOOL_CLASSES; class ++) {
        for (const struct free_block *block = store->free[class]; block; block = block->next)
            stats->small_in_use -= slabs_class_size(class);
    }
}
