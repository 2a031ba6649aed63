/* SPDX-License-Identifier: MIT */
/* page_cache.c - preadv2(2), fstatfs(2) and readahead(2). */
#include "os/page_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/uio.h>
#include <sys/vfs.h>

#define PIECE_SIZE 4096
#define PIECES_MAX 128

bool page_cache_holds_all(int fd)
{
    struct statfs fs;

    return fstatfs(fd, &fs) == 0 && (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

bool page_cache_holds(int fd, off_t byte)
{
    char read;
    const struct iovec iov = {.iov_base = &read, .iov_len = 1};

    return preadv2(fd, &iov, 1, byte, RWF_NOWAIT) != -1 || (errno != EAGAIN && errno != EOPNOTSUPP);
}

int page_cache_fill(int fd, off_t offset, size_t len)
{
    char
        dropped[PIECE_SIZE]; /* all pieces over one another: a page that stays in the CPU's cache */
    struct iovec iov[PIECES_MAX];
    size_t done = 0;

    for (size_t i = 0; i < PIECES_MAX; i++)
        iov[i] = (struct iovec){.iov_base = dropped, .iov_len = sizeof(dropped)};
    while (done < len) {
        size_t pieces = MIN((len - done + PIECE_SIZE - 1) / PIECE_SIZE, (size_t)PIECES_MAX);
        ssize_t n = preadv(fd, iov, (int)pieces, offset + (off_t)done);

        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            return -errno;
        if (n == 0)
            return 0;
        done += (size_t)n;
    }
    (void)readahead(fd, offset + (off_t)len, len); /* a hint: not every file system takes it */
    return 0;
}
