/* SPDX-License-Identifier: MIT */
/* log_files.c - from a destination to a descriptor. */

#include "process/log_files.h"

#include "base/log.h"
#include "os/log_file.h"
#include "os/syslog_socket.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static int open_one(const struct log_destination *to, bool is_daemon, int *ret_fd)
{
    *ret_fd = -1;
    switch (to->target) {
    case LOG_TARGET_OFF: return 0;
    case LOG_TARGET_STDOUT: return is_daemon ? 0 : log_file_reopen(STDOUT_FILENO, ret_fd);
    case LOG_TARGET_STDERR: return is_daemon ? 0 : log_file_reopen(STDERR_FILENO, ret_fd);
    case LOG_TARGET_FILE: return log_file_open(to->path, ret_fd);
    case LOG_TARGET_SYSLOG: return syslog_socket_open(to->path, ret_fd);
    }
    return -EINVAL;
}

static void report(const struct trouble *trouble, int err, const char *what,
                   const struct log_destination *to)
{
    const char *path = to->path ? to->path : "the terminal";
    if (err == -ELOOP)
        trouble_report(trouble, 0, "cannot open the %s log \"%s\": it is a symbolic link", what,
                       path);
    else
        trouble_report(trouble, err, "cannot open the %s log \"%s\"", what, path);
}

static void warn_of_lost(const struct server_config *config)
{
    if (config->error_log.target == LOG_TARGET_STDERR)
        fprintf(stderr, "tinyweb: warning: a daemon has no terminal: error_log goes nowhere\n");
    if (config->access_log.target == LOG_TARGET_STDOUT)
        fprintf(stderr, "tinyweb: warning: a daemon has no terminal: access_log goes nowhere\n");
}

int log_files_open(struct log_files *logs, const struct server_config *config,
                   const struct trouble *trouble)
{
    int error_err = open_one(&config->error_log, config->daemon, &logs->error_fd);
    int access_err = open_one(&config->access_log, config->daemon, &logs->access_fd);
    if (error_err)
        report(trouble, error_err, "error", &config->error_log);
    if (access_err)
        report(trouble, access_err, "access", &config->access_log);
    if (error_err || access_err)
        log_files_close(logs);
    else if (config->daemon && trouble->is_starting)
        warn_of_lost(config);
    return error_err ? error_err : access_err;
}

bool log_files_use_syslog(const struct server_config *config)
{
    return config->access_log.target == LOG_TARGET_SYSLOG ||
           config->error_log.target == LOG_TARGET_SYSLOG;
}

static void mend(const struct log_destination *to, int fd, const char *what)
{
    /* Without a daemon there is nobody to tell; senders count what they lose. */
    if (to->target == LOG_TARGET_SYSLOG && syslog_socket_mend(fd, to->path) == 1)
        log_notice(LOG_PROCESS, "the %s log goes to \"%s\" again", what, to->path);
}

void log_files_mend(const struct log_files *logs, const struct server_config *config)
{
    mend(&config->error_log, logs->error_fd, "error");
    mend(&config->access_log, logs->access_fd, "access");
}

void log_files_close(struct log_files *logs)
{
    if (logs->error_fd != -1)
        close(logs->error_fd);
    if (logs->access_fd != -1)
        close(logs->access_fd);
    *logs = (struct log_files){.error_fd = -1, .access_fd = -1};
}
