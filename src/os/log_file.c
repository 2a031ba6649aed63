/* SPDX-License-Identifier: MIT */
/* log_file.c - open(2) with the flags a log wants. */

#include "os/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_FILE_MODE 0640
#define LOG_FILE_FLAGS (O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

int log_file_open(const char *path, int *ret_fd)
{
    int fd = open(path, O_WRONLY | LOG_FILE_FLAGS, LOG_FILE_MODE);
    /* A FIFO that nobody reads yet: being a reader too keeps it open. */
    struct stat status;
    if (fd == -1 && errno == ENXIO && stat(path, &status) == 0 && S_ISFIFO(status.st_mode))
        fd = open(path, O_RDWR | LOG_FILE_FLAGS, LOG_FILE_MODE);
    if (fd == -1)
        return -errno;
    *ret_fd = fd;
    return 0;
}

int log_file_reopen(int fd, int *ret_fd)
{
    char path[sizeof("/proc/self/fd/") + 12];
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd); /* fits by its size */
    int own = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (own > STDERR_FILENO) {
        *ret_fd = own;
        return 0;
    }
    /* A socket, a terminal of another user, or no /proc: a copy that shares the description. */
    int copy = fcntl(own == -1 ? fd : own, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int err = copy == -1 ? -errno : 0;
    if (own != -1)
        close(own);
    if (err)
        return err;
    *ret_fd = copy;
    return 0;
}
