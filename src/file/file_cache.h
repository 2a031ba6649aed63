/* SPDX-License-Identifier: MIT */
/*
 * file_cache.h - root and path to open_file; the only way to get one.
 *
 * Bounded in entries, bytes of memory and descriptors. Entries that were asked for once are thrown
 * out before those that were asked for again, so one scan of a big tree does not flush what is in
 * use. An entry is trusted for `valid_ms`; after that the file is opened again and compared, so an
 * edited file, or one replaced by a rename, is new from then on. Misses are not remembered.
 */
#ifndef TINYWEB_FILE_FILE_CACHE_H
#define TINYWEB_FILE_FILE_CACHE_H

#include "base/counters.h"
#include "base/macros.h"
#include "file/file_root.h"
#include "file/open_file.h"

struct file_cache;

/* Told of each file that is looked for on the disk; @err as file_cache_get. For those who explain
 * an answer: nobody else has one. */
struct file_observer {
    void (*looked)(struct file_observer *observer, const struct file_root *root, struct slice path,
                   unsigned variant, int err);
};

struct file_cache_settings {
    uint32_t valid_ms;      /* 0: compared at every request */
    uint32_t max_entries;   /* 0: nothing is kept */
    uint32_t max_open;      /* descriptors held by entries */
    uint64_t max_size;      /* bytes of entries together */
    uint64_t max_file_size; /* larger files are not read into memory */
    size_t headroom;        /* free bytes in front of a body in memory */
    uint64_t hash_seed;
    counter *hits, *misses;         /* NULL: not counted */
    struct file_observer *observer; /* NULL: none */
};

MUST_CHECK int file_cache_create(const struct file_cache_settings *settings,
                                 struct file_cache **ret_cache);
void file_cache_destroy(struct file_cache *cache); /* NULL is fine; files in use live on */

/*
 * The file at @path (as path_decode gives it) below @root, at the time @now_ms of the loop. Gives a
 * reference in *@ret_file: unref it. -errno as open_file_open; -EISDIR also for every path that is empty or
 * ends in "/", without a look at the disk; -ENAMETOOLONG. One file is held once for each @variant,
 * so that it may have different attachments.
 */
MUST_CHECK int file_cache_get_variant(struct file_cache *cache, const struct file_root *root,
                                      struct slice path, unsigned variant, int64_t now_ms,
                                      struct open_file **ret_file);

static inline int file_cache_get(struct file_cache *cache, const struct file_root *root,
                                 struct slice path, int64_t now_ms, struct open_file **ret_file)
{
    return file_cache_get_variant(cache, root, path, 0, now_ms, ret_file);
}

/* The same, but only if it is held and current: else NULL, and nothing is opened for its sake. */
struct open_file *file_cache_find_variant(struct file_cache *cache, const struct file_root *root,
                                          struct slice path, unsigned variant, int64_t now_ms);

/* Hold @file, which open_file_derive made, as a @variant of its path. False: it is too large for that. */
bool file_cache_add_variant(struct file_cache *cache, struct open_file *file, unsigned variant);

/* The next one who asks for @file gets it anew; the caller's reference is still his. */
void file_cache_forget(struct file_cache *cache, struct open_file *file);

/* Throw out about half of what is held: memory or descriptors are short. True if there was any. */
bool file_cache_trim(struct file_cache *cache);

#endif
