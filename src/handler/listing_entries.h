/* SPDX-License-Identifier: MIT */
/*
 * listing_entries.h - what a directory holds for those who may see it, read a bounded part at a
 * time.
 *
 * Left out: names that begin with a dot, what is neither file nor directory, and symbolic links
 * that lead nowhere or out of the root: whoever asked for them would get 404 or 403. About 48
 * bytes and twice the size of a pointer an entry.
 */
#ifndef TINYWEB_HANDLER_LISTING_ENTRIES_H
#define TINYWEB_HANDLER_LISTING_ENTRIES_H

#include "base/macros.h"
#include "base/slice.h"

#include <dirent.h>
#include <stdint.h>

struct listing_entry {
    uint64_t size;
    int64_t mtime; /* seconds */
    uint16_t name_len;
    bool is_directory;
    bool is_utf8; /* the name is; one that is not has no URL here (see path_decode) */
    char name[];  /* terminated */
};

/* What the listings of one worker hold together. */
struct listing_memory {
    size_t used, max; /* bytes */
};

struct listing_block;

/* Plain; `rows`, `count`, `is_cut` and the totals are for readers. */
struct listing_entries {
    struct listing_entry **rows; /* owned, with what they point to */
    size_t count;
    size_t directories;  /* of them */
    uint64_t total_size; /* of the files */
    bool is_cut;         /* there are more than `limit` */
    bool only_utf8;      /* leave other names out */
    size_t limit;

    /* Private. */
    size_t capacity;
    size_t bytes; /* counted in `memory` */
    struct listing_memory *memory;
    struct listing_block *blocks;
    int root_fd;
    const char *path;
    DIR *dir; /* NULL: all is read */
};

static inline struct slice listing_entry_name(const struct listing_entry *entry)
{
    return slice_of(entry->name, entry->name_len);
}

/*
 * Open the directory @path (terminated; "" or ending in "/") below @root_fd; both are borrowed
 * until listing_entries_done, as is @memory. 0, or -errno as path_open gives it, -ENOTDIR. Call
 * listing_entries_done in any case.
 */
MUST_CHECK int listing_entries_open(struct listing_entries *entries, int root_fd, const char *path,
                                    size_t limit, struct listing_memory *memory);

/* Look at up to @count names. 1: there are more; 0: that was all; -ENOMEM, also when the listings
 * of the worker hold too much together; another -errno of the directory. */
MUST_CHECK int listing_entries_read(struct listing_entries *entries, unsigned count);

/* Memory of @size bytes that is counted and lives as long as the entries; NULL: none is left. */
void *listing_entries_alloc(struct listing_entries *entries, size_t size);

void listing_entries_done(struct listing_entries *entries);

#endif
