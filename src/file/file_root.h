/* SPDX-License-Identifier: MIT */
/* file_root.h - a directory below which files are looked for. */
#ifndef TINYWEB_FILE_FILE_ROOT_H
#define TINYWEB_FILE_FILE_ROOT_H

#include <stdint.h>

/* What is remembered of one space is never given in another, even if the directory is the same. */
struct file_root {
    int fd; /* borrowed */
    uint32_t space;
};

#endif
