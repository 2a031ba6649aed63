/* SPDX-License-Identifier: MIT */
/*
 * shmtx.h - a mutual exclusion lock between processes, with exchangeable backends.
 *
 *   atomic     one C11 atomic word in shared memory that holds the owner's pid (0: free)
 *   file       fcntl(2) record lock on a private, already unlinked file; the kernel frees it when
 *              its owner dies. Not flock(2): children share the inherited description, so all
 *              would hold it. Each process opens the file anew (shmtx_attach).
 *   semaphore  POSIX semaphore in shared memory; for tests and benchmarks only: it cannot tell
 *              its owner, so a dead one's lock is lost.
 *
 * No call here sleeps in the kernel except shmtx_lock of the file and semaphore backends; the
 * event loop uses shmtx_try alone.
 */
#ifndef TINYWEB_OS_SHMTX_H
#define TINYWEB_OS_SHMTX_H

#include "base/macros.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

enum shmtx_backend { SHMTX_ATOMIC, SHMTX_FILE, SHMTX_SEMAPHORE, SHMTX_BACKEND_COUNT };

/* The part that lives in memory shared by all who use the lock. Zeroed memory is a free lock,
 * except for the semaphore, which shmtx_create initialises. */
struct shmtx_word {
    _Atomic pid_t owner; /* advisory for the file and semaphore backends: who took it last */
    sem_t semaphore;
};

/* The part of one process. */
struct shmtx {
    enum shmtx_backend backend;
    bool is_held;            /* by us; what is in shared memory anybody could have written */
    pid_t self;              /* our pid: asking the kernel each time would cost a system call */
    struct shmtx_word *word; /* borrowed */
    int fd;                  /* file backend: this process's own description, else -1 */
};

const char *shmtx_backend_name(enum shmtx_backend backend);
/* True where the atomic word is lock-free, which is what makes it work between processes. */
bool shmtx_atomic_is_usable(void);

/*
 * Made once, before fork, by the master. @directory (for the file backend; NULL: /dev/shm, then
 * /tmp) only has to be writable for a moment. Returns 0 or -errno.
 */
MUST_CHECK int shmtx_create(struct shmtx *mutex, enum shmtx_backend backend,
                            struct shmtx_word *word, const char *directory);
/* In every child after fork, before it lowers its rights: a child has a pid of its own, and the
 * file backend needs a description of its own (through /proc/self/fd). The inherited one is
 * closed, on failure too. */
MUST_CHECK int shmtx_attach(struct shmtx *mutex);
void shmtx_done(struct shmtx *mutex);

/* Take it if it is free; never waits. False when we hold it already. */
bool shmtx_try(struct shmtx *mutex);
/* Bounded spinning with pauses, then yielding the processor until it is free. */
void shmtx_lock(struct shmtx *mutex);
/* Only by its holder: a second call, or one for a lock that was taken away by force, does
 * nothing. */
void shmtx_unlock(struct shmtx *mutex);
/* By the master, when @dead_pid has ended: true if that process held it and it is free now. */
bool shmtx_force_unlock(struct shmtx *mutex, pid_t dead_pid);
/* Who holds it, or 0; a snapshot, for the status page and tests. */
pid_t shmtx_owner(const struct shmtx *mutex);

#endif
