/* SPDX-License-Identifier: MIT */
/* test_password_check.c - the queue in front of the threads; the hash is a fake that can be held. */
#include "support/unit.h"

#include "config/auth_file.h"
#include "handler/password_check.h"
#include "os/password_hash.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>

#define PATIENCE_MS 10000

int __wrap_password_hash_check(const char *password, const char *hash);

/* While it is held, all that hash wait. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static atomic_uint hashed;

int __wrap_password_hash_check(const char *password, const char *hash)
{
    (void)pthread_mutex_lock(&gate);
    (void)pthread_mutex_unlock(&gate);
    (void)atomic_fetch_add(&hashed, 1);
    return strcmp(password, hash) == 0;
}

struct asker {
    struct password_waiter waiter;
    int result; /* 2: none yet */
};

static struct event_loop *loop;
static struct thread_pool *pool;
static struct password_checks *checks;
static struct auth_users users;
static unsigned answered;

static void on_done(struct password_waiter *waiter, int result)
{
    struct asker *asker = container_of(waiter, struct asker, waiter);

    assert_int_equal(asker->result, 2);
    asker->result = result;
    answered++;
}

static int set_up(void **state)
{
    const struct threadpool_settings settings = {.threads = 4, .queue_max = 16, .idle_ms = 1000};

    atomic_store(&hashed, 0);
    answered = 0;
    assert_int_equal(loop_create(&loop), 0);
    assert_int_equal(threadpool_create(loop, &settings, &pool), 0);
    checks = password_checks_create(pool);
    assert_non_null(checks);
    return 0;
}

static int tear_down(void **state)
{
    if (pool)
        assert_true(threadpool_destroy(pool, PATIENCE_MS));
    password_checks_destroy(checks);
    loop_destroy(loop);
    return 0;
}

static int ask(struct asker *asker, uint64_t tag, const char *password)
{
    const struct password_question question = {
        .tag = {tag, tag}, .of = &users, .password = password, .hash = "right"};

    *asker = (struct asker){.waiter.done = on_done, .result = 2};
    return password_checks_ask(checks, &question, &asker->waiter);
}

static void wait_for_answers(unsigned count)
{
    for (int i = 0; i < PATIENCE_MS / 10 && answered < count; i++)
        assert_int_equal(loop_run_once(loop, 10), 0);
    assert_int_equal(answered, count);
}

static void each_gets_its_own_result(void **state)
{
    struct asker right, wrong;

    assert_int_equal(ask(&right, 1, "right"), 0);
    assert_int_equal(ask(&wrong, 2, "wrong"), 0);
    assert_int_equal(right.result, 2); /* never from within ask() */
    wait_for_answers(2);
    assert_int_equal(right.result, 1);
    assert_int_equal(wrong.result, 0);
}

static void the_same_question_is_hashed_once(void **state)
{
    struct asker askers[6];

    (void)pthread_mutex_lock(&gate);
    for (size_t i = 0; i < COUNT_OF(askers); i++)
        assert_int_equal(ask(&askers[i], 7, "right"), 0);
    (void)pthread_mutex_unlock(&gate);
    wait_for_answers(COUNT_OF(askers));
    assert_int_equal(atomic_load(&hashed), 1);
    for (size_t i = 0; i < COUNT_OF(askers); i++)
        assert_int_equal(askers[i].result, 1);
}

static void there_is_an_end_to_those_who_wait(void **state)
{
    static struct asker askers[PASSWORD_CHECKS_RUNNING + PASSWORD_CHECKS_WAITING];
    struct asker refused, same;

    (void)pthread_mutex_lock(&gate);
    for (size_t i = 0; i < COUNT_OF(askers); i++)
        assert_int_equal(ask(&askers[i], 100 + i, "right"), 0);
    assert_int_equal(ask(&refused, 1, "right"), -EAGAIN);
    assert_int_equal(ask(&same, 100, "right"), 0); /* costs nothing more */
    (void)pthread_mutex_unlock(&gate);
    wait_for_answers(COUNT_OF(askers) + 1);
    assert_int_equal(refused.result, 2);
    assert_int_equal(ask(&refused, 1, "right"), 0);
    wait_for_answers(COUNT_OF(askers) + 2);
}

static void who_leaves_makes_room(void **state)
{
    static struct asker askers[PASSWORD_CHECKS_RUNNING + PASSWORD_CHECKS_WAITING];
    struct asker late;

    (void)pthread_mutex_lock(&gate);
    for (size_t i = 0; i < COUNT_OF(askers); i++)
        assert_int_equal(ask(&askers[i], 100 + i, "right"), 0);
    for (size_t i = PASSWORD_CHECKS_RUNNING; i < COUNT_OF(askers); i++) {
        password_checks_forget(checks, &askers[i].waiter);
        password_checks_forget(checks, &askers[i].waiter); /* harmless */
    }
    assert_int_equal(ask(&late, 1, "right"), 0);
    (void)pthread_mutex_unlock(&gate);
    wait_for_answers(PASSWORD_CHECKS_RUNNING + 1);
    assert_int_equal(late.result, 1);
    assert_int_equal(atomic_load(&hashed), PASSWORD_CHECKS_RUNNING + 1);
}

static void who_leaves_what_is_being_hashed_is_not_called(void **state)
{
    struct asker gone, other;

    (void)pthread_mutex_lock(&gate);
    assert_int_equal(ask(&gone, 1, "right"), 0);
    assert_int_equal(ask(&other, 2, "right"), 0);
    password_checks_forget(checks, &gone.waiter);
    (void)pthread_mutex_unlock(&gate);
    wait_for_answers(1);
    assert_int_equal(gone.result, 2);
    assert_int_equal(other.result, 1);
}

static void an_end_of_the_threads_is_an_answer(void **state)
{
    static struct asker askers[PASSWORD_CHECKS_RUNNING + 3];
    struct asker late;

    (void)pthread_mutex_lock(&gate);
    for (size_t i = 0; i < COUNT_OF(askers); i++)
        assert_int_equal(ask(&askers[i], 100 + i, "right"), 0);
    (void)pthread_mutex_unlock(&gate);
    assert_true(threadpool_destroy(pool, PATIENCE_MS));
    pool = NULL;
    assert_int_equal(answered, COUNT_OF(askers));
    for (size_t i = PASSWORD_CHECKS_RUNNING; i < COUNT_OF(askers); i++)
        assert_int_equal(askers[i].result, -EAGAIN);
    (void)late;
}

#define WITH_POOL(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_POOL(each_gets_its_own_result),
        WITH_POOL(the_same_question_is_hashed_once),
        WITH_POOL(there_is_an_end_to_those_who_wait),
        WITH_POOL(who_leaves_makes_room),
        WITH_POOL(who_leaves_what_is_being_hashed_is_not_called),
        WITH_POOL(an_end_of_the_threads_is_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
