/* SPDX-License-Identifier: MIT */
/*
 * page_cache.h - whether the bytes of a file are in memory, and how to get them there.
 *
 * What is found may be wrong a moment later: the kernel takes pages back as it likes.
 */
#ifndef TINYWEB_OS_PAGE_CACHE_H
#define TINYWEB_OS_PAGE_CACHE_H

#include "base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Its file system is nothing but memory (tmpfs, ramfs), so reading never waits. One system call. */
bool page_cache_holds_all(int fd);

/*
 * False: to read @byte would wait, or its file system cannot tell (FUSE, overlayfs). True also for
 * what fails at once, such as a byte behind the end: reading will say so. Never waits; may make the kernel
 * start to read. One preadv2(RWF_NOWAIT).
 */
bool page_cache_holds(int fd, off_t byte);

/* Read @len bytes from @offset, and let the kernel read on behind them. Waits. 0, also when the
 * file ends earlier, or -errno. */
MUST_CHECK int page_cache_fill(int fd, off_t offset, size_t len);

#endif
