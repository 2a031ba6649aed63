/* SPDX-License-Identifier: MIT */
/*
 * group_queue.c - requests that wait for a place, first come, first served.
 *
 * Places are of all workers together, and another worker cannot be heard: so while somebody waits, the
 * queue looks again every few milliseconds, and at once when this worker gives a place back.
 */
#include "upstream/group_private.h"

#include <errno.h>

#define LOOK_MS 10

static struct group_waiter *first_of(const struct upstream_group *group)
{
    return container_of(group->waiting.next, struct group_waiter, node);
}

static void take_out(struct upstream_group *group, struct group_waiter *waiter)
{
    list_remove(&waiter->node);
    group->waiting_count--;
    if (group->waiting_count == 0)
        loop_cancel_timer(group->loop, &group->queue_timer);
}

static void look_again(struct upstream_group *group, int64_t after_ms)
{
    /* Without memory for a timer they wait for a place of ours. */
    if (group->waiting_count > 0)
        (void)loop_set_timer(group->loop, &group->queue_timer, loop_now_ms(group->loop) + after_ms);
}

static void on_timer(struct timer *timer)
{
    struct upstream_group *group = container_of(timer, struct upstream_group, queue_timer);
    int64_t now_ms = loop_now_ms(group->loop);
    unsigned count = group->waiting_count; /* those who come meanwhile have a turn of their own */
    while (count-- > 0 && group->waiting_count > 0) {
        struct group_waiter *waiter = first_of(group);
        struct upstream_server *server = group_pick_now(group, waiter->sticky_id, waiter->key,
                                                        waiter->tried);
        if (!server && waiter->deadline_ms > now_ms)
            break;
        take_out(group, waiter);
        waiter->served(waiter, server);
    }
    look_again(group, LOOK_MS);
}

void groupqueue_init(struct upstream_group *group)
{
    list_init(&group->waiting);
    timer_init(&group->queue_timer, on_timer);
}

void groupqueue_done(struct upstream_group *group)
{
    loop_cancel_timer(group->loop, &group->queue_timer);
}

void groupqueue_wake(struct upstream_group *group)
{
    look_again(group, 0);
}

int group_wait(struct upstream_group *group, struct group_waiter *waiter)
{
    if (group->waiting_count >= group->config->queue)
        return -EAGAIN;
    waiter->deadline_ms = loop_now_ms(group->loop) + group->config->queue_timeout_ms;
    list_append(&group->waiting, &waiter->node);
    group->waiting_count++;
    if (!timer_is_armed(&group->queue_timer))
        look_again(group, LOOK_MS);
    return 0;
}

void group_leave(struct upstream_group *group, struct group_waiter *waiter)
{
    take_out(group, waiter);
}
