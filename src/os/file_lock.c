/* SPDX-License-Identifier: MIT */
/* file_lock.c - fcntl record locks. */

#include "os/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Start 0 and length 0: the whole file, whatever its size becomes. */
static int set_lock(int fd, int command, short type)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET};
    while (fcntl(fd, command, &lock) == -1) {
        if (errno == EACCES)
            return -EAGAIN; /* the other name POSIX has for it */
        if (errno != EINTR)
            return -errno;
    }
    return 0;
}

int file_lock_try(int fd)
{
    return set_lock(fd, F_SETLK, F_WRLCK);
}

int file_lock_wait(int fd)
{
    return set_lock(fd, F_SETLKW, F_WRLCK);
}

int file_lock_release(int fd)
{
    return set_lock(fd, F_SETLK, F_UNLCK);
}

int file_lock_holder(int fd, pid_t *ret_pid)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_GETLK, &lock) == -1)
        return -errno;
    if (lock.l_type != F_UNLCK && lock.l_pid <= 0)
        return -ESRCH;
    *ret_pid = lock.l_type == F_UNLCK ? 0 : lock.l_pid;
    return 0;
}
