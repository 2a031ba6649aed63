/* SPDX-License-Identifier: MIT */
/*
 * failing_malloc.c - preloaded into a server by test_out_of_memory.py: allocations fail when the test says so.
 *
 * Both sides map the file that FAILING_MALLOC names: numbers, in the order of `struct plan`. The test writes
 * the first two and resets the third; the last is how many blocks the youngest child holds that it has taken
 * itself. With glibc only, whose own functions have second names.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct plan {
    _Atomic uint64_t first; /* the number of the first call that fails, from 1 on; 0: none does */
    _Atomic uint64_t last;
    _Atomic uint64_t calls;
    _Atomic int64_t held;
};

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void __libc_free(void *block);

static struct plan *plan;
/* What the parent had taken is not counted. It is freed at the end alone, if at all. */
static int is_child;

static void begin_child(void)
{
    is_child = 1;
    if (plan)
        atomic_store(&plan->held, 0);
}

__attribute__((constructor)) static void open_plan(void)
{
    const char *path = getenv("FAILING_MALLOC");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *block;

    if (fd == -1)
        return;
    block = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (block != MAP_FAILED)
        plan = block;
    (void)close(fd);
    (void)pthread_atfork(NULL, NULL, begin_child);
}

static void *counted(void *block)
{
    if (block && is_child && plan)
        (void)atomic_fetch_add(&plan->held, 1);
    return block;
}

static int fails_now(void)
{
    uint64_t first, call;

    if (!plan || (first = atomic_load(&plan->first)) == 0)
        return 0;
    call = atomic_fetch_add(&plan->calls, 1) + 1;
    if (call < first || call > atomic_load(&plan->last))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails_now() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : counted(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size)
{
    void *moved;

    if (fails_now())
        return NULL;
    moved = __libc_realloc(block, size);
    return block ? moved : counted(moved);
}

void free(void *block)
{
    if (block && is_child && plan)
        (void)atomic_fetch_sub(&plan->held, 1);
    __libc_free(block);
}
