/* SPDX-License-Identifier: MIT */
/* test_accepter_balance.c - who has more than its share rests, so that others are woken. */
#include "accept_fixture.h"

#include <string.h>
#include <unistd.h>

static struct accept_worker *one, *two;

static int set_up_two(void **state)
{
    accept_set_up(2, true);
    one = &accepts.workers[0];
    two = &accepts.workers[1];
    return 0;
}

static int set_up_four(void **state)
{
    accept_set_up(4, true);
    one = &accepts.workers[0];
    return 0;
}

/* As the kernel wakes exclusive waiters: who has put its listener in last comes last. */
static struct accept_worker *order[ACCEPT_WORKERS_MAX];

static void begin_order(void)
{
    for (size_t i = 0; i < accepts.worker_count; i++)
        order[i] = &accepts.workers[i];
}

static void move_to_end(struct accept_worker *worker)
{
    size_t i = 0;

    while (order[i] != worker)
        i++;
    for (; i + 1 < accepts.worker_count; i++)
        order[i] = order[i + 1];
    order[i] = worker;
}

static void turn_in_order(void)
{
    struct accept_worker *round[ACCEPT_WORKERS_MAX];

    memcpy(round, order, sizeof(round));
    for (size_t i = 0; i < accepts.worker_count; i++) {
        bool was_watching = round[i]->accepter.watcher.is_active;

        accept_turn(round[i]);
        if (!was_watching && round[i]->accepter.watcher.is_active)
            move_to_end(round[i]);
    }
}

static void connect_in_order(unsigned count, int64_t gap_ms)
{
    begin_order();
    for (unsigned n = 0; n < count; n++) {
        (void)accept_connect();
        for (int turns = 0; accept_total() <= n; turns++) {
            assert_true(turns < 50);
            turn_in_order();
            if (accept_total() <= n)
                fake_clock_advance(1);
        }
        for (int64_t ms = 0; ms < gap_ms; ms++) {
            fake_clock_advance(1);
            turn_in_order();
        }
    }
}

static void assert_balanced(unsigned count)
{
    for (size_t i = 0; i < accepts.worker_count; i++)
        assert_true(accepts.workers[i].open * accepts.worker_count * 10 <= count * 13);
    assert_int_equal(accept_total(), count);
}

static void connections_are_shared_when_they_come_slowly(void **state)
{
    connect_in_order(64, 5);
    assert_balanced(64);
}

static void connections_are_shared_when_they_come_very_slowly(void **state)
{
    connect_in_order(64, 100);
    assert_balanced(64);
}

static void connections_are_shared_when_they_come_quickly(void **state)
{
    connect_in_order(64, 0);
    assert_balanced(64);
}

static void connections_are_shared_when_they_come_at_once(void **state)
{
    for (int i = 0; i < 64; i++)
        (void)accept_connect();
    begin_order();
    for (int turns = 0; accept_total() < 64; turns++) {
        assert_true(turns < 500);
        turn_in_order();
        fake_clock_advance(1);
    }
    assert_balanced(64);
}

static void a_worker_that_leaves_is_not_waited_for(void **state)
{
    accepter_stop(&two->accepter, false);
    counter_set(&accepts.counters[1].active, 0);
    for (int i = 0; i < 64; i++) {
        (void)accept_connect();
        accept_turn(one);
    }
    assert_int_equal(one->accepted, 64); /* without a single rest */
}

static void short_connections_send_nobody_to_rest(void **state)
{
    for (int i = 0; i < 100; i++) {
        (void)accept_connect();
        accept_turn(one);
        assert_int_equal(one->accepted, i + 1);
        if (one->open == 2) { /* the one before has ended meanwhile */
            close(one->fds[0]);
            one->fds[0] = one->fds[1];
            one->open--;
            accept_update(one);
        }
    }
}

/* The others count as active, but take nothing. */
static void resting_that_helps_nobody_stops(void **state)
{
    int64_t waited = 0;

    for (unsigned n = 0; n < 200; n++) {
        (void)accept_connect();
        for (accept_turn(one); one->accepted <= n; accept_turn(one)) {
            fake_clock_advance(1);
            waited++;
        }
    }
    assert_in_range(waited, 1, 4 * ACCEPT_DELAY_MS);
    fake_clock_advance(1000); /* then it tries again */
    for (unsigned n = 200; n < 250; n++) {
        (void)accept_connect();
        for (accept_turn(one); one->accepted <= n; accept_turn(one)) {
            fake_clock_advance(1);
            waited++;
        }
    }
    assert_in_range(waited, 4 * ACCEPT_DELAY_MS, 8 * ACCEPT_DELAY_MS);
}

/* The first worker has so many that it rests after each accept. */
static void overload_one(void)
{
    one->open = 50;
    for (size_t i = 0; i < 50; i++)
        one->fds[i] = -1;
    accept_update(one);
}

static void assert_rests_after_an_accept(void)
{
    unsigned before = one->accepted;

    (void)accept_connect();
    accept_turn(one);
    assert_int_equal(one->accepted, before + 1);
    assert_false(one->accepter.watcher.is_active);
}

static void end_rest(void)
{
    fake_clock_advance(ACCEPT_DELAY_MS);
    accept_turn(one);
    assert_true(one->accepter.watcher.is_active);
}

static void resting_while_nothing_comes_goes_on(void **state)
{
    overload_one();
    for (int i = 0; i < 10; i++) {
        assert_rests_after_an_accept();
        end_rest();
        fake_clock_advance(5);
        accept_turn(one);
    }
    assert_rests_after_an_accept();
}

static void resting_that_others_use_goes_on(void **state)
{
    overload_one();
    for (int i = 0; i < 10; i++) {
        assert_rests_after_an_accept();
        (void)accept_connect();
        accept_turn(two);
        assert_int_equal(two->accepted, i + 1);
        (void)accept_connect(); /* waits when the rest is over */
        end_rest();
        accept_turn(one);
        assert_false(one->accepter.watcher.is_active);
        end_rest();
        fake_clock_advance(5);
        accept_turn(one);
    }
    assert_rests_after_an_accept();
}

static void hold(struct accept_worker *worker, size_t count, uint64_t capacity)
{
    worker->capacity = capacity;
    worker->open = count;
    for (size_t i = 0; i < count; i++)
        worker->fds[i] = -1;
    accept_update(worker);
}

static void who_is_nearly_full_lets_those_with_room_go_first(void **state)
{
    (void)state;
    hold(one, 14, 16);
    hold(two, 14, 1000);
    assert_rests_after_an_accept();
    (void)accept_connect();
    accept_turn(two);
    assert_int_equal(two->accepted, 1);
}

static void nobody_rests_when_all_are_nearly_full(void **state)
{
    (void)state;
    hold(one, 14, 16);
    hold(two, 15, 16);
    (void)accept_connect();
    accept_turn(one);
    assert_int_equal(one->accepted, 1);
    assert_true(one->accepter.watcher.is_active);
}

static void one_stopped_worker_does_not_send_the_others_to_rest(void **state)
{
    int64_t before = loop_now_ms(one->loop);

    accepts.worker_count = 3; /* the fourth counts, and is not run */
    connect_in_order(200, 0);
    accept_turn(one);
    assert_in_range(loop_now_ms(one->loop) - before, 1, 20 * ACCEPT_DELAY_MS);
    accepts.worker_count = 4;
    assert_int_equal(accept_total(), 200);
}

static void a_connection_may_stop_its_accepter(void **state)
{
    one->stops_at_once = true;
    for (int i = 0; i < 5; i++)
        (void)accept_connect();
    overload_one();
    accept_turn(one);
    assert_false(one->accepter.watcher.is_active);
    assert_false(timer_is_armed(&one->accepter.rest_timer));
    for (int i = 0; i < 3; i++) {
        fake_clock_advance(1000);
        accept_turn(one);
    }
    assert_int_equal(one->accepted, 1);
}

#define TEST_TWO(name) cmocka_unit_test_setup_teardown(name, set_up_two, accept_tear_down)
#define TEST_FOUR(name) cmocka_unit_test_setup_teardown(name, set_up_four, accept_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_TWO(connections_are_shared_when_they_come_slowly),
        TEST_TWO(connections_are_shared_when_they_come_quickly),
        TEST_TWO(connections_are_shared_when_they_come_very_slowly),
        TEST_TWO(connections_are_shared_when_they_come_at_once),
        TEST_FOUR(connections_are_shared_when_they_come_slowly),
        TEST_FOUR(connections_are_shared_when_they_come_quickly),
        TEST_FOUR(connections_are_shared_when_they_come_very_slowly),
        TEST_FOUR(connections_are_shared_when_they_come_at_once),
        TEST_TWO(a_worker_that_leaves_is_not_waited_for),
        TEST_FOUR(short_connections_send_nobody_to_rest),
        TEST_TWO(resting_that_helps_nobody_stops),
        TEST_TWO(resting_while_nothing_comes_goes_on),
        TEST_TWO(resting_that_others_use_goes_on),
        TEST_TWO(who_is_nearly_full_lets_those_with_room_go_first),
        TEST_TWO(nobody_rests_when_all_are_nearly_full),
        TEST_FOUR(one_stopped_worker_does_not_send_the_others_to_rest),
        TEST_TWO(a_connection_may_stop_its_accepter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
