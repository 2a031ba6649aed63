/* SPDX-License-Identifier: MIT */
/*
 * event_loop.h - one epoll(7) instance, timers, and calls for after this turn.
 *
 * One iteration:
 *   1 epoll_wait           until the next timer, or not at all when tasks wait
 *   2 first watchers       listeners: accept before any other work
 *   3 other watchers       connections, channel, signals
 *   4 timers
 *   5 tasks                posted calls: the rest of long jobs, recycling of slots
 *
 * A watcher removed in an iteration gets no event of that iteration any more, even one already
 * fetched; so its memory must stay, and not be used for another descriptor, until phase 5 (post a
 * task to free it). The clock is read once an iteration. A loop belongs to the process and thread that made it: never use it across fork().
 */
#ifndef TINYWEB_EVENT_EVENT_LOOP_H
#define TINYWEB_EVENT_EVENT_LOOP_H

#include "base/list.h"
#include "base/macros.h"
#include "event/timer_queue.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <time.h>

struct event_loop;
struct watcher;
struct task;

typedef void (*watcher_fn)(struct watcher *watcher, uint32_t events);
typedef void (*task_fn)(struct task *task);

/* Waits for one descriptor; embedded in its owner, which owns the descriptor too. */
struct watcher {
    int fd;         /* -1: no descriptor */
    bool is_first;  /* served in phase 2 */
    bool is_active; /* private: registered */
    watcher_fn on_events;
};

/* A call after this turn; embedded in its owner. */
struct task {
    struct list_node node; /* private */
    task_fn run;
};

static inline void watcher_init(struct watcher *watcher, int fd, watcher_fn on_events)
{
    *watcher = (struct watcher){.fd = fd, .on_events = on_events};
}

static inline void task_init(struct task *task, task_fn run)
{
    list_init(&task->node);
    task->run = run;
}

static inline bool task_is_posted(const struct task *task)
{
    return list_is_linked(&task->node);
}

/* -errno; *@ret_loop is owned by the caller. */
MUST_CHECK int loop_create(struct event_loop **ret_loop);
void loop_destroy(struct event_loop *loop); /* NULL is fine; does not touch watchers' descriptors */

/* @events: EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLET, EPOLLEXCLUSIVE … 0 or -errno. */
MUST_CHECK int loop_add(struct event_loop *loop, struct watcher *watcher, uint32_t events);
MUST_CHECK int loop_modify(struct event_loop *loop, struct watcher *watcher, uint32_t events);
/* Stop watching; no more events from this very moment. Harmless when not registered. */
void loop_remove(struct event_loop *loop, struct watcher *watcher);
/* The same when the descriptor is about to be closed, which takes it out of the epoll instance by
 * itself: saves a system call. Only for descriptors that nobody else holds open. */
void loop_forget(struct event_loop *loop, struct watcher *watcher);

/* 0 or -ENOMEM. See timer_queue.h. */
int loop_set_timer(struct event_loop *loop, struct timer *timer, int64_t due_ms);
void loop_cancel_timer(struct event_loop *loop, struct timer *timer);
MUST_CHECK int loop_reserve_timers(struct event_loop *loop, uint32_t count);

/* Run once in phase 5: of this iteration, or of the next when posted from a task. A second post
 * before it runs does nothing. */
void loop_post(struct event_loop *loop, struct task *task);
void loop_unpost(struct task *task);

/* Until loop_stop; 0 or -errno of epoll_wait. */
MUST_CHECK int loop_run(struct event_loop *loop);
/* One iteration, waiting at most @max_wait_ms (-1: no limit). 0 or -errno. */
MUST_CHECK int loop_run_once(struct event_loop *loop, int max_wait_ms);
void loop_stop(struct event_loop *loop); /* the running iteration is finished */

/* The time of this iteration: monotonic, and the wall clock in whole seconds. */
int64_t loop_now_ms(const struct event_loop *loop);
int64_t loop_now_us(const struct event_loop *loop);
/* The monotonic time of this very moment: a call of the clock. */
int64_t loop_clock_us(void);
time_t loop_wall_seconds(const struct event_loop *loop);
/* The same wall clock with its milliseconds, for logs. */
int64_t loop_wall_ms(const struct event_loop *loop);

#endif
