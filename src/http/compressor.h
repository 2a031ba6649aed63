/* SPDX-License-Identifier: MIT */
/*
 * compressor.h - files that are being compressed, in the thread pool.
 *
 * The result is kept in the file cache as a variant of its path, and is current as long as the file it
 * was made from. A file is compressed once for all who ask for it meanwhile. When too many are
 * under way already nothing is begun: the file is sent as it is then.
 */
#ifndef TINYWEB_HTTP_COMPRESSOR_H
#define TINYWEB_HTTP_COMPRESSOR_H

#include "base/list.h"
#include "event/thread_pool.h"
#include "file/file_cache.h"

/* Under way at once. */
#define COMPRESSIONS_MAX 8
/* Among the variants of a path, behind those of enum content_coding. */
#define VARIANT_COMPRESSED 64U

struct compressor;
struct compression;

/* Who waits for the end of one; embedded. */
struct compression_waiter {
    /* Once; never from within compressor_begin(). @made is borrowed for the call, NULL: there is none.
     * May free the waiter. */
    void (*done)(struct compression_waiter *waiter, struct open_file *made);
    struct list_node node;           /* private */
    struct compression *compression; /* private: NULL: not waiting any more */
};

/* Borrows all; @headroom: free bytes in front of what is made. NULL: out of memory. */
struct compressor *compressor_create(struct thread_pool *pool, struct file_cache *files,
                                     size_t headroom);
/* After the pool has ended, before the cache does; nobody waits any more. NULL is fine. */
void compressor_destroy(struct compressor *compressor);

/* What was made of @original as it is now: a reference; or NULL. */
struct open_file *compressor_find(struct compressor *compressor, const struct file_root *root,
                                  struct open_file *original, int64_t now_ms);

/* Make it, at @level; takes references of its own. 0; or -EAGAIN: too many, or -ENOMEM. */
MUST_CHECK int compressor_begin(struct compressor *compressor, struct open_file *original,
                                unsigned level, struct compression_waiter *waiter);

/* @waiter has lost interest; harmless after done(). The result is kept all the same. */
void compressor_forget(struct compression_waiter *waiter);

#endif
