/* SPDX-License-Identifier: MIT */
/* master_signals.c - what signals and words mean, and the beginning of the end. */

#include "base/log.h"
#include "process/master_private.h"
#include "process/reload.h"

#include <errno.h>
#include <stdio.h>

static uint64_t longest_patience_ms(const struct master *master,
                                    void (*how)(struct child_group *group))
{
    if (how != master_quit_group || !master->current)
        return 0;
    return master->current->config->server.shutdown_timeout_ms;
}

static void leave(struct master *master, void (*how)(struct child_group *group))
{
    master->is_leaving = true;
    master->reload_again = false;
    control_begin(&master->control, SIG_ACTION_RELOAD);
    control_end_all(&master->control, SIG_ACTION_RELOAD, false);
    if (!master->is_handing_over)
        control_end_all(&master->control, SIG_ACTION_UPGRADE, false);
    if (master->upgrade.state == UPGRADE_SERVING)
        service_handed_over(&master->service, master->upgrade.pid);
    else
        service_stopping(&master->service, longest_patience_ms(master, how));
    loop_cancel_timer(master->loop, &master->delay);
    master_forget_replaced(master);
    upgrade_abandon(&master->upgrade);
    resolver_done(&master->resolver);
    if (procpool_is_empty(master->pool)) { /* the workers rest */
        generation_destroy(master->current);
        master->current = NULL;
        loop_stop(master->loop);
        return;
    }
    procpool_each_group(master->pool, how);
}

void master_reload(struct master *master)
{
    struct generation *next;
    const struct generation_sources sources = {
        .shared = master->shared, .old = master->current, .trouble = &master->trouble};
    if (master->next || master->replaced || !master->current) {
        master->reload_again = true;
        return;
    }
    service_reloading(&master->service);
    control_begin(&master->control, SIG_ACTION_RELOAD);
    int err = reload_prepare(&master->settings->reload, &sources, &next);
    if (!err && procpool_start(master->pool, &next->group, next->worker_count)) {
        trouble_report(&master->trouble, 0,
                       "too many workers of earlier reloads have not finished yet");
        generation_destroy(next);
        err = -ENOSPC;
    }
    if (!err) {
        master->next = next;
        resolver_follow(&master->resolver, master->current, next);
        return;
    }
    log_error(LOG_PROCESS, "reload failed: the old configuration stays in use");
    stats_keeper_count_reload(&master->stats, false);
    control_end_all(&master->control, SIG_ACTION_RELOAD, false);
    service_ready(&master->service, master->current);
    if (master->rest == REST_RESTING)
        master_resume(master);
}

static void reopen_logs_of(struct child_group *group)
{
    struct generation *generation = generation_of(group);
    const struct trouble trouble = {0};
    if (generation_reopen_logs(generation, &trouble))
        return;
    procpool_send(group, CHAN_ERROR_LOG, 0, generation->logs.error_fd);
    procpool_send(group, CHAN_ACCESS_LOG, 0, generation->logs.access_fd);
}

/* Service goes on, so that those who send clients here may see that it will end. */
static bool begin_delay(struct master *master)
{
    uint32_t delay_ms = master->current ? master->current->config->server.shutdown_delay_ms : 0;
    if (delay_ms == 0 || master->is_delaying || master->is_leaving ||
        master->upgrade.state == UPGRADE_SERVING)
        return false;
    if (loop_set_timer(master->loop, &master->delay, loop_now_ms(master->loop) + delay_ms))
        return false;
    master->is_delaying = true;
    counter_set(&master->shared->is_draining, 1);
    service_stopping(&master->service, delay_ms + longest_patience_ms(master, master_quit_group));
    log_notice(LOG_PROCESS, "not ready any more; goes on for %u ms", delay_ms);
    return true;
}

void master_quit(struct master *master)
{
    if (begin_delay(master))
        return;
    if (master->upgrade.state != UPGRADE_SERVING)
        counter_set(&master->shared->is_draining, 1);
    leave(master, master_quit_group);
}

static void on_delay_over(struct timer *timer)
{
    struct master *master = container_of(timer, struct master, delay);
    master_quit(master);
}

static void log_command(const struct sig_event *event, const char *effect)
{
    char sender[32] = "the terminal";
    if (!event->is_from_terminal)
        (void)snprintf(sender, sizeof(sender), "pid %d", event->sender);
    if (event->is_word)
        log_notice(LOG_PROCESS, "%s from %s: %s", event->row->word, sender, effect);
    else
        log_notice(LOG_PROCESS, "SIG%s from %s: %s", event->row->name, sender, effect);
}

/* A terminal that closes ends what runs in its foreground, unless nohup(1) asked otherwise; a
 * hang-up that somebody sends is the command to reload. */
static enum sig_action meaning_of(const struct master *master, const struct sig_event *event)
{
    if (event->row->number == SIGTERM && master->current && !master->is_leaving &&
        !master->is_delaying && master->current->config->server.stop_signal_graceful)
        return SIG_ACTION_QUIT;
    if (event->row->number != SIGHUP || !event->is_from_terminal)
        return event->row->action;
    return master->ignores_hangup || master->settings->daemon ? SIG_ACTION_WINCH : SIG_ACTION_STOP;
}

void master_act_on(struct master *master, const struct sig_event *event)
{
    switch (meaning_of(master, event)) {
    case SIG_ACTION_REAP: procpool_reap(master->pool); return;
    case SIG_ACTION_STOP:
        log_command(event, "ends at once");
        leave(master, master_terminate_group);
        return;
    case SIG_ACTION_QUIT:
        log_command(event, "finishes running requests, then ends");
        master_quit(master);
        return;
    case SIG_ACTION_RELOAD:
        if (master->is_leaving || master->is_delaying)
            return;
        log_command(event, "reads the configuration anew");
        master_reload(master);
        return;
    case SIG_ACTION_REOPEN:
        log_command(event, "opens the logs anew");
        procpool_each_group(master->pool, reopen_logs_of);
        resolver_restart(&master->resolver);
        return;
    case SIG_ACTION_UPGRADE:
        if (master->is_leaving || master->is_delaying)
            return;
        log_command(event, "starts a new program on the same sockets");
        master_upgrade(master);
        return;
    case SIG_ACTION_STATUS:
    case SIG_ACTION_DRAIN:
    case SIG_ACTION_UNDRAIN:
    case SIG_ACTION_MAINT:
    case SIG_ACTION_READY:
    case SIG_ACTION_PURGE: return; /* no signals */
    case SIG_ACTION_WINCH:
        if (event->is_from_terminal || event->row->number != SIGWINCH || master->is_leaving)
            return; /* a window that changes its size says WINCH too */
        log_command(event, "lets the workers leave");
        master_rest(master);
        return;
    }
}

static void on_signal(struct watcher *watcher, uint32_t events)
{
    struct master *master = container_of(watcher, struct master, signals);
    struct sig_event event;
    (void)events;
    while (sig_next(watcher->fd, &event) == 0)
        master_act_on(master, &event);
}

int master_watch_signals(struct master *master)
{
    int fd;
    int err = sig_block(&master->ignores_hangup);
    if (!err)
        err = sig_open(&fd);
    if (err)
        return err;
    timer_init(&master->delay, on_delay_over);
    watcher_init(&master->signals, fd, on_signal);
    return loop_add(master->loop, &master->signals, EPOLLIN);
}
