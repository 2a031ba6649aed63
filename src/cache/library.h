/* SPDX-License-Identifier: MIT */
/*
 * library.h - one [cache NAME] as a worker has it: finds what is stored, and knows what was purged.
 *
 * Files are shared by all workers; what this one has open or in memory is its own, and believed for
 * a second. What is purged by anybody is gone at once, everywhere (purge_ring.h).
 */
#ifndef TINYWEB_CACHE_LIBRARY_H
#define TINYWEB_CACHE_LIBRARY_H

#include "cache/fill_table.h"
#include "cache/purge_ring.h"
#include "cache/store.h"
#include "cache/stored.h"
#include "config/config.h"
#include "file/file_cache.h"

/* In memory that all workers share; one for all caches. */
struct cache_shared {
    struct fill_table fills;
    struct purge_ring purges;
};

/* What a key is called, for those that were asked for last: so a hit costs a quick hash and no slow
 * one. Two keys of one hash are possible, and found out by the key in the file. */
#define LIBRARY_NAMES 256
struct library_name {
    uint64_t hash; /* of the key; 0: free */
    struct store_name name;
};

/* Plain; made by library_open. */
struct library {
    const struct reply_cache_config *config;
    struct store store;
    struct cache_shared *shared;
    struct file_cache_settings settings;
    struct file_cache *files;
    struct file_root root;
    uint64_t purges_seen;
    uint64_t salt; /* one key in two caches is two fills */
    struct library_name names[LIBRARY_NAMES];
    /* Told of each purge: the name of what all its replies are found by; NULL: everything. */
    void (*on_purged)(struct library *library, const struct store_name *name);
    void *context;
};

/* What answers a request, or where it would be. */
struct library_place {
    struct store_name name;  /* of the reply to this very request */
    struct store_name index; /* by which all replies to its key are found; the same without Vary */
    bool varies;             /* `variation` is that of the index */
    uint64_t variation;
    struct open_file *file; /* NULL: there is none; else a reference */
    struct stored *stored;  /* of the file */
};

/* @dir_fd, @config and @shared are borrowed. 0 or -errno. */
MUST_CHECK int library_open(struct library *library, const struct reply_cache_config *config,
                            int dir_fd, struct cache_shared *shared,
                            const struct file_cache_settings *settings);
void library_close(struct library *library);

/* What is stored for @key and a request with the fields @request. */
void library_find(struct library *library, struct slice key, const struct header_table *request,
                  int64_t now_ms, struct library_place *ret_place);

/* The file of @place has changed, or will. */
void library_forget(struct library *library, const struct library_place *place, int64_t now_ms);
void library_forget_name(struct library *library, const struct store_name *name, int64_t now_ms);

/* It is used: keep it. Once a minute at most, a system call. */
void library_touch(struct library *library, const struct library_place *place, time_t now);

/* All replies to @key are void, here and in all other workers. True when there was one. */
bool library_purge(struct library *library, struct slice key, int64_t now_ms);

/* What others have purged meanwhile. */
void library_hear_of_purges(struct library *library, int64_t now_ms);

/* The key of a fill in the table of all. */
static inline uint64_t library_fill_key(const struct library *library,
                                        const struct store_name *name)
{
    return name->tag.low ^ name->tag.high ^ library->salt;
}

#endif
