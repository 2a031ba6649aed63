/* SPDX-License-Identifier: MIT */
/* file_stamp.c - what stat(2) says of a file, and how far that can be trusted. */
#include "file/file_stamp.h"

/* The kernel stamps changes with the time of its last tick, so two changes within one look alike.
 * What changed this recently may change again unseen. */
#define RACY_MS 100

static bool same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool changed_recently(const struct stat *st)
{
    struct timespec now;
    int64_t age_ms;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    age_ms = (int64_t)(now.tv_sec - st->st_ctim.tv_sec) * 1000 +
             (now.tv_nsec - st->st_ctim.tv_nsec) / 1000000;
    return age_ms < RACY_MS; /* also when the clock was set back since */
}

struct file_stamp file_stamp_of(const struct stat *st)
{
    return (struct file_stamp){
        .device = st->st_dev,
        .inode = st->st_ino,
        .size = (uint64_t)st->st_size,
        .mtime = st->st_mtim,
        .ctime = st->st_ctim,
        .is_racy = changed_recently(st),
    };
}

bool file_stamp_is_same(const struct file_stamp *stamp, const struct stat *st)
{
    return stamp->device == st->st_dev && stamp->inode == st->st_ino &&
           stamp->size == (uint64_t)st->st_size && same_time(&stamp->mtime, &st->st_mtim) &&
           same_time(&stamp->ctime, &st->st_ctim);
}

bool file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           same_time(&a->mtime, &b->mtime) && same_time(&a->ctime, &b->ctime);
}
