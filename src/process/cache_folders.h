/* SPDX-License-Identifier: MIT */
/* cache_folders.h - the folders of [cache NAME], ready for the workers' user. */
#ifndef TINYWEB_PROCESS_CACHE_FOLDERS_H
#define TINYWEB_PROCESS_CACHE_FOLDERS_H

#include "config/config.h"
#include "os/privileges.h"
#include "process/trouble.h"

struct cache_folders {
    int *fds; /* of config->reply_caches, in their order (O_PATH); NULL: there are none */
    size_t count;
};

/*
 * Open them; what is missing is made, with the folders above it, and given to @identity (NULL: the
 * workers stay what we are). What is wrong is reported. 0 or -errno; cache_folders_close in any case.
 */
MUST_CHECK int cache_folders_open(struct cache_folders *folders, const struct config *config,
                                  const struct identity *identity, const struct trouble *trouble);
void cache_folders_close(struct cache_folders *folders);

#endif
