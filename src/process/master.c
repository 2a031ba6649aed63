/* SPDX-License-Identifier: MIT */
/*
 * master.c - waits for signals and for what the process pool tells, and decides what follows.
 *
 *   start ──► all workers ready ──► started ──┬─ HUP ──► a second generation starts; when it is
 *     └─ one cannot start: exit 1             │          ready, the first one is told to quit
 *                                             └─ QUIT, TERM ──► all generations leave ──► exit 0
 */

#include "process/master.h"

#include "base/log.h"
#include "os/resource_limits.h"
#include "os/signal_manager.h"
#include "process/master_private.h"
#include "process/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How long the end of a reload, or of an upgrade, waits for those it replaces to stop accepting. */
#define REPLACING_MAX_MS 3000

/* --- what the pool asks and tells */

static pid_t spawn_worker(void *context, struct child_group *group, unsigned slot, int channel_fd)
{
    struct master *master = context;
    struct generation *generation = generation_of(group);

    stats_keeper_add_worker(&master->stats, group, slot);
    (void)fflush(NULL); /* what is buffered would be written twice */
    pid_t pid = fork();
    if (pid == -1)
        return -errno;
    if (pid > 0)
        return pid;

    generation_apply_log(generation);
    struct worker_inheritance inherited = {
        .config = generation->config,
        .listen_fds = generation->listeners.fds,
        .listen_count = generation->listeners.count,
        .logs = &generation->logs,
        .root_fds = generation->root_fds,
        .caches = &generation->caches,
        .channel_fd = channel_fd,
        .shared = master->shared,
        .accept_mutex = generation->has_mutex ? &generation->mutex : NULL,
        .clients = &generation->clients,
        .identity = generation->changes_user ? &generation->identity : NULL,
        .confinement = &generation->confinement,
        .title = master->settings->title,
        .trouble = {.is_starting = master->trouble.is_starting,
                    .log_is_terminal = master->trouble.log_is_terminal},
        .slot = slot,
        .first_slot = group->first_slot,
        .slot_count = group->count,
    };
    exit(worker_run(&inherited));
}

static void on_reaped(void *context, struct child_group *group, unsigned slot, pid_t pid)
{
    struct master *master = context;
    struct generation *generation = generation_of(group);
    /* For every end, also an orderly one: the check costs nothing. */
    if (generation->has_mutex && shmtx_force_unlock(&generation->mutex, pid))
        log_notice(LOG_PROCESS, "worker %u (pid %d) held the accept mutex; it is free again", slot,
                   pid);
    shared_state_clear_gauges(master->shared, slot);
    fill_forget_process(&master->shared->cache.fills, pid);
    client_memory_forget_worker(&generation->clients, slot - group->first_slot);
}

static void on_other_reaped(void *context, pid_t pid, int status)
{
    struct master *master = context;
    /* As process 1 of a container we get the orphans of others too. */
    if (!resolver_reaped(&master->resolver, pid, status) &&
        !upgrade_reaped(&master->upgrade, pid, status))
        log_debug(LOG_PROCESS, "pid %d, which was not ours, has ended", pid);
}

/* The first generation serves: whoever started us may know. False: then all is given up. */
static bool announce_start(struct master *master)
{
    const struct master_settings *settings = master->settings;
    struct generation *generation = master->current;

    master_open_control(master);
    log_notice(LOG_PROCESS, "tinyweb " PACKAGE_VERSION " has started");
    generation_log_summary(generation);
    if (settings->on_started)
        settings->on_started(settings->context, &generation->listeners);
    if (settings->daemon) {
        int err = daemon_finish(settings->daemon, generation->logs.error_fd);
        if (err) {
            trouble_report(&master->trouble, err, "cannot leave the terminal");
            return false;
        }
    }
    upgrade_tell_ready(settings->ready_fd);
    service_ready(&master->service, generation);
    master->trouble.is_starting = false;
    return true;
}

void master_terminate_group(struct child_group *group)
{
    listeners_close(&generation_of(group)->listeners);
    procpool_terminate(group);
}

/* Nobody may be left to accept what waits in the queues, so those who leave take it. */
void master_quit_group(struct child_group *group)
{
    struct generation *generation = generation_of(group);
    if (group->state == GROUP_GONE) { /* it has been resting */
        generation_destroy(generation);
        return;
    }
    listeners_close(&generation->listeners);
    procpool_quit(group, 1, generation->config->server.shutdown_timeout_ms);
}

static void reload_if_asked(struct master *master)
{
    if (!master->reload_again)
        return;
    master->reload_again = false;
    master_reload(master);
}

void master_forget_replaced(struct master *master)
{
    master->replaced = NULL;
    loop_cancel_timer(master->loop, &master->replacing);
}

/* From here on every new connection is served by the new configuration. */
static void finish_reload(struct master *master)
{
    master_forget_replaced(master);
    log_notice(LOG_PROCESS, "the new configuration is in use");
    stats_keeper_count_reload(&master->stats, true);
    control_end_all(&master->control, SIG_ACTION_RELOAD, true);
    service_ready(&master->service, master->current);
    generation_log_summary(master->current);
    reload_if_asked(master);
}

/* From here on every new connection is served by the new program. */
static void finish_handing_over(struct master *master)
{
    master->is_handing_over = false;
    loop_cancel_timer(master->loop, &master->replacing);
    control_end_all(&master->control, SIG_ACTION_UPGRADE, true);
}

/* One that is stopped or stuck: it accepts nothing as long as it is. */
static void on_replacing_for_long(struct timer *timer)
{
    struct master *master = container_of(timer, struct master, replacing);
    if (master->is_handing_over)
        finish_handing_over(master);
    else
        finish_reload(master);
}

static void await_replaced(struct master *master)
{
    (void)loop_set_timer(master->loop, &master->replacing, /* without memory: no limit */
                         loop_now_ms(master->loop) + REPLACING_MAX_MS);
}

void master_hand_over(struct master *master)
{
    master->is_handing_over = true;
    master_quit(master);
    if (procpool_count_open(master->pool) == 0)
        finish_handing_over(master);
    else
        await_replaced(master);
}

static void replace(struct master *master, struct generation *old)
{
    bool is_resting = old->group.state == GROUP_GONE;
    master_quit_group(&old->group);
    if (is_resting || old->group.open_count == 0) {
        finish_reload(master);
        return;
    }
    master->replaced = old;
    await_replaced(master);
}

static void on_ready(void *context, struct child_group *group)
{
    struct master *master = context;
    struct generation *old = master->current;
    if (master->is_leaving)
        return;
    master->current = generation_of(group);
    master->next = NULL;
    master->rest = REST_NONE;
    generation_apply_log(master->current);
    stats_keeper_follow(&master->stats, group, master->current->config->server.status);
    log_mender_follow(&master->log_mender);
    resolver_follow(&master->resolver, master->current, NULL);
    if (old == master->current) {
        log_notice(LOG_PROCESS, "the workers are back");
    } else if (!old) {
        if (!announce_start(master)) {
            master->exit_status = 1;
            master->is_leaving = true;
            procpool_each_group(master->pool, master_terminate_group);
        }
    } else {
        replace(master, old);
        return;
    }
    reload_if_asked(master);
}

static void on_closed(void *context, struct child_group *group)
{
    struct master *master = context;
    if (master->replaced == generation_of(group))
        finish_reload(master);
    else if (master->is_handing_over && procpool_count_open(master->pool) == 0)
        finish_handing_over(master);
}

static void on_failed(void *context, struct child_group *group)
{
    struct master *master = context;
    procpool_terminate(group);
    if (master->is_leaving)
        return;
    master->next = NULL;
    if (master->current == generation_of(group)) {
        log_error(LOG_PROCESS, "the workers cannot start again");
        master->rest = REST_RESTING;
        return;
    }
    if (master->current) {
        resolver_follow(&master->resolver, master->current, NULL);
        stats_keeper_count_reload(&master->stats, false);
        log_error(LOG_PROCESS, "reload failed: workers of the new configuration cannot start; the "
                               "old one stays in use");
        control_say_all(&master->control, SIG_ACTION_RELOAD,
                        "workers of the new configuration cannot start; the error log says why");
        control_end_all(&master->control, SIG_ACTION_RELOAD, false);
        service_ready(&master->service, master->current);
        if (master->rest == REST_RESTING)
            master_resume(master);
        reload_if_asked(master);
        return;
    }
    trouble_report(&master->trouble, 0, "the workers cannot start");
    master->exit_status = 1;
    master->is_leaving = true;
}

static void on_gone(void *context, struct child_group *group)
{
    struct master *master = context;
    struct generation *generation = generation_of(group);
    if (master->current == generation && master->rest != REST_NONE && !master->is_leaving) {
        if (master->rest == REST_RESUMING)
            master_resume(master);
        else
            log_notice(LOG_PROCESS, "all workers have left; HUP brings them back");
        return;
    }
    if (master->current == generation)
        master->current = NULL;
    if (master->next == generation)
        master->next = NULL;
    if (master->is_leaving && procpool_is_empty(master->pool)) {
        log_notice(LOG_PROCESS, "ended");
        loop_stop(master->loop);
    }
    resolver_forget(&master->resolver, generation);
    generation_destroy(generation);
}

static const struct procpool_ops pool_ops = {
    .spawn = spawn_worker,
    .on_ready = on_ready,
    .on_failed = on_failed,
    .on_closed = on_closed,
    .on_gone = on_gone,
    .on_reaped = on_reaped,
    .on_other_reaped = on_other_reaped,
};

/* --- start and end */

/* Before anything is opened: "address already in use" would be true too, but no help. */
static int refuse_second_start(const struct master *master)
{
    const char *path = master->settings->config->server.pid_file;
    pid_t holder;
    if (!path || pid_file_read(path, &holder))
        return 0;
    trouble_report(&master->trouble, 0, "a server (pid %d) is running with pid file \"%s\"", holder,
                   path);
    return -EEXIST;
}

static int build(struct master *master)
{
    uint64_t limit;
    /* A channel for each worker, and those of a second generation. With less we may manage. */
    if (limits_set_open_files(0, &limit))
        log_debug(LOG_PROCESS, "the limit of open files stays as it is");
    timer_init(&master->replacing, on_replacing_for_long);
    int err = loop_create(&master->loop);
    if (!err)
        err = master_watch_signals(master);
    if (!err) {
        master_init_upgrade(master);
        master_init_control(master);
    }
    if (!err)
        err = shared_state_create(&master->shared);
    if (!err)
        err = procpool_create(master->loop, &pool_ops, master, SHARED_SLOTS, &master->pool);
    if (err) {
        trouble_report(&master->trouble, err, "cannot start");
        return err;
    }
    stats_keeper_init(&master->stats, master->loop, master->shared);
    log_mender_init(&master->log_mender, master->loop, &master->current);
    resolver_init(&master->resolver, master->loop, master->shared, master->settings->title);
    service_init(&master->service, master->loop, master->shared);
    return 0;
}

static int claim_pid_file(struct master *master)
{
    const char *path = master->next->config->server.pid_file;
    pid_t holder = 0;
    if (!path)
        return 0;
    int err = pid_file_create(&master->pid_file, path, &holder);
    if (err == -EEXIST)
        trouble_report(&master->trouble, 0, "a server (pid %d) is running with pid file \"%s\"",
                       holder, path);
    else if (err)
        trouble_report(&master->trouble, err, "cannot write the pid file \"%s\"", path);
    return err;
}

static int start(struct master *master)
{
    const struct master_settings *settings = master->settings;
    const struct generation_sources sources = {
        .shared = master->shared, .inherited = settings->inherited, .trouble = &master->trouble};
    int err = refuse_second_start(master);
    if (err) {
        config_free(settings->config);
        return err;
    }
    err = generation_create(settings->config, &sources, &master->next);
    if (err)
        return err;
    inherited_close_rest(settings->inherited);
    err = claim_pid_file(master);
    if (!err)
        resolver_follow(&master->resolver, NULL, master->next);
    if (!err && procpool_start(master->pool, &master->next->group, master->next->worker_count)) {
        trouble_report(&master->trouble, 0, "more workers than there is room for");
        err = -ENOSPC;
    }
    if (err)
        generation_destroy(master->next);
    return err;
}

static void tear_down(struct master *master)
{
    pid_file_remove(&master->pid_file);
    service_done(&master->service);
    control_close(&master->control);
    stats_keeper_done(&master->stats);
    log_mender_done(&master->log_mender);
    resolver_done(&master->resolver);
    if (master->loop)
        loop_cancel_timer(master->loop, &master->delay);
    procpool_destroy(master->pool);
    shared_state_destroy(master->shared);
    if (master->signals.fd != -1)
        close(master->signals.fd);
    loop_destroy(master->loop);
}

int master_run(const struct master_settings *settings)
{
    struct master master = {
        .settings = settings,
        .signals.fd = -1,
        .pid_file.fd = -1,
        .trouble = {.is_starting = true,
                    .log_is_terminal = settings->config->server.error_log.target ==
                                       LOG_TARGET_STDERR},
    };
    int err = build(&master);
    if (err) {
        config_free(settings->config);
        tear_down(&master);
        return 1;
    }
    title_set(settings->title, "tinyweb: master process %s", settings->name);
    err = start(&master);
    if (!err && (err = loop_run(master.loop)) != 0) {
        /* Without events nobody can be led to an end: the workers see our channels close. */
        log_error_errno(LOG_PROCESS, err, "cannot wait for events");
        pid_file_remove(&master.pid_file);
        return 1;
    }
    tear_down(&master);
    return err ? 1 : master.exit_status;
}
