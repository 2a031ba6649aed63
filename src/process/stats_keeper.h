/* SPDX-License-Identifier: MIT */
/*
 * stats_keeper.h - the master's own numbers in shared memory, and a sample of all each second.
 *
 * Sampling costs a wake-up a second, so it runs only while the configuration in use has `status`
 * on.
 */
#ifndef TINYWEB_PROCESS_STATS_KEEPER_H
#define TINYWEB_PROCESS_STATS_KEEPER_H

#include "base/stats.h"
#include "event/event_loop.h"
#include "process/shared_state.h"

struct child_group;

struct stats_keeper {
    struct event_loop *loop;
    struct shared_state *shared;
    struct timer timer;
    bool is_sampling;
    struct stats_totals last;
};

/* Borrows both. */
void stats_keeper_init(struct stats_keeper *keeper, struct event_loop *loop,
                       struct shared_state *shared);
void stats_keeper_done(struct stats_keeper *keeper); /* harmless when it was never begun */

/* Before a worker starts in @slot. */
void stats_keeper_add_worker(struct stats_keeper *keeper, const struct child_group *group,
                             unsigned slot);
void stats_keeper_count_reload(struct stats_keeper *keeper, bool has_succeeded);
/* It serves, and is the one in use now. */
void stats_keeper_follow(struct stats_keeper *keeper, const struct child_group *group,
                         bool takes_samples);

#endif
