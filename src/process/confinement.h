/* SPDX-License-Identifier: MIT */
/*
 * confinement.h - the sandbox of a generation's workers: what the configuration asks for, what there is.
 *
 * The master decides and prepares, each worker enters: in worker_prepare the files, and when all
 * is built, the system calls.
 */
#ifndef TINYWEB_PROCESS_CONFINEMENT_H
#define TINYWEB_PROCESS_CONFINEMENT_H

#include "config/config.h"
#include "os/sandbox.h"
#include "process/cache_folders.h"
#include "process/trouble.h"

struct confinement {
    enum sandbox_mode mode; /* SANDBOX_OFF too where a sandbox cannot be */
    struct sandbox sandbox; /* unless off */
};

/* @root_fds, those of config->roots, and @caches are borrowed. -ENOTSUP, reported: required, and a part is
 * missing. */
MUST_CHECK int confinement_prepare(struct confinement *confinement, const struct config *config,
                                   const int *root_fds, const struct cache_folders *caches,
                                   const struct trouble *trouble);
void confinement_done(struct confinement *confinement);

/* One line: what workers are confined by, and what is missing. */
void confinement_log(const struct confinement *confinement, const struct config *config);

/* In the worker. What fails is reported if the sandbox is required, and fails the worker; else it
 * is a warning, of the one that @speaks for all. */
MUST_CHECK int confinement_of_files(const struct confinement *confinement, bool speaks,
                                    const struct trouble *trouble);
MUST_CHECK int confinement_of_calls(const struct confinement *confinement, bool speaks,
                                    const struct trouble *trouble);

#endif
