/* SPDX-License-Identifier: MIT */
/* file_text.c - the whole of a small file in memory. */

#include "config/file_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int read_all(int fd, char *text, size_t max, size_t *ret_len)
{
    size_t len = 0;
    while (len <= max) {
        ssize_t n = read(fd, text + len, max + 1 - len);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            return -errno;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    if (len > max)
        return -EFBIG;
    *ret_len = len;
    return 0;
}

int file_text_read(const char *path, size_t max, char **ret_text, size_t *ret_len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd == -1)
        return -errno;
    size_t len = 0;
    char *text = malloc(max + 2);
    int err = text ? read_all(fd, text, max, &len) : -ENOMEM;
    close(fd);
    if (err) {
        free(text);
        return err;
    }
    text[len] = '\0';
    char *fitting = realloc(text, len + 1); /* not the most that it could have been */
    if (!fitting) {
        free(text);
        return -ENOMEM;
    }
    *ret_text = fitting;
    *ret_len = len;
    return 0;
}
