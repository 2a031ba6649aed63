/* SPDX-License-Identifier: MIT */
/*
 * timer_queue.h - binary min-heap of timers that live inside their owners.
 *
 * Times are milliseconds of the loop's monotonic clock. The queue owns only its array; a timer
 * must be cancelled before its owner goes. No system calls.
 */
#ifndef TINYWEB_EVENT_TIMER_QUEUE_H
#define TINYWEB_EVENT_TIMER_QUEUE_H

#include "base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer;
typedef void (*timer_fn)(struct timer *timer);

struct timer {
    int64_t due_ms;
    timer_fn fire;
    uint32_t position; /* private: index in the heap + 1; 0 when not armed */
};

struct timer_queue {
    struct timer **heap;
    uint32_t count, capacity;
    int64_t earliest_ms; /* while timers fire: none may be armed for a time before this */
};

static inline void timer_init(struct timer *timer, timer_fn fire)
{
    *timer = (struct timer){.fire = fire};
}

static inline bool timer_is_armed(const struct timer *timer)
{
    return timer->position != 0;
}

void timerq_init(struct timer_queue *queue);
void timerq_done(struct timer_queue *queue);

/* Make room for @count timers, after which arming that many cannot fail. 0 or -ENOMEM. */
MUST_CHECK int timerq_reserve(struct timer_queue *queue, uint32_t count);
/* Arm, or move when armed already. 0 or -ENOMEM (only when the heap has to grow). */
int timerq_set(struct timer_queue *queue, struct timer *timer, int64_t due_ms);
void timerq_cancel(struct timer_queue *queue, struct timer *timer);

/* Milliseconds from @now_ms to the first timer, at least 0; -1 when there is none. Saturates. */
int timerq_wait_ms(const struct timer_queue *queue, int64_t now_ms);
/* Fire all that are due at @now_ms, each once and disarmed first. What a callback arms is due in the
 * next millisecond at the earliest, so this ends, and nobody is pushed aside by those who are
 * always in a hurry. */
void timerq_expire(struct timer_queue *queue, int64_t now_ms);

#endif
