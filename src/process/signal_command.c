/* SPDX-License-Identifier: MIT */
/* signal_command.c - finds the server by its pid file, and holds it by a pidfd. */

#include "process/signal_command.h"

#include "process/control_client.h"
#include "process/control_text.h"
#include "process/pid_file.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What ends at once has ended within one second; more means that something is wrong. */
#define STOP_WAIT_MS 5000
/* How long `quit` waits beyond the server's own limit, and without one. */
#define QUIT_GRACE_MS 5000
#define QUIT_WAIT_MS (10 * 60 * 1000)
/* A reload has ended long before: the server gives its workers 30 seconds to start. */
#define RELOAD_WAIT_MS 60000
/* Beyond the server's own limit. */
#define UPGRADE_GRACE_MS 10000
#define STATUS_WAIT_MS 5000
/* Of a cache with many files all are looked at. */
#define PURGE_WAIT_MS (10 * 60 * 1000)

#define EXIT_NOT_RUNNING 3 /* of `status`, by the LSB */

static void explain_absence(const char *path, int err)
{
    if (err == -ENOENT)
        fprintf(stderr, "tinyweb: no server is running: there is no pid file \"%s\"\n", path);
    else if (err == -ESRCH)
        fprintf(stderr, "tinyweb: no server is running: pid file \"%s\" was left behind\n", path);
    else if (err == -EINVAL)
        fprintf(stderr, "tinyweb: \"%s\" is not the pid file of a running server\n", path);
    else
        fprintf(stderr, "tinyweb: cannot read the pid file \"%s\": %s\n", path, strerror(-err));
}

/* A number may go to another process at any time; a pidfd stays with the one it was opened for. */
static int open_server(const char *path, pid_t *ret_pid)
{
    pid_t pid, again;
    int err = pid_file_read(path, &pid);
    if (err) {
        explain_absence(path, err);
        return -1;
    }
    int fd = (int)syscall(SYS_pidfd_open, pid, 0U);
    if (fd == -1) {
        fprintf(stderr, "tinyweb: cannot reach the server (pid %d): %s\n", pid, strerror(errno));
        return -1;
    }
    err = pid_file_read(path, &again);
    if (err || again != pid) {
        close(fd);
        explain_absence(path, err ? err : -ESRCH);
        return -1;
    }
    *ret_pid = pid;
    return fd;
}

static int wait_until_gone(int fd, int limit_ms)
{
    struct pollfd gone = {.fd = fd, .events = POLLIN};
    int count;
    do {
        count = poll(&gone, 1, limit_ms);
    } while (count == -1 && errno == EINTR);
    return count == 1 ? 0 : -ETIMEDOUT;
}

static int wait_limit_ms(const struct config *config, const struct sig_row *command)
{
    uint32_t shutdown_ms = config->server.shutdown_timeout_ms;
    uint32_t delay_ms = config->server.shutdown_delay_ms;
    if (command->action == SIG_ACTION_STOP)
        return STOP_WAIT_MS;
    uint32_t limit_ms = shutdown_ms > 0 ? MIN(shutdown_ms + QUIT_GRACE_MS, (uint32_t)QUIT_WAIT_MS)
                                        : QUIT_WAIT_MS;
    return (int)(delay_ms + limit_ms);
}

static int send_and_wait(const struct config *config, const struct sig_row *command, int fd,
                         pid_t pid, bool is_quiet)
{
    bool ends = command->action == SIG_ACTION_STOP || command->action == SIG_ACTION_QUIT;
    /* INT says the same where TERM may mean QUIT. */
    int number = command->number == SIGTERM ? SIGINT : command->number;
    if (syscall(SYS_pidfd_send_signal, fd, number, NULL, 0U) == -1) {
        fprintf(stderr, "tinyweb: cannot send SIG%s to the server (pid %d): %s\n", command->name,
                pid, strerror(errno));
        return 1;
    }
    if (ends && wait_until_gone(fd, wait_limit_ms(config, command))) {
        fprintf(stderr, "tinyweb: the server (pid %d) has not ended yet\n", pid);
        return 1;
    }
    if (!is_quiet)
        fprintf(stderr,
                ends ? "tinyweb: the server (pid %d) has ended\n"
                     : "tinyweb: the server (pid %d) has been told\n",
                pid);
    return 0;
}

static int ask_limit_ms(const struct config *config, const struct sig_row *command)
{
    if (command->action == SIG_ACTION_UPGRADE)
        return (int)config->server.upgrade_timeout_ms + UPGRADE_GRACE_MS;
    if (command->action == SIG_ACTION_PURGE)
        return PURGE_WAIT_MS;
    return command->action == SIG_ACTION_RELOAD ? RELOAD_WAIT_MS : STATUS_WAIT_MS;
}

static bool is_asked(const struct sig_row *command)
{
    return command->action == SIG_ACTION_RELOAD || command->action == SIG_ACTION_UPGRADE ||
           command->number == 0;
}

static void say_done(const struct sig_row *command, const char *argument, pid_t pid, bool is_quiet)
{
    static const char *const texts[] = {
        [SIG_ACTION_RELOAD] = "uses the new configuration",
        [SIG_ACTION_UPGRADE] = "has been replaced by a new program",
        [SIG_ACTION_DRAIN] = "is not ready any more, and serves",
        [SIG_ACTION_UNDRAIN] = "is ready",
        [SIG_ACTION_MAINT] =
            "sends nothing to that server any more, until -s ready or a restart of its own",
        [SIG_ACTION_READY] = "sends requests to that server again",
        [SIG_ACTION_PURGE] = "has forgotten that",
    };
    const char *what = texts[command->action];
    if (command->action == SIG_ACTION_DRAIN && argument)
        what = "gives that server no new work, until -s ready or a restart of its own";
    if (!is_quiet && what)
        fprintf(stderr, "tinyweb: the server (pid %d) %s\n", pid, what);
}

/* Over the control socket. False: there is none, and a signal has to do. */
static bool ask(const struct config *config, const struct sig_row *command, const char *argument,
                pid_t pid, bool is_quiet, int *ret_status)
{
    char request[CONTROL_PACKET_MAX + 1];
    bool is_status = command->action == SIG_ACTION_STATUS;
    bool is_done = false;
    (void)snprintf(request, sizeof(request), "%s%s%s", command->word, argument ? " " : "",
                   argument ? argument : "");
    int err = control_ask(config->server.pid_file, request, ask_limit_ms(config, command),
                          is_status ? stdout : stderr, is_status ? "" : "tinyweb: ", &is_done);
    if ((err == -ENOENT || err == -ECONNREFUSED) && command->action == SIG_ACTION_RELOAD)
        return false;
    *ret_status = err || !is_done ? 1 : 0;
    if (err)
        fprintf(stderr, "tinyweb: the server (pid %d) is running, but cannot be asked: %s\n", pid,
                strerror(-err));
    else if (is_done)
        say_done(command, argument, pid, is_quiet);
    else
        fprintf(stderr, "tinyweb: -s %s: it was not done, and all is as before\n", command->word);
    return true;
}

int signal_command(const struct config *config, const struct sig_row *command, const char *argument,
                   bool is_quiet)
{
    pid_t pid;
    if (!config->server.pid_file) {
        fprintf(stderr,
                "tinyweb: -s %s needs to know the server's pid file: set pid_file in the "
                "configuration, or -g server.pid_file=FILE\n",
                command->word);
        return 1;
    }
    int fd = open_server(config->server.pid_file, &pid);
    int status;
    if (fd == -1)
        return command->action == SIG_ACTION_STATUS ? EXIT_NOT_RUNNING : 1;
    if (!is_asked(command) || !ask(config, command, argument, pid, is_quiet, &status))
        status = send_and_wait(config, command, fd, pid, is_quiet);
    close(fd);
    return status;
}
