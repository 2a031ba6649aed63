/* SPDX-License-Identifier: MIT */
/* shmtx.c - the three backends of the lock, one row of functions each. */

#include "os/shmtx.h"

#include "os/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Longest run of pauses between two looks at the word: some microseconds. A holder that keeps the
 * lock for longer has lost its processor, and we should give it ours. */
#define SPIN_MAX 2048

struct backend {
    const char *name;
    bool (*try)(struct shmtx *mutex);
    void (*wait)(struct shmtx *mutex);
    void (*unlock)(struct shmtx *mutex);
};

static inline void pause_briefly(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

/* --- atomic: the word is the lock */

static bool atomic_try(struct shmtx *mutex)
{
    /* A plain look first: a failing exchange would take the cache line from its holder. */
    pid_t seen = atomic_load_explicit(&mutex->word->owner, memory_order_relaxed);
    return seen == 0 &&
           atomic_compare_exchange_strong_explicit(&mutex->word->owner, &seen, mutex->self,
                                                   memory_order_acquire, memory_order_relaxed);
}

static void atomic_wait(struct shmtx *mutex)
{
    while (!atomic_try(mutex)) {
        for (unsigned pauses = 1; pauses < SPIN_MAX; pauses *= 2) {
            for (unsigned i = 0; i < pauses; i++)
                pause_briefly();
            if (atomic_try(mutex))
                return;
        }
        (void)sched_yield(); /* cannot fail on Linux */
    }
}

static void atomic_unlock(struct shmtx *mutex)
{
    pid_t self = mutex->self;
    (void)atomic_compare_exchange_strong_explicit(&mutex->word->owner, &self, 0,
                                                  memory_order_release, memory_order_relaxed);
}

/* --- file: the kernel keeps the lock; the word only says who has it */

static void note_owner(struct shmtx *mutex, pid_t owner)
{
    atomic_store_explicit(&mutex->word->owner, owner, memory_order_relaxed);
}

static bool file_try(struct shmtx *mutex)
{
    if (file_lock_try(mutex->fd))
        return false;
    note_owner(mutex, mutex->self);
    return true;
}

static void file_wait(struct shmtx *mutex)
{
    /* -EDEADLK or -ENOLCK: the kernel will not let us sleep, so we look again. */
    while (file_lock_wait(mutex->fd))
        (void)sched_yield();
    note_owner(mutex, mutex->self);
}

static void file_unlock(struct shmtx *mutex)
{
    note_owner(mutex, 0);
    (void)file_lock_release(mutex->fd); /* fails only for a descriptor that is not ours */
}

/* --- semaphore */

static bool semaphore_try(struct shmtx *mutex)
{
    if (sem_trywait(&mutex->word->semaphore) == -1)
        return false;
    note_owner(mutex, mutex->self);
    return true;
}

static void semaphore_wait(struct shmtx *mutex)
{
    while (sem_wait(&mutex->word->semaphore) == -1)
        continue; /* a signal */
    note_owner(mutex, mutex->self);
}

static void semaphore_unlock(struct shmtx *mutex)
{
    note_owner(mutex, 0);
    (void)sem_post(&mutex->word->semaphore); /* overflow would need 2^31 posts */
}

static const struct backend backends[] = {
    [SHMTX_ATOMIC] = {"atomic", atomic_try, atomic_wait, atomic_unlock},
    [SHMTX_FILE] = {"file", file_try, file_wait, file_unlock},
    [SHMTX_SEMAPHORE] = {"semaphore", semaphore_try, semaphore_wait, semaphore_unlock},
};
static_assert(COUNT_OF(backends) == SHMTX_BACKEND_COUNT, "one row a backend");

const char *shmtx_backend_name(enum shmtx_backend backend)
{
    return backends[backend].name;
}

bool shmtx_atomic_is_usable(void)
{
    static const struct shmtx_word word; /* only its type and alignment are asked about */
    return atomic_is_lock_free(&word.owner);
}

/* A file without a name: nobody else can open it, and any close would drop the lock. */
static int open_private_file(const char *directory, int *ret_fd)
{
    char path[512];
    int len = snprintf(path, sizeof(path), "%s/tinyweb-lock-XXXXXX", directory);
    if (len < 0 || (size_t)len >= sizeof(path))
        return -ENAMETOOLONG;
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd == -1)
        return -errno;
    if (unlink(path) == -1) {
        int err = -errno;
        close(fd);
        return err;
    }
    *ret_fd = fd;
    return 0;
}

static int open_lock_file(const char *directory, int *ret_fd)
{
    if (directory)
        return open_private_file(directory, ret_fd);
    return open_private_file("/dev/shm", ret_fd) == 0 ? 0 : open_private_file("/tmp", ret_fd);
}

int shmtx_create(struct shmtx *mutex, enum shmtx_backend backend, struct shmtx_word *word,
                 const char *directory)
{
    int fd = -1;
    int err = 0;
    if (backend == SHMTX_FILE)
        err = open_lock_file(directory, &fd);
    else if (backend == SHMTX_SEMAPHORE && sem_init(&word->semaphore, 1, 1) == -1)
        err = -errno;
    if (err)
        return err;

    *mutex = (struct shmtx){.backend = backend, .self = getpid(), .word = word, .fd = fd};
    return 0;
}

int shmtx_attach(struct shmtx *mutex)
{
    mutex->self = getpid();
    mutex->is_held = false;
    if (mutex->backend != SHMTX_FILE)
        return 0;

    char path[sizeof("/proc/self/fd/") + 12];
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", mutex->fd); /* fits by its size */
    int fd = open(path, O_RDWR | O_CLOEXEC);
    int err = fd == -1 ? -errno : 0;
    close(mutex->fd);
    mutex->fd = fd;
    return err;
}

void shmtx_done(struct shmtx *mutex)
{
    if (mutex->fd != -1)
        close(mutex->fd);
    mutex->fd = -1;
    mutex->is_held = false;
}

bool shmtx_try(struct shmtx *mutex)
{
    if (mutex->is_held)
        return false; /* a record lock would be granted to its holder again */
    mutex->is_held = backends[mutex->backend].try(mutex);
    return mutex->is_held;
}

void shmtx_lock(struct shmtx *mutex)
{
    assert(!mutex->is_held);
    backends[mutex->backend].wait(mutex);
    mutex->is_held = true;
}

void shmtx_unlock(struct shmtx *mutex)
{
    if (!mutex->is_held)
        return;
    mutex->is_held = false;
    backends[mutex->backend].unlock(mutex);
}

bool shmtx_force_unlock(struct shmtx *mutex, pid_t dead_pid)
{
    if (dead_pid <= 0 || mutex->backend == SHMTX_SEMAPHORE)
        return false; /* who holds a semaphore is not known for certain */
    return atomic_compare_exchange_strong(&mutex->word->owner, &dead_pid, 0);
}

pid_t shmtx_owner(const struct shmtx *mutex)
{
    return atomic_load_explicit(&mutex->word->owner, memory_order_relaxed);
}
