/* SPDX-License-Identifier: MIT */
/* macros.h - what a function cannot do. The only place besides os/ for compiler extensions. */
#ifndef TINYWEB_BASE_MACROS_H
#define TINYWEB_BASE_MACROS_H

#include <assert.h>
#include <stddef.h>

/* The struct of @type that holds *@ptr as its @member. */
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define BIT(n) (1U << (n))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* Keeps a slow path out of the quick function that calls it. */
#define NOINLINE __attribute__((noinline))
/* Where the compiler would not any more, as the program grows, and each request pays for it. */
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Two workers never share a line that one of them writes. */
#define CACHE_LINE_SIZE 64

#endif
