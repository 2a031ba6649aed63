/* SPDX-License-Identifier: MIT */
/* test_timer_queue.c - the heap of timers, against a model that looks at all of them. */
#include "support/unit.h"

#include "event/timer_queue.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

/* By the linker: --wrap=realloc. */
void *__wrap_realloc(void *block, size_t size);
void *__real_realloc(void *block, size_t size);

static bool realloc_fails;

void *__wrap_realloc(void *block, size_t size)
{
    return realloc_fails ? NULL : __real_realloc(block, size);
}

#define TIMERS 200

struct item {
    struct timer timer;
    unsigned fired;
    struct item *to_cancel;
    int64_t rearm_for; /* 0: not */
};

static struct timer_queue queue;
static struct item items[TIMERS];
static int64_t last_due;

static void on_fire(struct timer *timer)
{
    struct item *item = container_of(timer, struct item, timer);

    assert_false(timer_is_armed(timer));
    assert_true(timer->due_ms >= last_due);
    last_due = timer->due_ms;
    item->fired++;
    if (item->to_cancel)
        timerq_cancel(&queue, &item->to_cancel->timer);
    if (item->rearm_for != 0)
        assert_int_equal(timerq_set(&queue, timer, item->rearm_for), 0);
}

static int set_up(void **state)
{
    realloc_fails = false;
    timerq_init(&queue);
    for (size_t i = 0; i < TIMERS; i++) {
        items[i] = (struct item){.fired = 0};
        timer_init(&items[i].timer, on_fire);
    }
    return 0;
}

static int tear_down(void **state)
{
    timerq_done(&queue);
    return 0;
}

static void expire(int64_t now_ms)
{
    last_due = INT64_MIN;
    timerq_expire(&queue, now_ms);
}

static void set(size_t i, int64_t due_ms)
{
    assert_int_equal(timerq_set(&queue, &items[i].timer, due_ms), 0);
}

static void timers_fire_in_the_order_of_their_times(void **state)
{
    set(0, 30);
    set(1, 10);
    set(2, 20);
    expire(9);
    assert_int_equal(items[0].fired + items[1].fired + items[2].fired, 0);
    expire(20);
    assert_int_equal(items[0].fired, 0);
    assert_int_equal(items[1].fired, 1);
    assert_int_equal(items[2].fired, 1);
    assert_true(timer_is_armed(&items[0].timer));
    expire(1000);
    assert_int_equal(items[0].fired, 1);
    assert_int_equal(timerq_wait_ms(&queue, 1000), -1);
}

static void a_timer_moves_in_both_directions(void **state)
{
    for (size_t i = 0; i < 50; i++)
        set(i, 100 + (int64_t)i);
    set(49, 5);
    set(0, 500);
    set(10, 110); /* where it was */
    assert_int_equal(timerq_wait_ms(&queue, 0), 5);
    expire(5);
    assert_int_equal(items[49].fired, 1);
    expire(499);
    for (size_t i = 1; i < 49; i++)
        assert_int_equal(items[i].fired, 1);
    assert_int_equal(items[0].fired, 0);
    expire(500);
    assert_int_equal(items[0].fired, 1);
}

/* What the queue should hold: due times, INT64_MIN where it is not armed. */
static int64_t model[TIMERS];

static void assert_like_the_model(int64_t now_ms)
{
    int64_t first = INT64_MAX;
    unsigned armed = 0;

    for (size_t i = 0; i < TIMERS; i++) {
        bool is_armed = model[i] != INT64_MIN;

        assert_int_equal(timer_is_armed(&items[i].timer), is_armed);
        armed += is_armed;
        if (is_armed && model[i] < first)
            first = model[i];
    }
    assert_int_equal(queue.count, armed);
    if (armed == 0)
        assert_int_equal(timerq_wait_ms(&queue, now_ms), -1);
    else
        assert_int_equal(timerq_wait_ms(&queue, now_ms), MAX(first - now_ms, 0));
}

static void expire_like_the_model(int64_t now_ms)
{
    expire(now_ms);
    for (size_t i = 0; i < TIMERS; i++) {
        bool is_due = model[i] != INT64_MIN && model[i] <= now_ms;

        assert_int_equal(items[i].fired, is_due);
        items[i].fired = 0;
        if (is_due)
            model[i] = INT64_MIN;
    }
}

static void random_calls_do_what_a_model_does(void **state)
{
    unsigned seed = 4711;
    int64_t now_ms = 0;

    for (size_t i = 0; i < TIMERS; i++)
        model[i] = INT64_MIN;
    for (unsigned round = 0; round < 40000; round++) {
        size_t i = (size_t)rand_r(&seed) % TIMERS;
        int action = rand_r(&seed) % 100;

        if (action < 60) {
            model[i] = now_ms + rand_r(&seed) % 300;
            set(i, model[i]);
        } else if (action < 90) {
            timerq_cancel(&queue, &items[i].timer);
            model[i] = INT64_MIN;
        } else {
            now_ms += rand_r(&seed) % 40;
            expire_like_the_model(now_ms);
        }
        if (round % 16 == 0)
            assert_like_the_model(now_ms);
    }
    expire_like_the_model(now_ms + 1000);
    assert_like_the_model(now_ms);
}

static void a_callback_may_cancel_what_is_due_as_well(void **state)
{
    for (size_t i = 0; i < 9; i++)
        set(i, (int64_t)i);
    items[0].to_cancel = &items[1]; /* the next */
    items[2].to_cancel = &items[8]; /* the last */
    items[3].to_cancel = &items[3]; /* itself, which is not armed any more */
    items[4].to_cancel = &items[0]; /* one that has fired */
    expire(10);
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(items[i].fired, i != 1 && i != 8);
    assert_int_equal(queue.count, 0);
}

static void armed_again_for_now_fires_at_the_next_call(void **state)
{
    set(0, 10);
    items[0].rearm_for = 10;
    expire(10);
    assert_int_equal(items[0].fired, 1);
    assert_true(timer_is_armed(&items[0].timer));
    expire(11);
    assert_int_equal(items[0].fired, 2);
}

static void armed_again_for_the_past_does_not_push_others_aside(void **state)
{
    for (size_t i = 0; i < 20; i++) {
        set(i, i < 3 ? 1 : 10);
        items[i].rearm_for = i < 3 ? -100 : 0;
    }
    expire(10);
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(items[i].fired, 1);
    assert_int_equal(queue.count, 3);
}

static void equal_times_fire_once_each_though_armed_again(void **state)
{
    for (size_t i = 0; i < TIMERS; i++) {
        set(i, 10);
        items[i].rearm_for = 10;
    }
    for (unsigned call = 1; call <= 5; call++) {
        expire(9 + call);
        for (size_t i = 0; i < TIMERS; i++) {
            assert_int_equal(items[i].fired, call);
            items[i].rearm_for = 10 + call;
        }
    }
}

static void waiting_saturates(void **state)
{
    set(0, INT64_MAX);
    assert_int_equal(timerq_wait_ms(&queue, 0), INT_MAX);
    assert_int_equal(timerq_wait_ms(&queue, INT64_MIN), INT_MAX);
    assert_int_equal(timerq_wait_ms(&queue, INT64_MAX), 0);
    set(0, (int64_t)INT_MAX + 5);
    assert_int_equal(timerq_wait_ms(&queue, 4), INT_MAX);
    assert_int_equal(timerq_wait_ms(&queue, 5), INT_MAX);
    assert_int_equal(timerq_wait_ms(&queue, 6), INT_MAX - 1);
    set(0, INT64_MIN);
    assert_int_equal(timerq_wait_ms(&queue, INT64_MAX), 0);
}

static void out_of_memory_leaves_the_queue_as_it_was(void **state)
{
    size_t armed = 0;

    realloc_fails = true;
    assert_int_equal(timerq_set(&queue, &items[0].timer, 1), -ENOMEM);
    assert_false(timer_is_armed(&items[0].timer));
    realloc_fails = false;
    set(0, 1000);
    realloc_fails = true;
    for (armed = 1; timerq_set(&queue, &items[armed].timer, 1000 - (int64_t)armed) == 0;)
        armed++;
    assert_false(timer_is_armed(&items[armed].timer));
    assert_int_equal(queue.count, armed);
    set(0, 1); /* moving one needs no memory */
    timerq_cancel(&queue, &items[1].timer);
    set(armed, 2); /* the room of the cancelled one */
    assert_int_equal(timerq_reserve(&queue, TIMERS), -ENOMEM);
    assert_int_equal(timerq_wait_ms(&queue, 0), 1);
    expire(1000);
    for (size_t i = 0; i < TIMERS; i++)
        assert_int_equal(items[i].fired, i <= armed && i != 1);
}

static void a_reserved_queue_cannot_fail(void **state)
{
    assert_int_equal(timerq_reserve(&queue, TIMERS), 0);
    assert_int_equal(timerq_reserve(&queue, 1), 0); /* never less */
    realloc_fails = true;
    for (size_t i = 0; i < TIMERS; i++)
        set(i, (int64_t)(TIMERS - i));
    expire(TIMERS);
    for (size_t i = 0; i < TIMERS; i++)
        assert_int_equal(items[i].fired, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(timers_fire_in_the_order_of_their_times),
        TEST(a_timer_moves_in_both_directions),
        TEST(random_calls_do_what_a_model_does),
        TEST(a_callback_may_cancel_what_is_due_as_well),
        TEST(armed_again_for_now_fires_at_the_next_call),
        TEST(armed_again_for_the_past_does_not_push_others_aside),
        TEST(equal_times_fire_once_each_though_armed_again),
        TEST(waiting_saturates),
        TEST(out_of_memory_leaves_the_queue_as_it_was),
        TEST(a_reserved_queue_cannot_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
