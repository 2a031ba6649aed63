/* SPDX-License-Identifier: MIT */
/* upgrade.c - forks and executes the new program, and listens to what becomes of it. */

#include "process/upgrade.h"

#include "base/log.h"
#include "base/number.h"
#include "base/writer.h"
#include "os/descriptors.h"
#include "os/signal_manager.h"
#include "process/inherited_sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What comes through the pipe: READY, or FAILED and the errno of execv. */
#define TOLD_READY '1'
#define TOLD_FAILED 'e'

/* Room for ";2147483647" each. */
#define FD_TEXT_SIZE 12
#define EXIT_NOT_EXECUTED 127

static void close_pipe(struct upgrade *upgrade)
{
    if (upgrade->ready.fd == -1)
        return;
    loop_remove(upgrade->loop, &upgrade->ready);
    close(upgrade->ready.fd);
    upgrade->ready.fd = -1;
}

static void stop_listening(struct upgrade *upgrade)
{
    loop_cancel_timer(upgrade->loop, &upgrade->deadline);
    close_pipe(upgrade);
}

static void on_ready_event(struct watcher *watcher, uint32_t events)
{
    struct upgrade *upgrade = container_of(watcher, struct upgrade, ready);
    unsigned char told[2] = {0};
    ssize_t len = read(watcher->fd, told, sizeof(told));
    (void)events;
    if (len == -1 && (errno == EAGAIN || errno == EINTR))
        return;
    close_pipe(upgrade);
    if (len == 2 && told[0] == TOLD_FAILED)
        upgrade->exec_error = told[1];
    if (len < 1 || told[0] != TOLD_READY)
        return; /* its end follows, or the deadline */
    stop_listening(upgrade);
    upgrade->state = UPGRADE_SERVING;
    upgrade->ops->on_ready(upgrade->context, upgrade->pid);
}

static void on_deadline(struct timer *timer)
{
    struct upgrade *upgrade = container_of(timer, struct upgrade, deadline);
    upgrade->is_late = true;
    (void)kill(upgrade->pid, SIGKILL); /* not reaped, so it is still that one */
}

void upgrade_init(struct upgrade *upgrade, struct event_loop *loop, const struct upgrade_ops *ops,
                  void *context)
{
    *upgrade = (struct upgrade){.loop = loop, .ops = ops, .context = context};
    watcher_init(&upgrade->ready, -1, on_ready_event);
    timer_init(&upgrade->deadline, on_deadline);
}

static int set_variables(const int *fds, size_t count, int ready_fd)
{
    char ready[FD_TEXT_SIZE];
    size_t size = count * FD_TEXT_SIZE + 1;
    char *text = malloc(size);
    if (!text)
        return -ENOMEM;
    struct writer w = writer_on(text, size - 1);
    for (size_t i = 0; i < count; i++)
        writer_format(&w, "%s%d", i > 0 ? ";" : "", fds[i]);
    text[w.len] = '\0';
    (void)snprintf(ready, sizeof(ready), "%d", ready_fd);
    int err = setenv(INHERITED_VARIABLE, text, 1) == -1 || setenv(READY_VARIABLE, ready, 1) == -1
                  ? -errno
                  : 0;
    free(text);
    /* The service manager's watchdog goes with the service. */
    if (!err && getenv("WATCHDOG_PID")) {
        (void)snprintf(ready, sizeof(ready), "%d", (int)getpid());
        err = setenv("WATCHDOG_PID", ready, 1) == -1 ? -errno : 0;
    }
    return err;
}

/* The listeners and the pipe stay open in the new program, and nothing else does. */
static int keep_descriptors(const int *fds, size_t count, int ready_fd, int dir_fd)
{
    int *keep = malloc((count + 2) * sizeof(*keep));
    if (!keep)
        return -ENOMEM;
    if (count > 0) /* else there may be no array at all */
        memcpy(keep, fds, count * sizeof(*keep));
    keep[count] = ready_fd;
    keep[count + 1] = dir_fd; /* closed by exec */
    int err = descriptors_close_others(keep, count + 2);
    free(keep);
    for (size_t i = 0; !err && i < count; i++) {
        if (fcntl(fds[i], F_SETFD, 0) == -1)
            err = -errno;
    }
    if (!err && fcntl(ready_fd, F_SETFD, 0) == -1)
        err = -errno;
    return err;
}

/* In the child: returns only when it could not be done. */
static int execute(const struct upgrade_program *program, const int *fds, size_t count,
                   int ready_fd)
{
    int err = keep_descriptors(fds, count, ready_fd, program->start_dir_fd);
    if (!err)
        err = set_variables(fds, count, ready_fd);
    if (!err && program->start_dir_fd != -1 && fchdir(program->start_dir_fd) == -1)
        err = -errno;
    if (!err)
        err = sig_unblock();
    if (err)
        return err;
    (void)execv(program->path, program->arguments);
    return -errno;
}

static int start_child(const struct upgrade_program *program, const int *fds, size_t count,
                       int ready_fd, pid_t *ret_pid)
{
    (void)fflush(NULL); /* what is buffered would be written twice */
    pid_t pid = fork();
    if (pid == -1)
        return -errno;
    if (pid == 0) {
        int err = execute(program, fds, count, ready_fd);
        const unsigned char told[2] = {TOLD_FAILED, (unsigned char)-err};
        _exit(write(ready_fd, told, sizeof(told)) == 2 ? EXIT_NOT_EXECUTED : EXIT_FAILURE);
    }
    *ret_pid = pid;
    return 0;
}

int upgrade_start(struct upgrade *upgrade, const struct upgrade_program *program, const int *fds,
                  size_t count, uint32_t timeout_ms)
{
    int ends[2];
    assert(upgrade->state == UPGRADE_NONE);
    if (pipe2(ends, O_CLOEXEC) == -1)
        return -errno;
    upgrade->exec_error = 0;
    upgrade->is_late = false;
    watcher_init(&upgrade->ready, ends[0], on_ready_event);
    int err = fcntl(ends[0], F_SETFL, O_NONBLOCK) == -1 ? -errno : 0;
    if (!err)
        err = loop_add(upgrade->loop, &upgrade->ready, EPOLLIN);
    if (!err)
        err = loop_set_timer(upgrade->loop, &upgrade->deadline,
                             loop_now_ms(upgrade->loop) + timeout_ms);
    if (!err)
        err = start_child(program, fds, count, ends[1], &upgrade->pid);
    close(ends[1]);
    if (err)
        stop_listening(upgrade);
    else
        upgrade->state = UPGRADE_STARTING;
    return err;
}

static void explain_end(const struct upgrade *upgrade, int status, char why[UPGRADE_REASON_SIZE])
{
    if (upgrade->exec_error)
        (void)snprintf(why, UPGRADE_REASON_SIZE, "it cannot be executed: %s",
                       strerror(upgrade->exec_error));
    else if (upgrade->is_late)
        (void)snprintf(why, UPGRADE_REASON_SIZE, "it did not serve in time");
    else if (WIFSIGNALED(status))
        (void)snprintf(why, UPGRADE_REASON_SIZE, "it was killed by signal %d", WTERMSIG(status));
    else
        (void)snprintf(why, UPGRADE_REASON_SIZE, "it ended with status %d", WEXITSTATUS(status));
}

bool upgrade_reaped(struct upgrade *upgrade, pid_t pid, int status)
{
    char why[UPGRADE_REASON_SIZE];
    if (upgrade->state == UPGRADE_NONE || pid != upgrade->pid)
        return false;
    /* What it told last may not have been read yet. */
    if (upgrade->ready.fd != -1)
        on_ready_event(&upgrade->ready, 0);
    bool had_served = upgrade->state == UPGRADE_SERVING;
    stop_listening(upgrade);
    upgrade->state = UPGRADE_NONE;
    upgrade->pid = 0;
    explain_end(upgrade, status, why);
    upgrade->ops->on_gone(upgrade->context, had_served, why);
    return true;
}

void upgrade_abandon(struct upgrade *upgrade)
{
    if (upgrade->state == UPGRADE_STARTING)
        (void)kill(upgrade->pid, SIGTERM);
    stop_listening(upgrade);
    upgrade->state = UPGRADE_NONE;
    upgrade->pid = 0;
}

int upgrade_parse_ready(const char *text, int *ret_fd)
{
    uint64_t fd;
    struct stat status;
    *ret_fd = -1;
    if (!text)
        return 0;
    if (number_parse(slice_from_string(text), INT_MAX, &fd) || fd <= STDERR_FILENO ||
        fstat((int)fd, &status) == -1 || !S_ISFIFO(status.st_mode) ||
        fcntl((int)fd, F_SETFD, FD_CLOEXEC) == -1)
        return -EINVAL;
    *ret_fd = (int)fd;
    return 0;
}

void upgrade_tell_ready(int fd)
{
    static const char ready[] = {TOLD_READY,
                                 '\n'}; /* a line, as supervisors of the kind of s6 want it */
    if (fd == -1)
        return;
    /* Whoever asked may be gone; SIGPIPE is ignored. */
    while (write(fd, ready, sizeof(ready)) == -1 && errno == EINTR)
        continue;
    close(fd);
}
