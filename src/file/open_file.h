/* SPDX-License-Identifier: MIT */
/*
 * open_file.h - one regular file as it was when it was opened: size, times, and its bytes.
 *
 * Shared by counted references between the cache and the output that sends from it; what it says
 * of the file never changes (an edited file becomes another open_file). Small files are held in
 * memory, with free room in front of the bytes, so that the layer above can put its header lines
 * there and send both as one piece; larger ones as a descriptor for sendfile(2).
 */
#ifndef TINYWEB_FILE_OPEN_FILE_H
#define TINYWEB_FILE_OPEN_FILE_H

#include "base/counted.h"
#include "base/list.h"
#include "base/macros.h"
#include "base/slice.h"
#include "file/file_stamp.h"

#include <stdint.h>

struct open_file {
    struct counted counted;
    int fd;        /* -1: the bytes are in memory */
    char *body;    /* NULL: they are in the file; else `size` bytes behind `headroom` free ones */
    bool may_wait; /* with a descriptor: on a disk, maybe; false: its file system is all memory */
    size_t headroom;
    uint64_t size;
    struct timespec mtime;
    uint64_t checks; /* how often it was found unchanged: what belongs to it is due for a look */

    /* What the layer above keeps with the file; freed with it. */
    void *attachment;
    void (*free_attachment)(void *attachment);

    /* Private to open_file.c and file_cache.c. */
    struct file_stamp stamp;
    bool is_cached;
    bool is_protected;
    uint64_t hash;
    int64_t checked_ms;
    struct open_file *next_in_bucket;
    struct list_node lru;
    uint32_t space; /* with the path: the key */
    size_t path_len;
    char path[];
};

/*
 * Open @path (see path_open) below @root_fd. Files of at most @memory_max bytes are read into
 * memory, with @headroom bytes in front. Returns 0, or -EISDIR (a directory), -EACCES (not a
 * regular file, too), -EAGAIN (it changed while it was read, again and again), or another -errno.
 */
MUST_CHECK int open_file_open(int root_fd, const char *path, uint64_t memory_max, size_t headroom,
                              struct open_file **ret_file);

/*
 * Another form of @original, as it was made from it: same path and times, and no longer current than
 * that is. Takes @block from malloc, whose @size bytes lie behind @headroom free ones, unless it
 * returns NULL: out of memory.
 */
struct open_file *open_file_derive(const struct open_file *original, char *block, size_t headroom,
                                   size_t size);

/* True when both were made from the same path at the same state of the file. */
bool open_file_is_same_state(const struct open_file *a, const struct open_file *b);

/* True when its path below @root_fd still leads to the same, unchanged file; also when that could
 * not be found out for want of descriptors or memory. */
bool open_file_is_current(const struct open_file *file, int root_fd);

static inline void open_file_ref(struct open_file *file)
{
    counted_ref(&file->counted);
}

/* NULL is fine. */
static inline void open_file_unref(struct open_file *file)
{
    if (file)
        counted_unref(&file->counted);
}

/* True when the cache holds it: the next one who asks gets the same object. */
static inline bool open_file_is_kept(const struct open_file *file)
{
    return file->is_cached;
}

/* True when the caller's is the only reference besides the cache's: nothing is being sent from
 * its memory, so the headroom may be rewritten. */
static inline bool open_file_is_unshared(const struct open_file *file)
{
    return file->counted.references == 1U + file->is_cached;
}

#endif
