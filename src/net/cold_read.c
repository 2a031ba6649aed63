/* SPDX-License-Identifier: MIT */
/* cold_read.c - a job of the thread pool. */
#include "net/cold_read.h"

#include "os/page_cache.h"

#include <errno.h>
#include <stdlib.h>

struct cold_read {
    struct job job;
    struct cold_reader *reader;
    struct cold_part part;
    struct conn_ref waiter;
    bool is_cancelled; /* the loop's: the thread does not look at it */
    int err;
};

static void destroy(struct cold_read *read)
{
    counted_unref(read->part.owner);
    free(read);
}

static void run(struct job *job)
{
    struct cold_read *read = container_of(job, struct cold_read, job);

    read->err = page_cache_fill(read->part.fd, read->part.offset, read->part.len);
}

static void done(struct job *job, bool has_run)
{
    struct cold_read *read = container_of(job, struct cold_read, job);
    struct cold_reader *reader = read->reader;

    if (!read->is_cancelled && reader->on_ready)
        reader->on_ready(reader->context, read->waiter, has_run ? read->err : -ECANCELED);
    destroy(read);
}

int cold_read_start(struct cold_reader *reader, const struct cold_part *part,
                    struct conn_ref waiter, struct cold_read **ret_read)
{
    struct cold_read *read = calloc(1, sizeof(*read));
    int err;

    if (!read)
        return -ENOMEM;
    read->reader = reader;
    read->part = *part;
    read->waiter = waiter;
    counted_ref(part->owner);
    job_init(&read->job, run, done);
    err = threadpool_submit(reader->threads, &read->job);
    if (err)
        destroy(read);
    else
        *ret_read = read;
    return err;
}

void cold_read_cancel(struct cold_read *read)
{
    if (!read)
        return;
    read->is_cancelled = true;
    if (threadpool_withdraw(read->reader->threads, &read->job))
        destroy(read);
}
