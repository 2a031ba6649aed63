/* SPDX-License-Identifier: MIT */
/*
 * master_upgrade.c - the pid file, the workers and the new program, around an upgrade.
 *
 *   USR2 ──► pid file becomes .oldbin, new program starts ──┬─ it serves: both do, until QUIT
 *                                                           └─ it fails: all as before
 */

#include "base/log.h"
#include "process/master_private.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OLD_SUFFIX ".oldbin"

static void restore_pid_file(struct master *master)
{
    char path[PATH_MAX];
    if (master->pid_file.fd == -1)
        return;
    size_t len = strlen(master->pid_file.path) - strlen(OLD_SUFFIX);
    (void)snprintf(path, sizeof(path), "%.*s", (int)len, master->pid_file.path);
    int err = pid_file_rename(&master->pid_file, path);
    if (err)
        log_error_errno(LOG_PROCESS, err, "cannot rename the pid file back to \"%s\"", path);
}

/* To those who have asked for it by `-s upgrade`, and to the log. */
static void report_failure(struct master *master, int err, const char *why)
{
    char text[UPGRADE_REASON_SIZE + 128];
    (void)snprintf(text, sizeof(text), "upgrade failed: %s%s%s", why, err ? ": " : "",
                   err ? strerror(-err) : "");
    log_error(LOG_PROCESS, "%s; this one goes on", text);
    control_say_all(&master->control, SIG_ACTION_UPGRADE, text);
    control_end_all(&master->control, SIG_ACTION_UPGRADE, false);
}

static bool somebody_waits(const struct master *master)
{
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        const struct control_client *client = &master->control.clients[i];
        if (client->has_asked && client->asked == SIG_ACTION_UPGRADE)
            return true;
    }
    return false;
}

/* The signal does one step, the command does it all. */
static void on_ready(void *context, pid_t pid)
{
    struct master *master = context;
    if (!master->quits_when_replaced) {
        log_notice(LOG_PROCESS, "the new program (pid %d) serves; QUIT ends this one", pid);
        return;
    }
    log_notice(LOG_PROCESS, "the new program (pid %d) serves; this one ends", pid);
    master_hand_over(master);
}

static void on_gone(void *context, bool had_served, const char *why)
{
    struct master *master = context;
    restore_pid_file(master);
    if (had_served) {
        log_warn(LOG_PROCESS, "the new program is gone: %s; this one goes on", why);
        master_open_control(master); /* it was the new one's */
    } else {
        report_failure(master, 0, why);
    }
    if (master->rest == REST_RESTING)
        master_resume(master);
}

static const struct upgrade_ops upgrade_ops = {.on_ready = on_ready, .on_gone = on_gone};

void master_init_upgrade(struct master *master)
{
    upgrade_init(&master->upgrade, master->loop, &upgrade_ops, master);
}

/* NULL: nothing speaks against it. */
static const char *find_obstacle(const struct master *master, const char *old_path)
{
    pid_t holder;
    if (getpid() == 1)
        return "this is process 1, whose end ends all of its container: start a new container";
    if (master->upgrade.state != UPGRADE_NONE)
        return "a new program has been started already";
    if (!master->current)
        return "this one does not serve yet";
    if (!master->settings->program.path)
        return "a server of a single folder is not replaced";
    if (master->pid_file.fd != -1 && pid_file_read(old_path, &holder) == 0)
        return "the program that this one has replaced is still running";
    return NULL;
}

void master_upgrade(struct master *master)
{
    char old_path[PATH_MAX] = "";
    bool has_pid_file = master->pid_file.fd != -1;
    if (has_pid_file && master->upgrade.state == UPGRADE_NONE &&
        snprintf(old_path, sizeof(old_path), "%s" OLD_SUFFIX, master->pid_file.path) >=
            (int)sizeof(old_path)) {
        report_failure(master, -ENAMETOOLONG, "the pid file");
        return;
    }
    const char *obstacle = find_obstacle(master, old_path);
    if (obstacle) {
        log_notice(LOG_PROCESS, "no upgrade: %s", obstacle);
        control_say_all(&master->control, SIG_ACTION_UPGRADE, obstacle);
        control_end_all(&master->control, SIG_ACTION_UPGRADE, false);
        return;
    }
    int err = has_pid_file ? pid_file_rename(&master->pid_file, old_path) : 0;
    if (err) {
        report_failure(master, err, "cannot rename the pid file");
        return;
    }
    const struct generation *current = master->current;
    master->quits_when_replaced = somebody_waits(master);
    err = upgrade_start(&master->upgrade, &master->settings->program, current->listeners.fds,
                        current->listeners.count, current->config->server.upgrade_timeout_ms);
    if (!err)
        return;
    restore_pid_file(master);
    report_failure(master, err, "the new program cannot be started");
}

void master_rest(struct master *master)
{
    struct generation *current = master->current;
    if (!current || master->next || master->rest == REST_RESTING) {
        log_notice(LOG_PROCESS, "the workers stay: %s",
                   master->rest == REST_RESTING ? "they are leaving already"
                                                : "new ones are starting");
        return;
    }
    master->rest = REST_RESTING;
    /* The sockets stay open here, so what waits in their queues is not lost. */
    procpool_quit(&current->group, 0, current->config->server.shutdown_timeout_ms);
}

void master_resume(struct master *master)
{
    struct generation *current = master->current;
    master->rest = REST_RESUMING;
    if (current->group.state != GROUP_GONE)
        return; /* when the last one has left */
    if (procpool_start(master->pool, &current->group, current->worker_count)) {
        log_error(LOG_PROCESS, "too many workers of earlier reloads have not finished yet");
        master->rest = REST_RESTING;
    }
}
