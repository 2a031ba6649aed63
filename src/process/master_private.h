/* SPDX-License-Identifier: MIT */
/* master_private.h - what the files of the master share. */
#ifndef TINYWEB_PROCESS_MASTER_PRIVATE_H
#define TINYWEB_PROCESS_MASTER_PRIVATE_H

#include "event/event_loop.h"
#include "os/signal_manager.h"
#include "process/control.h"
#include "process/generation.h"
#include "process/log_mender.h"
#include "process/master.h"
#include "process/pid_file.h"
#include "process/process_pool.h"
#include "process/resolver.h"
#include "process/service.h"
#include "process/shared_state.h"
#include "process/stats_keeper.h"
#include "process/trouble.h"
#include "process/upgrade.h"

/* WINCH: the workers leave, and the master keeps the sockets. */
enum rest {
    REST_NONE,
    REST_RESTING, /* until HUP, or until the new program is gone */
    REST_RESUMING /* workers start again as soon as the last old one has left */
};

struct master {
    const struct master_settings *settings;
    struct event_loop *loop;
    struct watcher signals;
    struct shared_state *shared;
    struct process_pool *pool;
    struct generation *current;  /* serves; NULL before the first is ready */
    struct generation *next;     /* starts; NULL: none */
    struct generation *replaced; /* may still accept, so the reload is not over; NULL: none */
    struct timer replacing;      /* until it is over all the same */
    struct pid_file pid_file;
    struct trouble trouble;
    struct upgrade upgrade;
    struct service service;
    struct control control;
    struct stats_keeper stats;
    struct log_mender log_mender;
    struct resolver resolver;
    enum rest rest;
    bool quits_when_replaced; /* an upgrade by the command, not by the signal */
    bool is_handing_over;     /* the new program serves, and somebody here may still accept */
    struct timer delay;       /* until the end begins */
    bool is_delaying;
    bool is_drained; /* by `-s drain` */
    bool is_leaving;
    bool ignores_hangup; /* started by nohup(1) */
    bool reload_again;   /* a HUP came while a generation was starting */
    int exit_status;
};

static inline struct generation *generation_of(struct child_group *group)
{
    return container_of(group, struct generation, group);
}

/* Before the loop runs. */
void master_init_upgrade(struct master *master);
/* Start the new program; whatever prevents it is said. */
void master_upgrade(struct master *master);
/* A group that leaves, at once or when its requests are finished; its listeners are closed here. */
void master_terminate_group(struct child_group *group);
void master_quit_group(struct child_group *group);

/* Before the first fork. 0 or -errno. */
MUST_CHECK int master_watch_signals(struct master *master);
/* A second generation from the configuration as it is now; the outcome is told. */
void master_reload(struct master *master);
/* Whatever becomes of it now, nobody waits for the end of a reload any more. */
void master_forget_replaced(struct master *master);
/* End gracefully, as the new program serves: who asked for that is told when nobody here accepts any more. */
void master_hand_over(struct master *master);
/* End gracefully: what a signal QUIT asks for. */
void master_quit(struct master *master);
void master_act_on(struct master *master, const struct sig_event *event);

/* Before the loop runs. */
void master_init_control(struct master *master);
/* The control socket beside the pid file is ours from now on. */
void master_open_control(struct master *master);

/* Let the workers leave, and have them back. */
void master_rest(struct master *master);
void master_resume(struct master *master);

#endif
