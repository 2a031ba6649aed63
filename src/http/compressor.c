/* SPDX-License-Identifier: MIT */
/* compressor.c - one job a file; what comes of it is told to the cache, and to all who wait. */
#include "http/compressor.h"

#include "file/gzip.h"
#include "http/representation.h"

#include <errno.h>
#include <stdlib.h>

struct compressor {
    struct thread_pool *pool;
    struct file_cache *files;
    size_t headroom;
    struct list_node compressions; /* under way */
    unsigned count;
};

struct compression {
    struct job job;
    struct compressor *compressor;
    struct list_node node;
    struct list_node waiters;
    struct open_file *original; /* a reference */
    unsigned level;
    int err;
    char *block;
    size_t size;
};

/* In a thread: of the file only what never changes is looked at. */
static void run(struct job *job)
{
    struct compression *compression = container_of(job, struct compression, job);

    compression->err = gzip_compress(compression->original, (int)compression->level,
                                     compression->compressor->headroom, &compression->block,
                                     &compression->size);
}

/* The result as a file, which the cache holds now, if it can. NULL: there is none. */
static struct open_file *take_result(struct compression *compression)
{
    struct compressor *compressor = compression->compressor;
    struct open_file *made;

    if (compression->err == -EFBIG)
        representation_set_incompressible(compression->original);
    if (compression->err)
        return NULL;
    made = open_file_derive(compression->original, compression->block, compressor->headroom,
                            compression->size);
    if (!made) {
        free(compression->block);
        return NULL;
    }
    /* What cannot be kept is not made again for each request. */
    if (!file_cache_add_variant(compressor->files, made, VARIANT_COMPRESSED))
        representation_set_incompressible(compression->original);
    return made;
}

static void on_done(struct job *job, bool has_run)
{
    struct compression *compression = container_of(job, struct compression, job);
    struct open_file *made;

    if (!has_run)
        compression->err = -EAGAIN;
    list_remove(&compression->node);
    compression->compressor->count--;
    made = take_result(compression);
    while (!list_is_empty(&compression->waiters)) {
        struct list_node *first = compression->waiters.next;
        struct compression_waiter *waiter = container_of(first, struct compression_waiter, node);

        list_remove(first);
        waiter->compression = NULL;
        waiter->done(waiter, made);
    }
    open_file_unref(made);
    open_file_unref(compression->original);
    free(compression);
}

struct compressor *compressor_create(struct thread_pool *pool, struct file_cache *files,
                                     size_t headroom)
{
    struct compressor *compressor = malloc(sizeof(*compressor));

    if (!compressor)
        return NULL;
    *compressor = (struct compressor){.pool = pool, .files = files, .headroom = headroom};
    list_init(&compressor->compressions);
    return compressor;
}

void compressor_destroy(struct compressor *compressor)
{
    free(compressor);
}

struct open_file *compressor_find(struct compressor *compressor, const struct file_root *root,
                                  struct open_file *original, int64_t now_ms)
{
    struct slice path = slice_of(original->path, original->path_len);
    struct open_file *made = file_cache_find_variant(compressor->files, root, path,
                                                     VARIANT_COMPRESSED, now_ms);

    if (!made || open_file_is_same_state(made, original))
        return made;
    file_cache_forget(compressor->files, made);
    open_file_unref(made);
    return NULL;
}

static struct compression *find(const struct compressor *compressor,
                                const struct open_file *original)
{
    const struct list_node *list = &compressor->compressions;

    for (struct list_node *node = list->next; node != list; node = node->next) {
        struct compression *compression = container_of(node, struct compression, node);

        if (open_file_is_same_state(compression->original, original))
            return compression;
    }
    return NULL;
}

static int begin(struct compressor *compressor, struct open_file *original, unsigned level,
                 struct compression **ret_compression)
{
    struct compression *compression = malloc(sizeof(*compression));
    int err;

    if (!compression)
        return -ENOMEM;
    *compression = (struct compression){
        .compressor = compressor, .original = original, .level = level};
    job_init(&compression->job, run, on_done);
    list_init(&compression->node);
    list_init(&compression->waiters);
    err = threadpool_submit(compressor->pool, &compression->job);
    if (err) {
        free(compression);
        return err;
    }
    open_file_ref(original);
    list_append(&compressor->compressions, &compression->node);
    compressor->count++;
    *ret_compression = compression;
    return 0;
}

int compressor_begin(struct compressor *compressor, struct open_file *original, unsigned level,
                     struct compression_waiter *waiter)
{
    struct compression *compression = find(compressor, original);

    if (!compression) {
        int err = -EAGAIN;

        if (compressor->count < COMPRESSIONS_MAX && compressor->pool)
            err = begin(compressor, original, level, &compression);
        if (err)
            return err;
    }
    waiter->compression = compression;
    list_append(&compression->waiters, &waiter->node);
    return 0;
}

void compressor_forget(struct compression_waiter *waiter)
{
    if (!waiter->compression)
        return;
    waiter->compression = NULL;
    list_remove(&waiter->node);
}
