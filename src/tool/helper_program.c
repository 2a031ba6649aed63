/* SPDX-License-Identifier: MIT */
/* helper_program.c - fork, and tell by a pipe that closes on exec what came of it. */
#include "tool/helper_program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void become(const char *const arguments[], int result_fd)
{
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    char *copies[HELPER_ARGUMENTS_MAX + 1] = {NULL};
    sigset_t none;
    int err;

    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL); /* the server waits for its signals otherwise */
    if (null_fd != -1)
        (void)dup2(null_fd, STDIN_FILENO);
    /* execvp(3) changes none of them, but does not say so in its type. */
    for (size_t i = 0; arguments[i] && i + 1 < COUNT_OF(copies); i++)
        copies[i] = strdup(arguments[i]);
    (void)execvp(copies[0] ? copies[0] : "", copies);
    err = -errno;
    (void)!write(result_fd, &err, sizeof(err));
    _exit(127);
}

static int wait_for(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) == -1) {
        if (errno != EINTR)
            return -errno;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* In between: its end lets the program go. */
static _Noreturn void let_go(const char *const arguments[], int result_fd)
{
    pid_t pid;

    (void)setsid(); /* the keys of the terminal are not for it */
    pid = fork();
    if (pid == 0)
        become(arguments, result_fd);
    _exit(pid == -1 ? 1 : 0);
}

static int launch(const char *const arguments[], bool is_waited_for)
{
    int fds[2], err = 0, end;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) == -1)
        return -errno;
    pid = fork();
    if (pid == 0 && is_waited_for)
        become(arguments, fds[1]);
    if (pid == 0)
        let_go(arguments, fds[1]);
    if (pid == -1)
        err = -errno;
    close(fds[1]);
    if (pid > 0 && read(fds[0], &err, sizeof(err)) != sizeof(err))
        err = 0; /* it closed by itself: the program runs */
    close(fds[0]);
    end = pid > 0 ? wait_for(pid) : 0;
    return err ? err : end;
}

int helper_start(const char *const arguments[])
{
    return launch(arguments, false);
}

int helper_run(const char *const arguments[])
{
    return launch(arguments, true);
}
