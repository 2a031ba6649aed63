/* SPDX-License-Identifier: MIT */
/*
 * mempool.c - free lists by size class, filled in batches that are cut from slabs.
 *
 * A class that is empty takes a batch of blocks from the slab at hand; its batches grow, so that
 * a class in use is seldom refilled and one that is not costs little. What a slab has left when
 * it is too short goes to the free lists too. No byte is ever lost: a block borrowed from a
 * larger class is split, and both parts are free blocks of their own size afterwards.
 */
#include "base/mempool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* By --enable-sanitizers, or by flags alone where there is no config.h. */
#if defined(TINYWEB_SANITIZERS) || defined(__SANITIZE_ADDRESS__)
#define IS_CHECKED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define IS_CHECKED 1
#endif
#endif
#ifndef IS_CHECKED
#define IS_CHECKED 0
#endif

#define PRESSURE_TRIES 2

struct free_block {
    struct free_block *next;
};

struct mempool {
    struct free_block *free[MEMPOOL_CLASSES]; /* first: what the fast path touches */
    struct store *store;
    mempool_pressure_fn handler;
    void *handler_context;
    bool in_handler;
    size_t large_in_use;
    uint64_t pressure;
};

static unsigned class_of(size_t size)
{
    return (unsigned)((size - (size != 0)) / MEMPOOL_STEP);
}

static size_t class_size(unsigned class)
{
    return ((size_t) class + 1) * MEMPOOL_STEP;
}

#if !IS_CHECKED

#define SLAB_SIZE ((size_t)16 * 1024)
#define BATCH_FIRST 8
#define BATCH_MAX 64

struct slab {
    struct slab *next;
    size_t size;
};

static_assert(sizeof(struct slab) % 16 == 0, "blocks after the header are aligned to 16");

struct store {
    struct slab *slabs;
    char *start, *end;               /* what is uncut of the newest slab */
    unsigned batch[MEMPOOL_CLASSES]; /* blocks of the next refill */
    size_t slab_bytes;
    size_t cut_bytes; /* in blocks, free or in use */
    uint64_t refills;
};

static struct store *store_create(void)
{
    struct store *store = calloc(1, sizeof(*store));

    if (!store)
        return NULL;
    for (unsigned i = 0; i < MEMPOOL_CLASSES; i++)
        store->batch[i] = BATCH_FIRST;
    return store;
}

static void store_destroy(struct store *store)
{
    while (store->slabs) {
        struct slab *slab = store->slabs;

        store->slabs = slab->next;
        free(slab);
    }
    free(store);
}

static void push(struct mempool *pool, unsigned class, void *place)
{
    struct free_block *block = place;

    block->next = pool->free[class];
    pool->free[class] = block;
}

static void *pop(struct mempool *pool, unsigned class)
{
    struct free_block *block = pool->free[class];

    if (block)
        pool->free[class] = block->next;
    return block;
}

static bool is_aligned(const void *place, size_t size)
{
    return size % 16 != 0 || (uintptr_t)place % 16 == 0;
}

/* Make free blocks of @len bytes: as large as the classes and the alignment allow. */
static void push_range(struct mempool *pool, char *start, size_t len)
{
    while (len > 0) {
        size_t size = MIN(len, (size_t)MEMPOOL_SMALL_MAX);

        if (!is_aligned(start, size))
            size -= MEMPOOL_STEP;
        push(pool, class_of(size), start);
        start += size;
        len -= size;
    }
}

static bool add_slab(struct mempool *pool, size_t size)
{
    struct store *store = pool->store;
    struct slab *slab = malloc(size);

    if (!slab)
        return false;
    *slab = (struct slab){.next = store->slabs, .size = size};
    store->slabs = slab;
    store->slab_bytes += size;
    store->refills++;

    store->cut_bytes += (size_t)(store->end - store->start);
    push_range(pool, store->start, (size_t)(store->end - store->start));
    store->start = (char *)slab + sizeof(*slab);
    store->end = (char *)slab + size;
    return true;
}

/* Cut a batch for @class, lowest address on top of the list; gives one block of it. */
static void *cut_batch(struct mempool *pool, unsigned class)
{
    struct store *store = pool->store;
    size_t size = class_size(class);
    size_t room, count;
    char *first;

    if (!is_aligned(store->start, size) && store->start < store->end) {
        push(pool, class_of(MEMPOOL_STEP), store->start);
        store->start += MEMPOOL_STEP;
        store->cut_bytes += MEMPOOL_STEP;
    }
    room = (size_t)(store->end - store->start) / size;
    if (room == 0)
        return NULL;
    count = MIN(room, (size_t)store->batch[class]);
    store->batch[class] = MIN(store->batch[class] * 2, (unsigned)BATCH_MAX);
    first = store->start;
    store->start += count * size;
    store->cut_bytes += count * size;
    for (size_t i = count; i > 1; i--)
        push(pool, class, first + (i - 1) * size);
    return first;
}

/* Split a block of a larger class; the rest of it stays free. */
static void *borrow_larger(struct mempool *pool, unsigned class)
{
    size_t size = class_size(class);

    for (unsigned larger = class + 1; larger < MEMPOOL_CLASSES; larger++) {
        size_t total = class_size(larger);
        char *start = pool->free[larger] ? (char *)pool->free[larger] : NULL;
        size_t skip;

        if (!start)
            continue;
        skip = is_aligned(start, size) ? 0 : MEMPOOL_STEP;
        if (skip + size > total)
            continue;
        (void)pop(pool, larger);
        push_range(pool, start, skip);
        push_range(pool, start + skip + size, total - skip - size);
        return start + skip;
    }
    return NULL;
}

/* Slow path of one try: a batch; out of memory: a larger class, or a slab of this block alone. */
static void *small_refill(struct mempool *pool, size_t size)
{
    unsigned class = class_of(size);
    void *block = cut_batch(pool, class);

    if (!block && add_slab(pool, SLAB_SIZE))
        block = cut_batch(pool, class);
    if (!block)
        block = pop(pool, class); /* the rest of the last slab may have brought one */
    if (!block)
        block = borrow_larger(pool, class);
    if (!block && add_slab(pool, sizeof(struct slab) + class_size(class)))
        block = cut_batch(pool, class);
    return block;
}

static inline void *small_alloc(struct mempool *pool, size_t size)
{
    void *block = pop(pool, class_of(size));

    return LIKELY(block) ? block : small_refill(pool, size);
}

static inline void small_free(struct mempool *pool, void *block, size_t size)
{
    push(pool, class_of(size), block);
}

static bool keeps_block(size_t old_size, size_t new_size)
{
    return class_of(old_size) == class_of(new_size);
}

static void store_stats(const struct mempool *pool, struct mempool_stats *stats)
{
    const struct store *store = pool->store;

    stats->slab_bytes = store->slab_bytes;
    stats->refills = store->refills;
    stats->small_in_use = store->cut_bytes;
    for (unsigned class = 0; class < MEMPOOL_CLASSES; class ++) {
        for (const struct free_block *block = pool->free[class]; block; block = block->next)
            stats->small_in_use -= class_size(class);
    }
}

#else /* IS_CHECKED: every block is malloc's own, with a note in front of it */

#include "base/list.h"

struct note {
    struct list_node node;
    size_t size;
    size_t unused; /* keeps the block behind it aligned to 16 */
};

static_assert(sizeof(struct note) % 16 == 0, "blocks after the note are aligned to 16");

struct store {
    struct list_node notes;
    size_t in_use;
};

static struct store *store_create(void)
{
    struct store *store = calloc(1, sizeof(*store));

    if (store)
        list_init(&store->notes);
    return store;
}

static void store_destroy(struct store *store)
{
    while (!list_is_empty(&store->notes)) {
        struct note *note = container_of(store->notes.next, struct note, node);

        list_remove(&note->node);
        free(note);
    }
    free(store);
}

static void *small_alloc(struct mempool *pool, size_t size)
{
    struct note *note = malloc(sizeof(*note) + size);

    if (!note)
        return NULL;
    *note = (struct note){.size = size};
    list_append(&pool->store->notes, &note->node);
    pool->store->in_use += class_size(class_of(size));
    return note + 1;
}

static void small_free(struct mempool *pool, void *block, size_t size)
{
    struct note *note = (struct note *)block - 1;

    assert(note->size == size && "freed with the size it was asked with");
    pool->store->in_use -= class_size(class_of(size));
    list_remove(&note->node);
    free(note);
}

/* Never: whoever keeps the old pointer is found out. */
static bool keeps_block(size_t old_size, size_t new_size)
{
    (void)old_size;
    (void)new_size;
    return false;
}

static void store_stats(const struct mempool *pool, struct mempool_stats *stats)
{
    stats->small_in_use = pool->store->in_use;
}

#endif

struct mempool *mempool_create(void)
{
    struct mempool *pool = calloc(1, sizeof(*pool));

    if (!pool)
        return NULL;
    pool->store = store_create();
    if (!pool->store) {
        free(pool);
        return NULL;
    }
    return pool;
}

void mempool_destroy(struct mempool *pool)
{
    if (!pool)
        return;
    store_destroy(pool->store);
    free(pool);
}

void mempool_set_pressure_handler(struct mempool *pool, mempool_pressure_fn handler, void *context)
{
    pool->handler = handler;
    pool->handler_context = context;
}

/* True when another try is worth it. A handler that runs short itself is not called again. */
static bool relieve_pressure(struct mempool *pool, size_t wanted)
{
    bool again;

    if (!pool->handler || pool->in_handler)
        return false;
    pool->pressure++;
    pool->in_handler = true;
    again = pool->handler(pool->handler_context, wanted);
    pool->in_handler = false;
    return again;
}

static void *try_large(struct mempool *pool, size_t size)
{
    void *block = malloc(size);

    if (block)
        pool->large_in_use += size;
    return block;
}

static void *alloc_slowly(struct mempool *pool, size_t size)
{
    for (int tries = 0; tries < PRESSURE_TRIES && relieve_pressure(pool, size); tries++) {
        void *block = size > MEMPOOL_SMALL_MAX ? try_large(pool, size) : small_alloc(pool, size);

        if (block)
            return block;
    }
    return NULL;
}

void *mempool_alloc(struct mempool *pool, size_t size)
{
    void *block = LIKELY(size <= MEMPOOL_SMALL_MAX) ? small_alloc(pool, size)
                                                    : try_large(pool, size);

    return LIKELY(block) ? block : alloc_slowly(pool, size);
}

void *mempool_zalloc(struct mempool *pool, size_t size)
{
    void *block = mempool_alloc(pool, size);

    if (block)
        memset(block, 0, size);
    return block;
}

void mempool_free(struct mempool *pool, void *block, size_t size)
{
    if (UNLIKELY(!block))
        return;
    if (LIKELY(size <= MEMPOOL_SMALL_MAX)) {
        small_free(pool, block, size);
    } else {
        assert(pool->large_in_use >= size);
        pool->large_in_use -= size;
        free(block);
    }
}

/* Both sizes are large: malloc may grow the block in place. */
static void *realloc_large(struct mempool *pool, void *block, size_t old_size, size_t new_size)
{
    for (int tries = 0;; tries++) {
        void *moved = realloc(block, new_size);

        if (moved) {
            pool->large_in_use += new_size - old_size;
            return moved;
        }
        if (tries == PRESSURE_TRIES || !relieve_pressure(pool, new_size))
            return NULL;
    }
}

void *mempool_realloc(struct mempool *pool, void *block, size_t old_size, size_t new_size)
{
    void *moved;

    if (!block)
        return mempool_alloc(pool, new_size);
    if (old_size > MEMPOOL_SMALL_MAX && new_size > MEMPOOL_SMALL_MAX)
        return realloc_large(pool, block, old_size, new_size);
    if (keeps_block(old_size, new_size))
        return block;
    moved = mempool_alloc(pool, new_size);
    if (moved) {
        memcpy(moved, block, MIN(old_size, new_size));
        mempool_free(pool, block, old_size);
    }
    return moved;
}

void mempool_stats(const struct mempool *pool, struct mempool_stats *ret_stats)
{
    *ret_stats = (struct mempool_stats){
        .large_in_use = pool->large_in_use,
        .pressure = pool->pressure,
    };
    store_stats(pool, ret_stats);
}
