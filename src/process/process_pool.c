/* SPDX-License-Identifier: MIT */
/*
 * process_pool.c - forks, reaps and replaces children.
 *
 * Watchers only note what has happened. What follows from it (replacing a child, telling the owner
 * that a group has failed or is gone) is done by one task at the end of the iteration, when no
 * fetched event can refer to a slot any more.
 */

#include "base/log.h"
#include "process/process_pool_private.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that floods its channel gets no more than this of an iteration. */
#define MESSAGES_PER_TURN 16

static bool group_is_leaving(const struct child_group *group)
{
    return group->state >= GROUP_FAILED;
}

static void close_channel(struct child *child)
{
    if (child->channel.fd == -1)
        return;
    loop_remove(child->pool->loop, &child->channel);
    close(child->channel.fd);
    child->channel.fd = -1;
}

static void note_ready(struct child *child)
{
    struct child_group *group = child->group;
    if (child->state != CHILD_STARTING)
        return;
    child->state = CHILD_READY;
    group->ready_count++;
    log_info(LOG_PROCESS, "worker %u (pid %d) is ready", child->slot, child->pid);
    if (group->state != GROUP_STARTING || group->ready_count < group->count)
        return;
    group->state = GROUP_RUNNING;
    loop_cancel_timer(child->pool->loop, &group->deadline);
    child->pool->ops->on_ready(child->pool->context, group);
}

static void note_closed(struct child *child)
{
    struct child_group *group = child->group;
    if (child->is_closed)
        return;
    child->is_closed = true;
    if (group_is_told(group) && --group->open_count == 0 && group->pool->ops->on_closed)
        group->pool->ops->on_closed(group->pool->context, group);
}

static void on_channel(struct watcher *watcher, uint32_t events)
{
    struct child *child = container_of(watcher, struct child, channel);
    (void)events; /* reading tells what it is */

    for (int i = 0; i < MESSAGES_PER_TURN && child->channel.fd != -1; i++) {
        struct chan_message message;
        int passed_fd;
        int err = chan_receive(child->channel.fd, &message, &passed_fd);
        if (err == -EAGAIN)
            return;
        if (err == -EBADMSG)
            continue;
        if (err) { /* it ends, or has closed its end: signals still reach it */
            close_channel(child);
            return;
        }
        if (passed_fd != -1)
            close(passed_fd); /* we ask for none */
        if (message.type == CHAN_READY)
            note_ready(child);
        else if (message.type == CHAN_CLOSED)
            note_closed(child);
    }
}

/* In the parent: 0 or -errno. */
int child_spawn(struct child *child)
{
    struct process_pool *pool = child->pool;
    int ours, theirs;
    int err = chan_create(&ours, &theirs);
    if (err)
        return err;

    watcher_init(&child->channel, ours, on_channel);
    err = loop_add(pool->loop, &child->channel, EPOLLIN);
    pid_t pid = err ? err : pool->ops->spawn(pool->context, child->group, child->slot, theirs);
    close(theirs);
    if (pid < 0) {
        close_channel(child);
        return (int)pid;
    }
    child->pid = pid;
    child->is_closed = false;
    child->state = CHILD_STARTING;
    child->started_ms = loop_now_ms(pool->loop);
    child->group->alive_count++;
    return 0;
}

static void await_replacement(struct child *child, int64_t pause_ms)
{
    child->state = CHILD_AWAITED;
    child->due_ms = loop_now_ms(child->pool->loop) + pause_ms;
    if (pause_ms > 0)
        log_notice(LOG_PROCESS, "worker %u is started again in %lld ms", child->slot,
                   (long long)pause_ms);
    loop_post(child->pool->loop, &child->pool->settle);
}

static int64_t pause_after(struct child *child, bool had_reported, bool could_not_start)
{
    if (could_not_start)
        return CHILD_PAUSE_MAX_MS;
    if (loop_now_ms(child->pool->loop) - child->started_ms >= CHILD_YOUNG_MS) {
        child->short_lives = 0;
        return 0;
    }
    if (had_reported) {
        child->short_lives = 0;
        return child->group->ready_count > 0 ? CHILD_PAUSE_MS : CHILD_PAUSE_ALONE_MS;
    }
    unsigned doublings = MIN(child->short_lives, 10U);
    child->short_lives++;
    return MIN((int64_t)CHILD_PAUSE_MS << doublings, CHILD_PAUSE_MAX_MS);
}

static void log_end(const struct child *child, int status)
{
    bool is_leaving = group_is_leaving(child->group);
    if (WIFSIGNALED(status)) {
        int number = WTERMSIG(status);
        log_at(LOG_PROCESS, is_leaving && number == SIGKILL ? LOG_WARN : LOG_ERROR, 0,
               "worker %u (pid %d) was killed by signal %d (%s)", child->slot, child->pid, number,
               strsignal(number));
        return;
    }
    int code = WEXITSTATUS(status);
    if (code == 0)
        log_at(LOG_PROCESS, is_leaving ? LOG_INFO : LOG_NOTICE, 0, "worker %u (pid %d) has ended",
               child->slot, child->pid);
    else if (code == CHILD_EXIT_STARTUP && child->state == CHILD_STARTING)
        log_error(LOG_PROCESS, "worker %u (pid %d) could not start", child->slot, child->pid);
    else
        log_error(LOG_PROCESS, "worker %u (pid %d) ended with status %d", child->slot, child->pid,
                  code);
}

static void bury(struct child *child, int status)
{
    struct child_group *group = child->group;
    pid_t pid = child->pid;
    bool had_reported = child->state == CHILD_READY;
    bool could_not_start = child->state == CHILD_STARTING && WIFEXITED(status) &&
                           WEXITSTATUS(status) == CHILD_EXIT_STARTUP;

    log_end(child, status);
    close_channel(child);
    if (had_reported)
        group->ready_count--;
    group->alive_count--;
    note_closed(child);
    child->pid = 0;
    child->pool->ops->on_reaped(child->pool->context, group, child->slot, pid);

    if (group->state == GROUP_RUNNING) {
        await_replacement(child, pause_after(child, had_reported, could_not_start));
        return;
    }
    child->state = CHILD_NONE;
    group_fail(group);
    loop_post(child->pool->loop, &child->pool->settle);
}

void child_abandon(struct child *child)
{
    struct child_group *group = child->group;
    pid_t pid = child->pid;

    log_warn(LOG_PROCESS,
             "worker %u (pid %d) cannot be killed, as a disk does not answer: going on "
             "without it",
             child->slot, pid);
    close_channel(child);
    if (child->state == CHILD_READY)
        group->ready_count--;
    group->alive_count--;
    note_closed(child);
    child->pid = 0;
    child->state = CHILD_NONE;
    child->pool->ops->on_reaped(child->pool->context, group, child->slot, pid);
    loop_post(child->pool->loop, &child->pool->settle);
}

static struct child *find_child(struct process_pool *pool, pid_t pid)
{
    for (unsigned i = 0; i < pool->slots; i++) {
        if (pool->children[i].pid == pid)
            return &pool->children[i];
    }
    return NULL;
}

pid_t procpool_pid(const struct child_group *group, unsigned index)
{
    assert(index < group->count);
    return group->pool->children[group->first_slot + index].pid;
}

void procpool_reap(struct process_pool *pool)
{
    int status;
    pid_t pid;
    /* Signals that came together are one: go on until nobody is left. */
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct child *child = find_child(pool, pid);
        if (child)
            bury(child, status);
        else if (pool->ops->on_other_reaped)
            pool->ops->on_other_reaped(pool->context, pid, status);
    }
}

static void respawn_due(struct process_pool *pool)
{
    int64_t next_ms = INT64_MAX;
    for (unsigned i = 0; i < pool->slots; i++) {
        struct child *child = &pool->children[i];
        if (child->state != CHILD_AWAITED)
            continue;
        if (child->due_ms <= loop_now_ms(pool->loop)) {
            int err = child_spawn(child);
            if (!err)
                continue;
            log_error_errno(LOG_PROCESS, err, "worker %u: cannot fork", child->slot);
            child->due_ms = loop_now_ms(pool->loop) + CHILD_YOUNG_MS;
        }
        next_ms = MIN(next_ms, child->due_ms);
    }
    if (next_ms < INT64_MAX)
        (void)loop_set_timer(pool->loop, &pool->respawn, next_ms); /* room is reserved */
}

static void settle(struct task *task)
{
    struct process_pool *pool = container_of(task, struct process_pool, settle);
    struct list_node *next;
    for (struct list_node *node = pool->groups.next; node != &pool->groups; node = next) {
        struct child_group *group = container_of(node, struct child_group, node);
        next = node->next;
        if (group->state == GROUP_FAILED)
            pool->ops->on_failed(pool->context, group);
        if (group->state > GROUP_FAILED && group->alive_count == 0)
            group_release(group);
    }
    respawn_due(pool);
}

static void on_respawn_timer(struct timer *timer)
{
    respawn_due(container_of(timer, struct process_pool, respawn));
}

int procpool_create(struct event_loop *loop, const struct procpool_ops *ops, void *context,
                    unsigned slots, struct process_pool **ret_pool)
{
    struct process_pool *pool = calloc(1, sizeof(*pool) + slots * sizeof(pool->children[0]));
    if (!pool)
        return -ENOMEM;
    /* A group has at least one slot and one timer. */
    int err = loop_reserve_timers(loop, slots + 1);
    if (err) {
        free(pool);
        return err;
    }
    pool->loop = loop;
    pool->ops = ops;
    pool->context = context;
    pool->slots = slots;
    list_init(&pool->groups);
    task_init(&pool->settle, settle);
    timer_init(&pool->respawn, on_respawn_timer);
    for (unsigned i = 0; i < slots; i++)
        pool->children[i] = (struct child){.slot = i, .pool = pool, .channel.fd = -1};
    *ret_pool = pool;
    return 0;
}

void procpool_destroy(struct process_pool *pool)
{
    if (!pool)
        return;
    assert(list_is_empty(&pool->groups));
    loop_unpost(&pool->settle);
    loop_cancel_timer(pool->loop, &pool->respawn);
    free(pool);
}
