/* SPDX-License-Identifier: MIT */
/* daemonize.c - fork, setsid, and the status pipe. */

#include "os/daemonize.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* Logs and pid files are nobody's business but the group's. */
#define DAEMON_UMASK 027

static int detach(void)
{
    if (setsid() == -1)
        return -errno;
    /* Terminals are only ever opened with O_NOCTTY here, so a second fork would add nothing. */
    umask(DAEMON_UMASK);
    return 0;
}

int daemon_begin(struct daemonizer *daemon, bool *ret_is_parent)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == -1)
        return -errno;

    pid_t pid = fork();
    if (pid == -1) {
        int err = -errno;
        close(ends[0]);
        close(ends[1]);
        return err;
    }
    bool is_parent = pid > 0;
    close(ends[is_parent ? 1 : 0]);
    daemon->status_fd = ends[is_parent ? 0 : 1];
    *ret_is_parent = is_parent;
    return is_parent ? 0 : detach();
}

int daemon_wait(struct daemonizer *daemon)
{
    char status;
    ssize_t len;
    do {
        len = read(daemon->status_fd, &status, sizeof(status));
    } while (len == -1 && errno == EINTR);
    close(daemon->status_fd);
    daemon->status_fd = -1;
    return len == 1 ? 0 : 1;
}

int daemon_leave_input(void)
{
    int err = 0;
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null_fd == -1)
        return -errno;
    if (dup2(null_fd, STDIN_FILENO) == -1 || dup2(null_fd, STDOUT_FILENO) == -1)
        err = -errno;
    if (null_fd > STDERR_FILENO)
        close(null_fd);
    return err;
}

int daemon_leave_terminal(int error_fd)
{
    return dup2(error_fd == -1 ? STDIN_FILENO : error_fd, STDERR_FILENO) == -1 ? -errno : 0;
}

int daemon_finish(struct daemonizer *daemon, int error_fd)
{
    int err = daemon_leave_input();
    if (!err)
        err = daemon_leave_terminal(error_fd);
    if (err)
        return err;
    if (chdir("/") == -1)
        return -errno;
    /* A parent that was killed meanwhile no longer matters: EPIPE is ignored with SIGPIPE. */
    while (write(daemon->status_fd, "1", 1) == -1 && errno == EINTR)
        continue;
    close(daemon->status_fd);
    daemon->status_fd = -1;
    return 0;
}

int daemon_fill_stdio(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) != -1)
            continue;
        /* The lowest free number is taken, which is this one. */
        if (open("/dev/null", O_RDWR) != fd)
            return -errno;
    }
    return 0;
}
