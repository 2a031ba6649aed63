/* SPDX-License-Identifier: MIT */
/*
 * file_stamp.h - tells whether a file or directory is still what it was: which one, how large, when
 * it was changed.
 */
#ifndef TINYWEB_FILE_FILE_STAMP_H
#define TINYWEB_FILE_FILE_STAMP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

struct file_stamp {
    dev_t device;
    ino_t inode;
    uint64_t size;
    struct timespec mtime, ctime;
    bool is_racy; /* changed so recently that another change might not show in its times */
};

/* Compares with the clock of now: take it when the file is looked at. */
struct file_stamp file_stamp_of(const struct stat *st);

/* Says nothing of racy stamps: whether those count is for the caller to decide. */
bool file_stamp_is_same(const struct file_stamp *stamp, const struct stat *st);
bool file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b);

#endif
