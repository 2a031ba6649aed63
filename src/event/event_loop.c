/* SPDX-License-Identifier: MIT */
/* event_loop.c - the phases of an iteration are the lines of loop_run_once(). */
#include "event/event_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Fetched at once. More are fetched by the next iteration: timers and tasks get their turn. */
#define EVENTS_MAX 512

struct event_loop {
    int epoll_fd;
    bool is_stopping;
    unsigned first_watchers; /* registered ones that are served first */
    int64_t now_us;
    int64_t now_ms; /* the same */
    int64_t wall_ms;
    time_t wall_seconds; /* the same */
    struct timer_queue timers;
    struct list_node tasks;
    struct epoll_event events[EVENTS_MAX];
};

int64_t loop_clock_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for these clocks */
    return (int64_t)now.tv_sec * 1000000 + (uint32_t)now.tv_nsec / 1000U;
}

static void read_wall_clock(struct event_loop *loop)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
    loop->wall_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    loop->wall_seconds = now.tv_sec;
}

/* The wall clock ticks every few milliseconds: it is asked no more than once in each. */
static inline void read_clocks(struct event_loop *loop)
{
    int64_t before_ms = loop->now_ms;

    loop->now_us = loop_clock_us();
    loop->now_ms = (int64_t)((uint64_t)loop->now_us / 1000);
    if (loop->now_ms != before_ms)
        read_wall_clock(loop);
}

int loop_create(struct event_loop **ret_loop)
{
    struct event_loop *loop = calloc(1, sizeof(*loop));

    if (!loop)
        return -ENOMEM;
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd == -1) {
        int err = -errno;

        free(loop);
        return err;
    }
    list_init(&loop->tasks);
    timerq_init(&loop->timers);
    read_clocks(loop);
    read_wall_clock(loop);
    *ret_loop = loop;
    return 0;
}

void loop_destroy(struct event_loop *loop)
{
    if (!loop)
        return;
    close(loop->epoll_fd);
    timerq_done(&loop->timers);
    free(loop);
}

int loop_add(struct event_loop *loop, struct watcher *watcher, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watcher};

    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, watcher->fd, &event) == -1)
        return -errno;
    watcher->is_active = true;
    loop->first_watchers += watcher->is_first;
    return 0;
}

int loop_modify(struct event_loop *loop, struct watcher *watcher, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watcher};

    return epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, watcher->fd, &event) == -1 ? -errno : 0;
}

void loop_forget(struct event_loop *loop, struct watcher *watcher)
{
    if (!watcher->is_active)
        return;
    watcher->is_active = false;
    loop->first_watchers -= watcher->is_first;
}

void loop_remove(struct event_loop *loop, struct watcher *watcher)
{
    if (!watcher->is_active)
        return;
    /* Fails only for a descriptor that is closed already, which is what was wanted. */
    (void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watcher->fd, NULL);
    loop_forget(loop, watcher);
}

int loop_set_timer(struct event_loop *loop, struct timer *timer, int64_t due_ms)
{
    return timerq_set(&loop->timers, timer, due_ms);
}

void loop_cancel_timer(struct event_loop *loop, struct timer *timer)
{
    timerq_cancel(&loop->timers, timer);
}

int loop_reserve_timers(struct event_loop *loop, uint32_t count)
{
    return timerq_reserve(&loop->timers, count);
}

void loop_post(struct event_loop *loop, struct task *task)
{
    if (!task_is_posted(task))
        list_append(&loop->tasks, &task->node);
}

void loop_unpost(struct task *task)
{
    list_remove(&task->node);
}

/* A watcher that was removed meanwhile is still there, but not active. */
static void serve_one(const struct epoll_event *event)
{
    struct watcher *watcher = event->data.ptr;

    if (watcher->is_active)
        watcher->on_events(watcher, event->events);
}

static void serve_kind(const struct event_loop *loop, int count, bool first)
{
    for (int i = 0; i < count; i++) {
        const struct watcher *watcher = loop->events[i].data.ptr;

        if (watcher->is_first == first)
            serve_one(&loop->events[i]);
    }
}

static void serve(const struct event_loop *loop, int count)
{
    if (count == 1) { /* no order to keep */
        serve_one(&loop->events[0]);
        return;
    }
    if (loop->first_watchers > 0)
        serve_kind(loop, count, true);
    serve_kind(loop, count, false);
}

static NOINLINE void run_tasks(struct event_loop *loop)
{
    struct list_node batch; /* what is posted from now on waits for the next iteration */

    list_init(&batch);
    list_splice(&batch, &loop->tasks);
    while (!list_is_empty(&batch)) {
        struct task *task = container_of(batch.next, struct task, node);

        list_remove(&task->node);
        task->run(task);
    }
}

int loop_run_once(struct event_loop *loop, int max_wait_ms)
{
    int wait = list_is_empty(&loop->tasks) ? timerq_wait_ms(&loop->timers, loop->now_ms) : 0;
    int count;

    if (max_wait_ms >= 0 && (wait < 0 || wait > max_wait_ms))
        wait = max_wait_ms;
    count = epoll_wait(loop->epoll_fd, loop->events, EVENTS_MAX, wait);
    if (count == -1) {
        if (errno != EINTR)
            return -errno;
        count = 0;
    }
    read_clocks(loop);
    serve(loop, count);
    timerq_expire(&loop->timers, loop->now_ms);
    if (!list_is_empty(&loop->tasks))
        run_tasks(loop);
    return 0;
}

int loop_run(struct event_loop *loop)
{
    loop->is_stopping = false;
    while (!loop->is_stopping) {
        int err = loop_run_once(loop, -1);

        if (err)
            return err;
    }
    return 0;
}

void loop_stop(struct event_loop *loop)
{
    loop->is_stopping = true;
}

int64_t loop_now_ms(const struct event_loop *loop)
{
    return loop->now_ms;
}

int64_t loop_now_us(const struct event_loop *loop)
{
    return loop->now_us;
}

time_t loop_wall_seconds(const struct event_loop *loop)
{
    return loop->wall_seconds;
}

int64_t loop_wall_ms(const struct event_loop *loop)
{
    return loop->wall_ms;
}
