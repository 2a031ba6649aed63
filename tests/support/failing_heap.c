/* SPDX-License-Identifier: MIT */
/* failing_heap.c - what the linker calls in the place of malloc and its kin. */
#include "support/failing_heap.h"

#include <stdbool.h>
#include <stddef.h>

/* By the linker: --wrap=malloc, calloc, realloc, free. */
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);

struct failing_heap heap = {.fail_from = HEAP_NEVER};

static bool fails_now(void)
{
    long call = heap.calls++;

    return heap.fail_from != HEAP_NEVER && call >= heap.fail_from && call <= heap.fail_to;
}

void *__wrap_malloc(size_t size)
{
    void *block = fails_now() ? NULL : __real_malloc(size);

    heap.live += block != NULL;
    return block;
}

void *__wrap_calloc(size_t count, size_t size)
{
    void *block = fails_now() ? NULL : __real_calloc(count, size);

    heap.live += block != NULL;
    return block;
}

void *__wrap_realloc(void *block, size_t size)
{
    void *moved = fails_now() ? NULL : __real_realloc(block, size);

    heap.live += moved != NULL && block == NULL;
    return moved;
}

void __wrap_free(void *block)
{
    heap.live -= block != NULL;
    __real_free(block);
}

void heap_fails(long from, long to)
{
    heap.calls = 0;
    heap.fail_from = from;
    heap.fail_to = to;
}

void heap_works(void)
{
    heap.fail_from = HEAP_NEVER;
}
