/* SPDX-License-Identifier: MIT */
/*
 * tracked_store.h - stands in for slab_store.h under sanitizers: every block is malloc's own.
 *
 * So ASan sees the end of each block and each use after free. A note in front of the block keeps
 * what mempool promises: the size it must be freed with, and a list of what dies with the pool.
 */
#ifndef TINYWEB_BASE_TRACKED_STORE_H
#define TINYWEB_BASE_TRACKED_STORE_H

#include "base/list.h"
#include "base/slab_store.h"

#include <stdlib.h>

struct tracked_store {
    struct list_node notes;
    size_t in_use;
};

struct tracked_note {
    struct list_node node;
    size_t size;
    size_t unused; /* the block behind the note is aligned to 16 */
};

static inline void tracked_init(struct tracked_store *store)
{
    list_init(&store->notes);
    store->in_use = 0;
}

static inline void tracked_done(struct tracked_store *store)
{
    while (!list_is_empty(&store->notes)) {
        struct tracked_note *note = container_of(store->notes.next, struct tracked_note, node);

        list_remove(&note->node);
        free(note);
    }
}

/* No block waits to be used again. */
static inline void *tracked_pop(struct tracked_store *store, size_t size)
{
    (void)store;
    (void)size;
    return NULL;
}

static inline void *tracked_alloc(struct tracked_store *store, size_t size)
{
    struct tracked_note *note = malloc(sizeof(*note) + size);

    if (!note)
        return NULL;
    note->size = size;
    list_append(&store->notes, &note->node);
    store->in_use += slabs_class_size(slabs_class(size));
    return note + 1;
}

static inline void tracked_free(struct tracked_store *store, void *block, size_t size)
{
    struct tracked_note *note = (struct tracked_note *)block - 1;

    assert(note->size == size && "freed with the size it was asked with");
    store->in_use -= slabs_class_size(slabs_class(size));
    list_remove(&note->node);
    free(note);
}

static inline void tracked_stats(const struct tracked_store *store, struct mempool_stats *stats)
{
    stats->small_in_use = store->in_use;
}

#endif
