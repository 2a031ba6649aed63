/* SPDX-License-Identifier: MIT */
/* stats_keeper.c - adds up and keeps the difference. */
#include "process/stats_keeper.h"

#include "process/process_pool.h"

#define SAMPLE_EVERY_MS 1000

static void sum_now(const struct stats_keeper *keeper, struct stats_totals *ret_totals)
{
    stats_sum(ret_totals, keeper->shared->counters, stats_slots(&keeper->shared->stats));
}

/* Without memory for the timer there are no more samples, which harms nobody. */
static void arm(struct stats_keeper *keeper)
{
    (void)loop_set_timer(keeper->loop, &keeper->timer, loop_now_ms(keeper->loop) + SAMPLE_EVERY_MS);
}

static void on_timer(struct timer *timer)
{
    struct stats_keeper *keeper = container_of(timer, struct stats_keeper, timer);
    struct stats_totals now;

    sum_now(keeper, &now);
    stats_take_sample(&keeper->shared->stats, &keeper->last, &now, loop_wall_seconds(keeper->loop));
    keeper->last = now;
    arm(keeper);
}

void stats_keeper_init(struct stats_keeper *keeper, struct event_loop *loop,
                       struct shared_state *shared)
{
    *keeper = (struct stats_keeper){.loop = loop, .shared = shared};
    timer_init(&keeper->timer, on_timer);
    counter_set(&shared->stats.started_s, (uint64_t)loop_wall_seconds(loop));
}

void stats_keeper_done(struct stats_keeper *keeper)
{
    if (keeper->loop)
        loop_cancel_timer(keeper->loop, &keeper->timer);
}

void stats_keeper_add_worker(struct stats_keeper *keeper, const struct child_group *group,
                             unsigned slot)
{
    struct server_stats *stats = &keeper->shared->stats;

    counter_set(&stats->slots_used, MAX(stats_slots(stats), (size_t)slot + 1));
    if (group->state == GROUP_RUNNING)
        counter_add(&stats->respawns, 1);
}

void stats_keeper_count_reload(struct stats_keeper *keeper, bool has_succeeded)
{
    struct server_stats *stats = &keeper->shared->stats;

    counter_add(has_succeeded ? &stats->reloads : &stats->reloads_failed, 1);
}

void stats_keeper_follow(struct stats_keeper *keeper, const struct child_group *group,
                         bool takes_samples)
{
    counter_set(&keeper->shared->stats.generation, group->number);
    if (takes_samples == keeper->is_sampling)
        return;
    keeper->is_sampling = takes_samples;
    if (!takes_samples) {
        loop_cancel_timer(keeper->loop, &keeper->timer);
        return;
    }
    sum_now(keeper, &keeper->last);
    arm(keeper);
}
