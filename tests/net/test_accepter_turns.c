/* SPDX-License-Identifier: MIT */
/* test_accepter_turns.c - several workers: the mutex, and holders that are lost. */
#include "accept_fixture.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct accept_worker *one, *two;

static int set_up(void **state)
{
    accept_set_up(2, true);
    one = &accepts.workers[0];
    two = &accepts.workers[1];
    return 0;
}

#define STRANGER 1 /* a process that is not ours */

static void hold_by_stranger(void)
{
    atomic_store(&accepts.word->owner, STRANGER);
}

static void release_by_stranger(void)
{
    atomic_store(&accepts.word->owner, 0);
}

static void the_mutex_is_free_after_the_batch(void **state)
{
    (void)accept_connect();
    accept_turn(one);
    assert_int_equal(one->accepted, 1);
    assert_int_equal(shmtx_owner(&one->mutex), 0);
    assert_int_equal(counter_get(&accepts.counters[0].mutex_tries), 1);
    assert_int_equal(counter_get(&accepts.counters[0].mutex_misses), 0);
}

static void a_connection_wakes_one_worker_and_a_resting_one_is_not_asked(void **state)
{
    assert_int_equal(accepts.watched_events, EPOLLIN | EPOLLEXCLUSIVE);
    (void)accept_connect();
    hold_by_stranger();
    accept_turn(one);
    assert_int_equal(accepts.watched_events, 0);
    fake_clock_advance(ACCEPT_DELAY_MS);
    accept_turn(one);
    assert_int_equal(accepts.watched_events, EPOLLIN | EPOLLEXCLUSIVE);
}

static void a_loser_rests_and_loses_no_connection(void **state)
{
    (void)accept_connect();
    hold_by_stranger();
    for (int i = 0; i < 10; i++)
        accept_turn(one); /* one try, then no more until the rest is over */
    assert_int_equal(accepts.accept_calls, 0);
    assert_int_equal(counter_get(&accepts.counters[0].mutex_tries), 1);
    assert_int_equal(counter_get(&accepts.counters[0].mutex_misses), 1);
    release_by_stranger();
    accept_turn(one);
    assert_int_equal(one->accepted, 0);
    (void)accept_connect(); /* arrives while nobody watches */
    fake_clock_advance(ACCEPT_DELAY_MS);
    accept_turn(one);
    accept_turn(one);
    assert_int_equal(one->accepted, 2);
}

static void who_has_lost_for_long_accepts_without_the_mutex(void **state)
{
    int64_t waited = 0;

    (void)accept_connect();
    hold_by_stranger();
    while (one->accepted == 0 && waited < 1000) {
        accept_turn(one);
        if (one->accepted > 0)
            break;
        fake_clock_advance(1);
        waited++;
    }
    assert_in_range(waited, 100, 100 + ACCEPT_DELAY_MS);
    assert_int_equal(counter_get(&accepts.counters[0].accept_without_mutex), 1);
    assert_int_equal(shmtx_owner(&one->mutex), STRANGER); /* left to its holder */
    assert_true(counter_get(&accepts.counters[0].mutex_tries) <= 12);
    (void)accept_connect(); /* the next ones wait no more */
    accept_turn(one);
    assert_int_equal(one->accepted, 2);
    release_by_stranger();
    (void)accept_connect();
    accept_turn(one);
    assert_int_equal(counter_get(&accepts.counters[0].accept_without_mutex), 2);
    hold_by_stranger(); /* having had it, patience begins anew */
    (void)accept_connect();
    accept_turn(one);
    assert_int_equal(one->accepted, 3);
}

static void now_and_again_a_lost_try_is_nothing(void **state)
{
    for (int i = 0; i < 20; i++) {
        (void)accept_connect();
        hold_by_stranger();
        accept_turn(one);
        release_by_stranger();
        fake_clock_advance(ACCEPT_DELAY_MS);
        accept_turn(one);
        accept_turn(one);
        assert_int_equal(accept_total(), i + 1);
    }
    assert_int_equal(counter_get(&accepts.counters[0].accept_without_mutex), 0);
}

static void a_worker_that_took_its_connection_to_another_finds_nothing(void **state)
{
    (void)accept_connect();
    accept_turn(one);
    accept_turn(two);
    assert_int_equal(accept_total(), 1);
    assert_int_equal(counter_get(&accepts.counters[1].accept_errors), 0);
}

/* A process that takes the mutex and waits for a signal. */
static pid_t fork_holder(void)
{
    int ready[2];
    char byte;
    pid_t pid;

    assert_int_equal(pipe(ready), 0);
    pid = fork();
    if (pid == 0) {
        struct shmtx mutex = one->mutex;

        if (shmtx_attach(&mutex) == 0 && shmtx_try(&mutex) && write(ready[1], "x", 1) == 1)
            pause();
        _exit(0);
    }
    assert_true(pid > 0);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return pid;
}

static void a_holder_that_is_stopped_and_killed_costs_nothing(void **state)
{
    pid_t pid = fork_holder();
    int status;

    assert_int_equal(shmtx_owner(&one->mutex), pid);
    assert_int_equal(kill(pid, SIGSTOP), 0);
    assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
    for (int i = 0; i < 8; i++)
        (void)accept_connect();
    for (int ms = 0; ms < 150 && accept_total() < 8; ms++) {
        accept_turn(one);
        accept_turn(two);
        fake_clock_advance(1);
    }
    assert_int_equal(accept_total(), 8);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(shmtx_owner(&one->mutex), pid); /* it could not unlock */
    (void)accept_connect();
    for (int ms = 0; ms < 150 && accept_total() < 9; ms++) {
        accept_turn(one);
        fake_clock_advance(1);
    }
    assert_int_equal(accept_total(), 9);
    assert_true(shmtx_force_unlock(&one->mutex, pid)); /* as the master does */
    (void)accept_connect();
    for (int ms = 0; ms < 50 && accept_total() < 10; ms++) {
        accept_turn(one);
        accept_turn(two);
        fake_clock_advance(1);
    }
    assert_int_equal(accept_total(), 10);
    assert_int_equal(shmtx_owner(&one->mutex), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, accept_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_mutex_is_free_after_the_batch),
        TEST(a_connection_wakes_one_worker_and_a_resting_one_is_not_asked),
        TEST(a_loser_rests_and_loses_no_connection),
        TEST(who_has_lost_for_long_accepts_without_the_mutex),
        TEST(now_and_again_a_lost_try_is_nothing),
        TEST(a_worker_that_took_its_connection_to_another_finds_nothing),
        TEST(a_holder_that_is_stopped_and_killed_costs_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
