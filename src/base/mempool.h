/* SPDX-License-Identifier: MIT */
/*
 * mempool.h - small memory of one worker: 16 free lists, 8..128 bytes in steps of 8.
 *
 * Freed with the size it was asked with; larger requests go to malloc, but for a few blocks of up to
 * 2 KiB that are kept when they are freed. No locks: a pool belongs to one thread. Blocks of up to 128
 * bytes are aligned to 16 when their class is a multiple of 16, else to 8. Memory returns to the system
 * when the pool is destroyed.
 *
 * Out of memory, in this order: a free block of a larger class; malloc; what is kept goes back to it; the
 * handler set by mempool_set_pressure_handler, up to two times with another try after each; then NULL.
 * The pool never exits the process. With --enable-sanitizers every request goes to malloc, so that ASan
 * sees each block.
 */
#ifndef TINYWEB_BASE_MEMPOOL_H
#define TINYWEB_BASE_MEMPOOL_H

#include "base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mempool;

#define MEMPOOL_STEP 8
#define MEMPOOL_CLASSES 16
#define MEMPOOL_SMALL_MAX (MEMPOOL_STEP * MEMPOOL_CLASSES)

struct mempool_stats {
    size_t slab_bytes;   /* held from the system for the classes */
    size_t small_in_use; /* bytes of blocks handed out by the classes, rounded to their class */
    size_t large_in_use; /* bytes handed out by malloc */
    uint64_t refills;    /* slabs taken */
    uint64_t pressure;   /* calls of the handler */
};

/* Give memory back (drop idle connections, trim caches); true when it is worth another try. */
typedef bool (*mempool_pressure_fn)(void *context, size_t wanted);

struct mempool *mempool_create(void);       /* NULL: out of memory */
void mempool_destroy(struct mempool *pool); /* every small block dies with it; NULL is fine */
void mempool_set_pressure_handler(struct mempool *pool, mempool_pressure_fn handler, void *context);

/* @size 0 gives a block of the smallest class. NULL when out of memory. */
void *mempool_alloc(struct mempool *pool, size_t size) MUST_CHECK;
/* The same, zeroed. */
void *mempool_zalloc(struct mempool *pool, size_t size) MUST_CHECK;
/* NULL is fine; @size is the size asked for. */
void mempool_free(struct mempool *pool, void *block, size_t size);
/* Content is kept up to the smaller size; on NULL the old block is untouched. */
void *mempool_realloc(struct mempool *pool, void *block, size_t old_size, size_t new_size)
    MUST_CHECK;

void mempool_stats(const struct mempool *pool, struct mempool_stats *ret_stats);

#endif
