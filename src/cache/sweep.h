/* SPDX-License-Identifier: MIT */
/*
 * sweep.h - keeps the folder of a cache within its bounds, a few files at a time.
 *
 * A round looks at every file once. Its time of change says when it was used last (store.h's owner
 * touches it); what was not used for `inactive_s` goes. When all together are more than `max_size`,
 * the next round removes those that were not used for longest, down to nine tenths of it; what it
 * needs for that is a histogram, not a list, so a cache of any size costs the same memory. What
 * broken-off writing has left goes, too.
 */
#ifndef TINYWEB_CACHE_SWEEP_H
#define TINYWEB_CACHE_SWEEP_H

#include "base/macros.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define SWEEP_AGES 64
/* A file that is being written is touched more often than this. */
#define SWEEP_LEFTOVER_S 600

/* Plain; its owner sets all but what is private, and calls sweep_done at the end. */
struct sweep {
    int dir_fd;          /* borrowed: the folder of the cache */
    uint64_t max_size;   /* bytes of all files */
    uint32_t inactive_s; /* 0: no limit */
    /* What the last whole round has found, and how many were removed so far. */
    uint64_t files, bytes, removed;
    /* Private. */
    unsigned folder; /* where it stands */
    DIR *dir;        /* NULL: between two folders */
    uint64_t round_files, round_bytes;
    uint64_t bytes_by_age[SWEEP_AGES];
    unsigned cut_age;   /* older than this: removed … */
    uint64_t cut_bytes; /* … and so many bytes of just this */
};

void sweep_init(struct sweep *sweep, int dir_fd, uint64_t max_size, uint32_t inactive_s);

/* Look at @budget files or folders at most. True when a round has ended. */
bool sweep_step(struct sweep *sweep, unsigned budget, time_t now);

void sweep_done(struct sweep *sweep);

#endif
