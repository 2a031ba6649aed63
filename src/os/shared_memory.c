/* SPDX-License-Identifier: MIT */
/* shared_memory.c - one anonymous mapping (mmap(2)). */

#include "os/shared_memory.h"

#include <errno.h>
#include <sys/mman.h>

int shared_memory_create(size_t size, void **ret_block)
{
    void *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED)
        return -errno;
    *ret_block = block;
    return 0;
}

void shared_memory_destroy(void *block, size_t size)
{
    if (block)
        (void)munmap(block, size); /* fails only for an address that is no mapping */
}
