/* SPDX-License-Identifier: MIT */
/* timer_queue.c - binary min-heap; each timer knows its position, so moving one is O(log n). */
#include "event/timer_queue.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#define INITIAL_CAPACITY 64

static void place(struct timer_queue *queue, uint32_t index, struct timer *timer)
{
    queue->heap[index] = timer;
    timer->position = index + 1;
}

static void sift_up(struct timer_queue *queue, uint32_t index, struct timer *timer)
{
    while (index > 0) {
        uint32_t parent = (index - 1) / 2;

        if (queue->heap[parent]->due_ms <= timer->due_ms)
            break;
        place(queue, index, queue->heap[parent]);
        index = parent;
    }
    place(queue, index, timer);
}

static void sift_down(struct timer_queue *queue, uint32_t index, struct timer *timer)
{
    for (;;) {
        uint32_t child = 2 * index + 1;

        if (child >= queue->count)
            break;
        if (child + 1 < queue->count && queue->heap[child + 1]->due_ms < queue->heap[child]->due_ms)
            child++;
        if (timer->due_ms <= queue->heap[child]->due_ms)
            break;
        place(queue, index, queue->heap[child]);
        index = child;
    }
    place(queue, index, timer);
}

void timerq_init(struct timer_queue *queue)
{
    *queue = (struct timer_queue){.earliest_ms = INT64_MIN};
}

void timerq_done(struct timer_queue *queue)
{
    free(queue->heap);
    timerq_init(queue);
}

int timerq_reserve(struct timer_queue *queue, uint32_t count)
{
    struct timer **heap;

    if (count <= queue->capacity)
        return 0;
    heap = realloc(queue->heap, count * sizeof(*heap));
    if (!heap)
        return -ENOMEM;
    queue->heap = heap;
    queue->capacity = count;
    return 0;
}

int timerq_set(struct timer_queue *queue, struct timer *timer, int64_t due_ms)
{
    due_ms = MAX(due_ms, queue->earliest_ms);
    if (timer_is_armed(timer)) {
        uint32_t index = timer->position - 1;
        int64_t before = timer->due_ms;

        timer->due_ms = due_ms;
        if (due_ms < before)
            sift_up(queue, index, timer);
        else
            sift_down(queue, index, timer);
        return 0;
    }
    if (queue->count == queue->capacity) {
        uint32_t wanted = queue->capacity ? queue->capacity * 2 : INITIAL_CAPACITY;
        int err = timerq_reserve(queue, wanted);

        if (err)
            return err;
    }
    timer->due_ms = due_ms;
    sift_up(queue, queue->count++, timer);
    return 0;
}

void timerq_cancel(struct timer_queue *queue, struct timer *timer)
{
    struct timer *last;
    uint32_t index;

    if (!timer_is_armed(timer))
        return;
    index = timer->position - 1;
    assert(index < queue->count && queue->heap[index] == timer);
    timer->position = 0;
    last = queue->heap[--queue->count];
    if (last == timer)
        return;
    if (index > 0 && last->due_ms < queue->heap[(index - 1) / 2]->due_ms)
        sift_up(queue, index, last);
    else
        sift_down(queue, index, last);
}

int timerq_wait_ms(const struct timer_queue *queue, int64_t now_ms)
{
    int64_t due_ms;
    uint64_t wait;

    if (queue->count == 0)
        return -1;
    due_ms = queue->heap[0]->due_ms;
    if (due_ms <= now_ms)
        return 0;
    wait = (uint64_t)due_ms - (uint64_t)now_ms;
    return wait > INT_MAX ? INT_MAX : (int)wait;
}

void timerq_expire(struct timer_queue *queue, int64_t now_ms)
{
    queue->earliest_ms = now_ms + 1;
    while (queue->count > 0 && queue->heap[0]->due_ms <= now_ms) {
        struct timer *timer = queue->heap[0];

        timerq_cancel(queue, timer);
        timer->fire(timer);
    }
    queue->earliest_ms = INT64_MIN;
}
