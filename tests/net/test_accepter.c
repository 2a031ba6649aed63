/* SPDX-License-Identifier: MIT */
/* test_accepter.c - one worker's accepter: batches, errors, and what it does to wait. */
#include "accept_fixture.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static struct accept_worker *one;

static int set_up_one(void **state)
{
    accept_set_up(1, false);
    one = &accepts.workers[0];
    return 0;
}

static void what_waits_is_taken_with_the_address_of_its_peer(void **state)
{
    struct address local;
    int client = accept_connect();

    accept_turn(one);
    assert_int_equal(one->accepted, 1);
    assert_int_equal(socket_local_address(client, &local), 0);
    assert_true(address_equal(&one->last_peer, &local));
    assert_int_equal(counter_get(&accepts.counters[0].accepted), 1);
    accept_turn(one);
    assert_int_equal(one->accepted, 1);
}

static void a_batch_is_bounded_and_the_rest_comes_in_the_next_turns(void **state)
{
    for (int i = 0; i < 70; i++)
        (void)accept_connect();
    accept_turn(one);
    assert_int_equal(one->accepted, 32);
    accept_turn(one);
    assert_int_equal(one->accepted, 64);
    accept_turn(one);
    assert_int_equal(one->accepted, 70);
}

static void no_more_is_taken_than_there_are_slots(void **state)
{
    unsigned calls;

    one->capacity = 3;
    accept_update(one);
    for (int i = 0; i < 5; i++)
        (void)accept_connect();
    accept_turn(one);
    assert_int_equal(one->accepted, 3);
    assert_int_equal(one->asked_for_room, 0);
    accept_turn(one);
    assert_int_equal(one->asked_for_room, 1);
    calls = accepts.accept_calls;
    for (int i = 0; i < 5; i++)
        accept_turn(one); /* rests */
    assert_int_equal(accepts.accept_calls, calls);
    assert_int_equal(one->asked_for_room, 1);
    one->capacity = 5;
    accept_update(one);
    fake_clock_advance(99);
    accept_turn(one);
    assert_int_equal(one->accepted, 3);
    fake_clock_advance(1);
    accept_turn(one);
    accept_turn(one);
    assert_int_equal(one->accepted, 5);
}

static void room_that_is_made_is_used_without_a_rest(void **state)
{
    one->capacity = 1;
    one->can_make_room = true;
    accept_update(one);
    for (int i = 0; i < 3; i++)
        (void)accept_connect();
    for (int i = 0; i < 5; i++)
        accept_turn(one);
    assert_int_equal(one->accepted, 3);
    assert_int_equal(one->asked_for_room, 2);
}

static void out_of_descriptors_it_rests_and_does_not_spin(void **state)
{
    (void)accept_connect();
    accept_fail(EMFILE, 1000);
    for (int i = 0; i < 10; i++)
        accept_turn(one);
    assert_int_equal(accepts.accept_calls, 1);
    assert_int_equal(one->asked_for_room, 1);
    assert_int_equal(counter_get(&accepts.counters[0].accept_errors), 1);
    fake_clock_advance(100);
    accept_turn(one);
    accept_turn(one);
    assert_int_equal(accepts.accept_calls, 2); /* once more, and the same */
    accept_fail(0, 0);
    fake_clock_advance(100);
    accept_turn(one);
    accept_turn(one);
    assert_int_equal(one->accepted, 1);
}

/* With a real limit: whoever is refused needs the reserve. */
static void who_waits_for_a_descriptor_in_vain_is_refused(void **state)
{
    struct rlimit usual, low;
    char text[16];
    int clients[3], highest;

    for (size_t i = 0; i < COUNT_OF(clients); i++)
        clients[i] = accept_connect();
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    highest = dup(0);
    assert_true(highest > 0);
    close(highest); /* the lowest that is free: from there on there is nothing */
    low = usual;
    low.rlim_cur = (rlim_t)highest;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    for (int i = 0; i < 5; i++) {
        accept_turn(one);
        accept_turn(one);
        assert_int_equal(one->refused, 0);
        fake_clock_advance(100);
    }
    accept_turn(one);
    accept_turn(one);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    assert_int_equal(one->refused, 3);
    assert_int_equal(one->exhausted, 6);
    assert_int_equal(one->accepted, 0);
    assert_true(one->accepter.reserve_fd >= 0); /* there again */
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        assert_int_equal(recv(clients[i], text, sizeof(text), 0), 5);
        assert_memory_equal(text, "sorry", 5);
        assert_int_equal(recv(clients[i], text, sizeof(text), 0), 0);
    }
    (void)accept_connect();
    fake_clock_advance(100);
    accept_turn(one);
    accept_turn(one);
    assert_int_equal(one->accepted, 1);
}

static void a_descriptor_that_is_made_free_is_used_at_once(void **state)
{
    one->can_make_room = true;
    (void)accept_connect();
    accept_turn(one);
    (void)accept_connect();
    accept_fail(EMFILE, 1);
    accept_turn(one);
    assert_int_equal(one->asked_for_room, 1);
    accept_turn(one);
    assert_int_equal(one->accepted, 2);
}

static void errors_that_no_room_would_cure_evict_nobody(void **state)
{
    static const int errors[] = {ENFILE, ENOBUFS, ENOMEM, EINVAL};

    one->can_make_room = true;
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        unsigned calls = accepts.accept_calls;

        (void)accept_connect();
        accept_fail(errors[i], 1);
        for (int n = 0; n < 5; n++)
            accept_turn(one);
        assert_int_equal(accepts.accept_calls, calls + 1);
        assert_int_equal(one->accepted, i);
        fake_clock_advance(100);
        accept_turn(one);
        accept_turn(one);
        assert_int_equal(one->accepted, i + 1);
    }
    assert_int_equal(one->asked_for_room, 0);
}

static void connections_that_failed_meanwhile_are_passed_over(void **state)
{
    static const int errors[] = {ECONNABORTED, EINTR, EPROTO, EPERM};

    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        (void)accept_connect();
        accept_fail(errors[i], 3);
        accept_turn(one);
        assert_int_equal(one->accepted, i + 1);
    }
    assert_int_equal(counter_get(&accepts.counters[0].accept_errors), 0);
}

static void a_listener_that_always_fails_does_not_hold_the_iteration(void **state)
{
    (void)accept_connect();
    accept_fail(EPERM, 1000000); /* as a security module would */
    accept_turn(one);
    assert_in_range(accepts.accept_calls, 1, 100);
    accept_fail(0, 0);
    accept_turn(one);
    assert_int_equal(one->accepted, 1);
}

static void stopping_leaves_what_waits_to_others(void **state)
{
    (void)accept_connect();
    accepter_stop(&one->accepter, false);
    for (int i = 0; i < 3; i++) {
        fake_clock_advance(1000);
        accept_turn(one);
    }
    assert_int_equal(one->accepted, 0);
    accepter_stop(&one->accepter, false); /* harmless */
}

static void stopping_may_take_what_waits_first(void **state)
{
    for (int i = 0; i < 40; i++)
        (void)accept_connect();
    accepter_stop(&one->accepter, true);
    assert_int_equal(one->accepted, 40);
    (void)accept_connect();
    accept_turn(one);
    assert_int_equal(one->accepted, 40);
}

static void stopping_takes_no_more_than_there_are_slots(void **state)
{
    one->capacity = 2;
    accept_update(one);
    for (int i = 0; i < 5; i++)
        (void)accept_connect();
    accept_fail(ECONNABORTED, 1); /* is passed over */
    accepter_stop(&one->accepter, true);
    assert_int_equal(one->accepted, 2);
    one->capacity = 10;
    accept_update(one);
    accept_fail(EMFILE, 1000);
    accepter_stop(&one->accepter, true);
    assert_int_equal(one->accepted, 2);
}

static void a_resting_accepter_may_be_stopped(void **state)
{
    (void)accept_connect();
    accept_fail(EMFILE, 1);
    accept_turn(one);
    accepter_stop(&one->accepter, false);
    fake_clock_advance(1000);
    accept_turn(one);
    accept_turn(one);
    assert_int_equal(one->accepted, 0);
}

static void a_watch_that_fails_after_a_rest_is_tried_again(void **state)
{
    (void)accept_connect();
    accept_fail(ENFILE, 1);
    accept_turn(one);
    accepts.epoll_add_fails = true;
    fake_clock_advance(100);
    accept_turn(one);
    accepts.epoll_add_fails = false;
    accept_turn(one);
    assert_int_equal(one->accepted, 0);
    fake_clock_advance(100);
    accept_turn(one);
    accept_turn(one);
    assert_int_equal(one->accepted, 1);
}

static void a_start_that_fails_is_told(void **state)
{
    struct accepter other;

    assert_int_equal(accepter_start(&other, &one->env, -1), -EBADF);
    accepts.epoll_add_fails = true;
    assert_int_equal(accepter_start(&other, &one->env, accepts.listen_fd), -ENOSPC);
    accepter_stop(&other, false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_one, accept_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_waits_is_taken_with_the_address_of_its_peer),
        TEST(a_batch_is_bounded_and_the_rest_comes_in_the_next_turns),
        TEST(no_more_is_taken_than_there_are_slots),
        TEST(room_that_is_made_is_used_without_a_rest),
        TEST(out_of_descriptors_it_rests_and_does_not_spin),
        TEST(who_waits_for_a_descriptor_in_vain_is_refused),
        TEST(a_descriptor_that_is_made_free_is_used_at_once),
        TEST(errors_that_no_room_would_cure_evict_nobody),
        TEST(connections_that_failed_meanwhile_are_passed_over),
        TEST(a_listener_that_always_fails_does_not_hold_the_iteration),
        TEST(stopping_leaves_what_waits_to_others),
        TEST(stopping_may_take_what_waits_first),
        TEST(stopping_takes_no_more_than_there_are_slots),
        TEST(a_resting_accepter_may_be_stopped),
        TEST(a_watch_that_fails_after_a_rest_is_tried_again),
        TEST(a_start_that_fails_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
