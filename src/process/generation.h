/* SPDX-License-Identifier: MIT */
/*
 * generation.h - one configuration with all that was opened for it, and its workers.
 *
 * Made whole or not at all, so that a reload which fails leaves the running one untouched; freed
 * when its last worker is gone.
 */
#ifndef TINYWEB_PROCESS_GENERATION_H
#define TINYWEB_PROCESS_GENERATION_H

#include "config/config.h"
#include "os/privileges.h"
#include "os/shmtx.h"
#include "process/cache_folders.h"
#include "process/client_memory.h"
#include "process/confinement.h"
#include "process/inherited_sockets.h"
#include "process/listeners.h"
#include "process/log_files.h"
#include "process/process_pool.h"
#include "process/shared_state.h"
#include "process/trouble.h"

#define WORKER_REASON_SIZE 64

struct generation {
    struct child_group group; /* its workers */
    struct config *config;    /* owned */
    struct listeners listeners;
    struct log_files logs;
    int *root_fds; /* of config->roots, in their order */
    struct cache_folders caches;
    bool has_mutex;
    struct shmtx mutex;
    struct client_memory clients;
    bool changes_user;
    struct identity identity; /* of the workers, if it changes */
    struct confinement confinement;
    unsigned worker_count;
    char worker_reason[WORKER_REASON_SIZE]; /* "2 cores", "configured" */
};

struct generation_sources {
    struct shared_state *shared;
    struct generation *old;              /* whose listeners are taken over; NULL: none */
    struct inherited_sockets *inherited; /* NULL: none */
    const struct trouble *trouble;
};

/* Takes @config, on failure too. Every problem is reported. 0 or -errno. */
MUST_CHECK int generation_create(struct config *config, const struct generation_sources *sources,
                                 struct generation **ret_generation);
void generation_destroy(struct generation *generation); /* NULL is fine */

/* The logs opened anew; on failure the old ones stay. */
MUST_CHECK int generation_reopen_logs(struct generation *generation, const struct trouble *trouble);

/* What this process logs, and where to, is that generation's from now on. */
void generation_apply_log(const struct generation *generation);

/* Where it serves what, with how many workers and why; and what confines them. */
void generation_log_summary(const struct generation *generation);

#endif
