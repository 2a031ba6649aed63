/* SPDX-License-Identifier: MIT */
/*
 * shared_memory.h - a block of zeroed memory that a process shares with its later children.
 *
 * Anonymous, so it has no name that could be left behind or opened by a stranger. Pages that
 * nobody touches cost nothing. Never trust its content across a border of rights: whoever shares
 * it can write it.
 */
#ifndef TINYWEB_OS_SHARED_MEMORY_H
#define TINYWEB_OS_SHARED_MEMORY_H

#include "base/macros.h"

#include <stddef.h>

/* Aligned to a page. 0 or -errno. */
MUST_CHECK int shared_memory_create(size_t size, void **ret_block);
/* In this process only; NULL is fine. */
void shared_memory_destroy(void *block, size_t size);

#endif
