/* SPDX-License-Identifier: MIT */
/*
 * worker.h - the child process that serves: from fork to exit.
 *
 * Lowers its rights, builds its own loop, memory, HTTP layer and server, reports READY, and runs
 * until the master tells it to leave, or is gone.
 */
#ifndef TINYWEB_PROCESS_WORKER_H
#define TINYWEB_PROCESS_WORKER_H

#include "config/config.h"
#include "os/privileges.h"
#include "os/process_title.h"
#include "os/shmtx.h"
#include "process/cache_folders.h"
#include "process/client_memory.h"
#include "process/confinement.h"
#include "process/log_files.h"
#include "process/shared_state.h"
#include "process/trouble.h"

/* All that crosses fork. Borrowed; the descriptors named here are the worker's own copies, all
 * others are closed. */
struct worker_inheritance {
    const struct config *config;
    int *listen_fds;
    size_t listen_count;
    struct log_files *logs;
    const int *root_fds; /* of config->roots */
    const struct cache_folders *caches;
    int channel_fd;
    struct shared_state *shared;
    struct shmtx *accept_mutex;          /* NULL: off */
    const struct client_memory *clients; /* of the generation */
    const struct identity *identity;     /* to become; NULL: stay */
    const struct confinement *confinement;
    struct process_title *title;
    struct trouble trouble;
    unsigned slot;       /* ours */
    unsigned first_slot; /* of all that share the listeners evenly */
    unsigned slot_count;
};

/* What concerns all workers is said by the first one. */
static inline bool worker_speaks_for_all(const struct worker_inheritance *inherited)
{
    return inherited->slot == inherited->first_slot;
}

/* In the child, whose log is set already: returns its exit status (0, CHILD_EXIT_STARTUP, or 1). */
int worker_run(const struct worker_inheritance *inherited);

#endif
