/* SPDX-License-Identifier: MIT */
/* pid_file.c - a locked file; the lock is the truth, the text is for people. */

#include "process/pid_file.h"

#include "base/number.h"
#include "os/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PID_FILE_MODE 0644
/* Between opening and locking the file may be replaced, each time by somebody else. */
#define TRIES_MAX 16
/* O_NONBLOCK: a FIFO of that name must not stop us. */
#define PID_FILE_FLAGS (O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

static bool is_still_at(const char *path, int fd)
{
    struct stat ours, there;
    return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

static int check_regular(int fd)
{
    struct stat status;
    if (fstat(fd, &status) == -1)
        return -errno;
    return S_ISREG(status.st_mode) ? 0 : -EINVAL;
}

/* Opened and locked; -EAGAIN when it was replaced meanwhile. */
static int open_locked(const char *path, int *ret_fd, pid_t *ret_holder)
{
    int fd = open(path, O_RDWR | O_CREAT | PID_FILE_FLAGS, PID_FILE_MODE);
    if (fd == -1)
        return -errno;
    int err = check_regular(fd);
    if (!err)
        err = file_lock_try(fd);
    if (err == -EAGAIN) {
        pid_t holder = 0;
        /* Who gave it up between the two calls will not be found; the next try gets it. */
        err = file_lock_holder(fd, &holder) == 0 && holder == 0 ? -EAGAIN : -EEXIST;
        *ret_holder = holder;
    } else if (!err && !is_still_at(path, fd)) {
        err = -EAGAIN;
    }
    if (err) {
        close(fd);
        return err;
    }
    *ret_fd = fd;
    return 0;
}

static int write_pid(int fd)
{
    char text[NUMBER_TEXT_SIZE + 1];
    int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) == -1 || fchmod(fd, PID_FILE_MODE) == -1)
        return -errno;
    ssize_t written = pwrite(fd, text, (size_t)len, 0);
    if (written == -1)
        return -errno;
    return written == len ? 0 : -ENOSPC;
}

int pid_file_create(struct pid_file *file, const char *path, pid_t *ret_holder)
{
    int fd = -1;
    int err = -EAGAIN;
    char *copy = strdup(path);
    if (!copy)
        return -ENOMEM;
    for (int tries = 0; err == -EAGAIN && tries < TRIES_MAX; tries++)
        err = open_locked(path, &fd, ret_holder);
    if (err)
        goto free_copy;
    err = write_pid(fd);
    if (err)
        goto unlink_file;
    *file = (struct pid_file){.path = copy, .fd = fd};
    return 0;

unlink_file:
    (void)unlink(path); /* it is ours: locked, and looked at after that */
    close(fd);
free_copy:
    free(copy);
    return err;
}

/* 0 or -EINVAL; *@ret_pid is not trusted by anybody. */
static int read_pid(int fd, pid_t *ret_pid)
{
    char text[NUMBER_TEXT_SIZE + 2];
    uint64_t value;
    ssize_t len = pread(fd, text, sizeof(text), 0);
    if (len <= 0 || text[len - 1] != '\n')
        return -EINVAL;
    if (number_parse(slice_of(text, (size_t)len - 1), INT_MAX, &value) || value == 0)
        return -EINVAL;
    *ret_pid = (pid_t)value;
    return 0;
}

int pid_file_rename(struct pid_file *file, const char *path)
{
    char *copy = strdup(path);
    int err = copy ? 0 : -ENOMEM;
    if (!err && !is_still_at(file->path, file->fd))
        err = -ESTALE;
    if (!err && rename(file->path, path) == -1)
        err = -errno;
    if (err) {
        free(copy);
        return err;
    }
    free(file->path);
    file->path = copy;
    return 0;
}

void pid_file_remove(struct pid_file *file)
{
    pid_t pid;
    if (file->fd == -1)
        return;
    if (is_still_at(file->path, file->fd) && read_pid(file->fd, &pid) == 0 && pid == getpid())
        (void)unlink(file->path); /* a folder we may not write any more: it is unlocked, so stale */
    close(file->fd);
    free(file->path);
    *file = (struct pid_file){.fd = -1};
}

int pid_file_read(const char *path, pid_t *ret_pid)
{
    int fd = open(path, O_RDONLY | PID_FILE_FLAGS);
    if (fd == -1)
        return -errno;
    pid_t holder = 0, written = 0;
    int err = check_regular(fd);
    if (!err)
        err = file_lock_holder(fd, &holder);
    if (!err && holder == 0)
        err = -ESRCH;
    /* Another program's lock file, or one that is being written just now. */
    if (!err && (read_pid(fd, &written) || written != holder))
        err = -EINVAL;
    close(fd);
    if (err)
        return err;
    *ret_pid = holder;
    return 0;
}
