/* SPDX-License-Identifier: MIT */
/*
 * bench_mempool.c - mempool against malloc of the C library, at the sizes that the pool serves.
 *
 * Two patterns, both from one thread as in a worker:
 *   pair    alloc and free at once: the least that a request can cost
 *   window  a full window of blocks, the oldest freed before each alloc: as with many requests
 */
#include "base/macros.h"
#include "base/mempool.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 7
#define WINDOW 1024

struct allocator {
    const char *name;
    void *(*alloc)(struct mempool *pool, size_t size);
    void (*free)(struct mempool *pool, void *block, size_t size);
};

static void *libc_alloc(struct mempool *pool, size_t size)
{
    (void)pool;
    return malloc(size);
}

static void libc_free(struct mempool *pool, void *block, size_t size)
{
    (void)pool;
    (void)size;
    free(block);
}

static const struct allocator pooled = {"mempool", mempool_alloc, mempool_free};
static const struct allocator libc = {"malloc", libc_alloc, libc_free};

/* Of one measurement; from the command line. */
static long operations = 4000000;

static double now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Written to, as every caller would; and so that no compiler removes the pair. */
static void *alloc_and_touch(const struct allocator *a, struct mempool *pool, size_t size)
{
    unsigned char *block = a->alloc(pool, size);

    if (!block)
        abort();
    *(volatile unsigned char *)block = 1;
    return block;
}

static void run_pair(const struct allocator *a, struct mempool *pool, size_t size)
{
    for (int i = 0; i < operations; i++)
        a->free(pool, alloc_and_touch(a, pool, size), size);
}

static void run_window(const struct allocator *a, struct mempool *pool, size_t size)
{
    static void *window[WINDOW];

    for (int i = 0; i < operations; i++) {
        void **slot = &window[i % WINDOW];

        if (*slot)
            a->free(pool, *slot, size);
        *slot = alloc_and_touch(a, pool, size);
    }
    for (int i = 0; i < WINDOW; i++) {
        a->free(pool, window[i], size);
        window[i] = NULL;
    }
}

typedef void (*pattern_fn)(const struct allocator *a, struct mempool *pool, size_t size);

/* Of all rounds the quickest: the others were disturbed. */
static double best_ns(pattern_fn run, const struct allocator *a, size_t size)
{
    struct mempool *pool = mempool_create();
    double best = 0;

    if (!pool)
        abort();
    for (int round = 0; round < ROUNDS; round++) {
        double start = now_ns();
        double spent;

        run(a, pool, size);
        spent = (now_ns() - start) / (double)operations;
        if (round == 0 || spent < best)
            best = spent;
    }
    mempool_destroy(pool);
    return best;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        pattern_fn run;
    } patterns[] = {{"pair", run_pair}, {"window", run_window}};
    static const size_t sizes[] = {8, 16, 24, 32, 48, 64, 96, 128};

    if (argc > 1)
        operations = strtol(argv[1], NULL, 10);
    if (argc > 2 || operations < 1) {
        (void)fprintf(stderr, "usage: bench_mempool [OPERATIONS]\n");
        return 2;
    }
    printf("%-8s %6s %12s %12s %8s\n", "pattern", "bytes", "mempool ns", "malloc ns", "ratio");
    for (size_t p = 0; p < COUNT_OF(patterns); p++) {
        for (size_t s = 0; s < COUNT_OF(sizes); s++) {
            double ours = best_ns(patterns[p].run, &pooled, sizes[s]);
            double theirs = best_ns(patterns[p].run, &libc, sizes[s]);

            printf("%-8s %6zu %12.2f %12.2f %8.2f\n", patterns[p].name, sizes[s], ours, theirs,
                   theirs / ours);
        }
    }
    return 0;
}
