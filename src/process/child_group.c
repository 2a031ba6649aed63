/* SPDX-License-Identifier: MIT */
/* child_group.c - starts a group of children, tells them things, and leads them to their end. */

#include "base/log.h"
#include "process/process_pool_private.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

void group_fail(struct child_group *group)
{
    if (group->state != GROUP_STARTING)
        return;
    group->state = GROUP_FAILED;
    loop_cancel_timer(group->pool->loop, &group->deadline);
    loop_post(group->pool->loop, &group->pool->settle);
}

void group_release(struct child_group *group)
{
    struct process_pool *pool = group->pool;
    for (unsigned i = 0; i < group->count; i++)
        pool->children[group->first_slot + i].group = NULL;
    group->state = GROUP_GONE;
    loop_cancel_timer(pool->loop, &group->deadline);
    list_remove(&group->node);
    pool->ops->on_gone(pool->context, group);
}

static bool find_free_slots(const struct process_pool *pool, unsigned count, unsigned *ret_first)
{
    unsigned run = 0;
    for (unsigned i = 0; i < pool->slots; i++) {
        run = pool->children[i].group ? 0 : run + 1;
        if (run == count) {
            *ret_first = i + 1 - count;
            return true;
        }
    }
    return false;
}

static void kill_group(struct child_group *group)
{
    struct event_loop *loop = group->pool->loop;
    group->state = GROUP_KILLED;
    (void)loop_set_timer(loop, &group->deadline, /* room is reserved */
                         loop_now_ms(loop) + CHILD_KILL_TIMEOUT_MS);
    for (unsigned i = 0; i < group->count; i++) {
        pid_t pid = group->pool->children[group->first_slot + i].pid;
        if (pid > 0) /* not reaped, so the number is still that child's */
            (void)kill(pid, SIGKILL);
    }
}

static void abandon_group(struct child_group *group)
{
    for (unsigned i = 0; i < group->count; i++) {
        struct child *child = &group->pool->children[group->first_slot + i];
        if (child->pid > 0)
            child_abandon(child);
    }
}

static void on_deadline(struct timer *timer)
{
    struct child_group *group = container_of(timer, struct child_group, deadline);
    switch (group->state) {
    case GROUP_STARTING:
        log_error(LOG_PROCESS, "%u of %u workers did not start in time",
                  group->count - group->ready_count, group->count);
        group_fail(group);
        break;
    case GROUP_QUITTING:
        log_warn(LOG_PROCESS, "%u workers have not finished in time", group->alive_count);
        procpool_terminate(group);
        break;
    case GROUP_TERMINATING: kill_group(group); break;
    case GROUP_KILLED: abandon_group(group); break;
    case GROUP_RUNNING:
    case GROUP_FAILED:
    case GROUP_GONE: break;
    }
}

int procpool_start(struct process_pool *pool, struct child_group *group, unsigned count)
{
    unsigned first;
    assert(count > 0);
    if (!find_free_slots(pool, count, &first))
        return -ENOSPC;

    *group = (struct child_group){.state = GROUP_STARTING,
                                  .number = ++pool->last_number,
                                  .first_slot = first,
                                  .count = count,
                                  .pool = pool};
    timer_init(&group->deadline, on_deadline);
    list_append(&pool->groups, &group->node);
    for (unsigned i = 0; i < count; i++) {
        struct child *child = &pool->children[first + i];
        child->group = group;
        child->short_lives = 0;
    }
    (void)loop_set_timer(pool->loop, &group->deadline, /* room is reserved */
                         loop_now_ms(pool->loop) + CHILD_START_TIMEOUT_MS);
    for (unsigned i = 0; i < count; i++) {
        int err = child_spawn(&pool->children[first + i]);
        if (err) {
            log_error_errno(LOG_PROCESS, err, "worker %u: cannot fork", first + i);
            group_fail(group);
            break;
        }
    }
    return 0;
}

/* One that cannot be told over its channel gets @fallback, if that is a signal. */
static void tell(struct child *child, const struct chan_message *message, int passed_fd,
                 int fallback)
{
    if (child->pid <= 0)
        return;
    int err = child->channel.fd == -1 ? -EPIPE : chan_send(child->channel.fd, message, passed_fd);
    if (err && fallback != 0)
        (void)kill(child->pid, fallback);
    else if (err)
        log_warn_errno(LOG_PROCESS, err, "worker %u (pid %d): cannot send %s", child->slot,
                       child->pid, chan_type_name(message->type));
}

static void tell_group(struct child_group *group, enum chan_type type, uint32_t value,
                       int passed_fd, int fallback)
{
    for (unsigned i = 0; i < group->count; i++) {
        struct child *child = &group->pool->children[group->first_slot + i];
        struct chan_message message = {
            .type = type, .slot = child->slot, .pid = getpid(), .value = value};
        tell(child, &message, passed_fd, fallback);
        if (fallback != 0 && child->state == CHILD_AWAITED)
            child->state = CHILD_NONE; /* it is told to leave, and it has left already */
    }
}

void procpool_send(struct child_group *group, enum chan_type type, uint32_t value, int passed_fd)
{
    tell_group(group, type, value, passed_fd, 0);
}

static unsigned count_open(const struct child_group *group)
{
    unsigned count = 0;
    for (unsigned i = 0; i < group->count; i++) {
        const struct child *child = &group->pool->children[group->first_slot + i];
        count += child->pid > 0 && !child->is_closed;
    }
    return count;
}

static void leave(struct child_group *group, enum group_state state, uint32_t patience_ms)
{
    struct event_loop *loop = group->pool->loop;
    if (!group_is_told(group))
        group->open_count = count_open(group);
    group->state = state;
    loop_cancel_timer(loop, &group->deadline);
    if (patience_ms > 0) /* room is reserved */
        (void)loop_set_timer(loop, &group->deadline, loop_now_ms(loop) + patience_ms);
    loop_post(loop, &group->pool->settle); /* nobody may be left to wait for */
}

void procpool_quit(struct child_group *group, uint32_t value, uint32_t patience_ms)
{
    if (group->state >= GROUP_QUITTING)
        return;
    leave(group, GROUP_QUITTING, patience_ms);
    tell_group(group, CHAN_QUIT, value, -1, SIGQUIT);
}

void procpool_terminate(struct child_group *group)
{
    if (group->state >= GROUP_TERMINATING)
        return;
    leave(group, GROUP_TERMINATING, CHILD_TERM_TIMEOUT_MS);
    tell_group(group, CHAN_TERM, 0, -1, SIGTERM);
}

void procpool_each_group(struct process_pool *pool, void (*each)(struct child_group *group))
{
    struct list_node *next;
    for (struct list_node *node = pool->groups.next; node != &pool->groups; node = next) {
        next = node->next;
        each(container_of(node, struct child_group, node));
    }
}

bool procpool_is_empty(const struct process_pool *pool)
{
    return list_is_empty(&pool->groups);
}

unsigned procpool_count_open(const struct process_pool *pool)
{
    unsigned count = 0;
    for (struct list_node *node = pool->groups.next; node != &pool->groups; node = node->next) {
        const struct child_group *group = container_of(node, struct child_group, node);
        if (group_is_told(group))
            count += group->open_count;
    }
    return count;
}
