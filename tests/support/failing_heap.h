/* SPDX-License-Identifier: MIT */
/*
 * failing_heap.h - malloc, calloc and realloc that fail when a test says so, and a count of live blocks.
 *
 * For programs linked with -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=free.
 */
#ifndef SUPPORT_FAILING_HEAP_H
#define SUPPORT_FAILING_HEAP_H

/* As the last number of a call: all that follow. */
#define HEAP_FOR_GOOD 1000000L
#define HEAP_NEVER (-1L)

struct failing_heap {
    long calls;     /* to malloc, calloc and realloc, since heap_fails */
    long fail_from; /* the number of the first that fails, from 0 on, or HEAP_NEVER */
    long fail_to;   /* and of the last */
    long live;      /* blocks not freed yet */
};

extern struct failing_heap heap;

/* Counting starts anew. */
void heap_fails(long from, long to);
void heap_works(void);

#endif
