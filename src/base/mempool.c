/* SPDX-License-Identifier: MIT */
/*
 * mempool.c - sends a request to the slabs or to malloc, and asks for memory back when both fail.
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

#if IS_CHECKED
#include "base/tracked_store.h"
#define small_store tracked_store
#define small_init tracked_init
#define small_done tracked_done
#define small_pop tracked_pop
#define small_alloc tracked_alloc
#define small_free tracked_free
#define small_stats tracked_stats
#else
#include "base/slab_store.h"
#define small_store slab_store
#define small_init slabs_init
#define small_done slabs_done
#define small_pop slabs_pop
#define small_alloc slabs_alloc
#define small_free slabs_free
#define small_stats slabs_stats
#endif

/* Blocks of middle size come and go with each request that is passed on: some are kept, by their size in
 * steps of so many bytes. */
#define MIDDLE_STEP 512U
#define MIDDLE_CLASSES 4U
#define MIDDLE_MAX (IS_CHECKED ? 0 : (size_t)MIDDLE_STEP * MIDDLE_CLASSES)
#define KEPT_MAX 16 /* of each */

struct kept {
    struct kept *next;
};

struct mempool {
    struct small_store small;
    struct kept *kept[MIDDLE_CLASSES];
    unsigned kept_count[MIDDLE_CLASSES];
    mempool_pressure_fn handler;
    void *handler_context;
    bool in_handler;
    size_t large_in_use;
    uint64_t pressure;
};

struct mempool *mempool_create(void)
{
    struct mempool *pool = calloc(1, sizeof(*pool));

    if (pool)
        small_init(&pool->small);
    return pool;
}

static size_t middle_class(size_t size)
{
    return (size - 1) / MIDDLE_STEP;
}

/* What malloc is asked for. */
static size_t rounded(size_t size)
{
    return size <= MIDDLE_MAX ? (middle_class(size) + 1) * MIDDLE_STEP : size;
}

/* True: there was some. */
static bool drop_kept(struct mempool *pool)
{
    bool any = false;

    for (size_t i = 0; i < MIDDLE_CLASSES; i++) {
        while (pool->kept[i]) {
            struct kept *next = pool->kept[i]->next;

            free(pool->kept[i]);
            pool->kept[i] = next;
            any = true;
        }
        pool->kept_count[i] = 0;
    }
    return any;
}

/* NULL: there is none. */
static inline void *pop_middle(struct mempool *pool, size_t size)
{
    struct kept **list = &pool->kept[middle_class(size)];
    struct kept *block = *list;

    if (block) {
        *list = block->next;
        pool->kept_count[middle_class(size)]--;
        pool->large_in_use += size;
    }
    return block;
}

static inline void free_middle(struct mempool *pool, void *block, size_t size)
{
    size_t i = middle_class(size);
    struct kept *kept = block;

    if (UNLIKELY(pool->kept_count[i] == KEPT_MAX)) {
        free(block);
        return;
    }
    kept->next = pool->kept[i];
    pool->kept[i] = kept;
    pool->kept_count[i]++;
}

void mempool_destroy(struct mempool *pool)
{
    if (!pool)
        return;
    (void)drop_kept(pool);
    small_done(&pool->small);
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

    if (drop_kept(pool))
        return true;
    if (!pool->handler || pool->in_handler)
        return false;
    pool->pressure++;
    pool->in_handler = true;
    again = pool->handler(pool->handler_context, wanted);
    pool->in_handler = false;
    return again;
}

static void *try_alloc(struct mempool *pool, size_t size)
{
    void *block;

    if (size <= MEMPOOL_SMALL_MAX)
        return small_alloc(&pool->small, size);
    block = malloc(rounded(size));
    if (block)
        pool->large_in_use += size;
    return block;
}

/* NOINLINE: or mempool_alloc() would save registers for it each time. */
static NOINLINE void *alloc_slowly(struct mempool *pool, size_t size)
{
    for (int tries = 0;; tries++) {
        void *block = try_alloc(pool, size);

        if (block || tries == PRESSURE_TRIES || !relieve_pressure(pool, size))
            return block;
    }
}

void *mempool_alloc(struct mempool *pool, size_t size)
{
    void *block = NULL;

    if (LIKELY(size <= MEMPOOL_SMALL_MAX))
        block = small_pop(&pool->small, size);
    else if (size <= MIDDLE_MAX)
        block = pop_middle(pool, size);
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
        small_free(&pool->small, block, size);
    } else {
        assert(pool->large_in_use >= size);
        pool->large_in_use -= size;
        if (LIKELY(size <= MIDDLE_MAX))
            free_middle(pool, block, size);
        else
            free(block);
    }
}

/* Both sizes are large: malloc may grow the block in place. */
static void *realloc_large(struct mempool *pool, void *block, size_t old_size, size_t new_size)
{
    for (int tries = 0;; tries++) {
        void *moved = realloc(block, rounded(new_size));

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
    /* Under sanitizers it always moves, and whoever keeps the old pointer is found out. */
    if (!IS_CHECKED && slabs_class(old_size) == slabs_class(new_size))
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
    small_stats(&pool->small, ret_stats);
}
