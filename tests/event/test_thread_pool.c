/* SPDX-License-Identifier: MIT */
/* test_thread_pool.c - whose a job is at any time, and what is left of it at the end. */
#include "support/unit.h"

#include "event/thread_pool.h"
#include "support/gate.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#define PATIENCE_MS 20000 /* only a failing test waits so long */
#define NEVER_MS 3600000U

static bool no_threads; /* pthread_create fails */
static int created;

/* By the linker: --wrap=pthread_create. */
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument)
{
    if (no_threads)
        return EAGAIN;
    created++;
    return __real_pthread_create(thread, attributes, start, argument);
}

static struct event_loop *loop;
static struct thread_pool *pool;
static counter queued, running, jobs, refused;

/* run() tells that it began, and ends when it is let. */
struct work {
    struct job job;
    int begun_fd, let_fd; /* eventfds; -1: it neither tells nor waits */
    pthread_t thread;
    sigset_t blocked;
    char thread_name[16];
    int done_calls;
    bool has_run;
};

static void run(struct job *job)
{
    struct work *work = container_of(job, struct work, job);

    work->thread = pthread_self();
    (void)pthread_sigmask(SIG_BLOCK, NULL, &work->blocked);
    (void)prctl(PR_GET_NAME, work->thread_name);
    if (work->begun_fd != -1) {
        gate_tell(work->begun_fd);
        gate_await(work->let_fd);
    }
}

static void done(struct job *job, bool has_run)
{
    struct work *work = container_of(job, struct work, job);

    work->done_calls++;
    work->has_run = has_run;
}

static struct work quick_work(void)
{
    struct work work = {.begun_fd = -1, .let_fd = -1};

    job_init(&work.job, run, done);
    return work;
}

static struct work held_work(void)
{
    struct work work = quick_work();

    work.begun_fd = eventfd(0, EFD_CLOEXEC);
    work.let_fd = eventfd(0, EFD_CLOEXEC);
    assert_int_not_equal(work.begun_fd, -1);
    assert_int_not_equal(work.let_fd, -1);
    return work;
}

static void close_work(struct work *work)
{
    (void)close(work->begun_fd);
    (void)close(work->let_fd);
}

static void submit(struct work *work)
{
    assert_int_equal(threadpool_submit(pool, &work->job), 0);
}

static void run_until_done(const struct work *work)
{
    for (int i = 0; i < 1000 && work->done_calls == 0; i++)
        assert_int_equal(loop_run_once(loop, PATIENCE_MS), 0);
    assert_int_equal(work->done_calls, 1);
}

static void make_pool(unsigned threads, unsigned queue_max, uint32_t idle_ms)
{
    const struct threadpool_settings settings = {
        .threads = threads,
        .queue_max = queue_max,
        .idle_ms = idle_ms,
        .queued = &queued,
        .running = &running,
        .jobs = &jobs,
        .refused = &refused,
    };

    assert_int_equal(threadpool_create(loop, &settings, &pool), 0);
}

static bool end_pool(uint32_t wait_ms)
{
    struct thread_pool *ended = pool;

    pool = NULL;
    return threadpool_destroy(ended, wait_ms);
}

static int set_up(void **state)
{
    queued = running = jobs = refused = 0;
    created = 0;
    no_threads = false;
    return loop_create(&loop);
}

static int clean_up(void **state)
{
    bool has_ended = end_pool(PATIENCE_MS);

    loop_destroy(loop);
    return has_ended ? 0 : 1;
}

static void a_job_runs_in_a_thread_and_is_done_in_the_loop(void **state)
{
    struct work work = quick_work();

    make_pool(2, 8, NEVER_MS);
    assert_int_equal(created, 0);
    submit(&work);
    assert_int_equal(work.done_calls, 0);
    run_until_done(&work);
    assert_true(work.has_run);
    assert_false(pthread_equal(work.thread, pthread_self()));
    assert_int_equal(created, 1);
    assert_int_equal(counter_get(&jobs), 1);
    assert_int_equal(counter_get(&queued), 0);
    assert_int_equal(counter_get(&running), 0);
}

static void threads_block_signals_and_have_a_name(void **state)
{
    struct work work = quick_work();
    sigset_t ours;

    make_pool(1, 8, NEVER_MS);
    submit(&work);
    run_until_done(&work);
    assert_true(sigismember(&work.blocked, SIGTERM));
    assert_true(sigismember(&work.blocked, SIGHUP));
    assert_true(sigismember(&work.blocked, SIGALRM));
    assert_string_equal(work.thread_name, "tinyweb-io");
    (void)pthread_sigmask(SIG_BLOCK, NULL, &ours);
    assert_false(sigismember(&ours, SIGALRM));
}

static void a_job_may_be_used_again_when_it_is_done(void **state)
{
    struct work work = quick_work();

    make_pool(1, 1, NEVER_MS);
    for (int i = 0; i < 100; i++) {
        work.done_calls = 0;
        submit(&work);
        run_until_done(&work);
    }
    assert_int_equal(created, 1);
}

static void as_many_threads_as_jobs_but_no_more_than_allowed(void **state)
{
    struct work held[2] = {held_work(), held_work()};
    struct work third = quick_work();

    make_pool(2, 8, NEVER_MS);
    submit(&held[0]);
    gate_await(held[0].begun_fd);
    submit(&held[1]);
    gate_await(held[1].begun_fd); /* beside the first, which is still held */
    submit(&third);
    assert_int_equal(created, 2);
    assert_int_equal(counter_get(&running), 2);
    assert_int_equal(counter_get(&queued), 1);
    assert_int_equal(loop_run_once(loop, 0), 0);
    assert_int_equal(third.done_calls, 0);
    gate_tell(held[1].let_fd);
    run_until_done(&third);
    assert_int_equal(held[1].done_calls, 1);
    assert_int_equal(held[0].done_calls, 0);
    gate_tell(held[0].let_fd);
    run_until_done(&held[0]);
    close_work(&held[0]);
    close_work(&held[1]);
}

static void a_full_queue_refuses(void **state)
{
    struct work held = held_work(), waits = quick_work(), refuse = quick_work();

    make_pool(1, 1, NEVER_MS);
    submit(&held);
    gate_await(held.begun_fd);
    submit(&waits);
    assert_int_equal(threadpool_submit(pool, &refuse.job), -EAGAIN);
    assert_int_equal(counter_get(&refused), 1);
    gate_tell(held.let_fd);
    run_until_done(&waits);
    assert_int_equal(refuse.done_calls, 0);
    submit(&refuse); /* now there is room */
    run_until_done(&refuse);
    close_work(&held);
}

static void without_any_thread_the_caller_is_told(void **state)
{
    struct work work = quick_work();

    make_pool(2, 8, NEVER_MS);
    no_threads = true;
    assert_int_equal(threadpool_submit(pool, &work.job), -EAGAIN);
    assert_int_equal(counter_get(&queued), 0);
    no_threads = false;
    submit(&work);
    run_until_done(&work);
}

static void with_one_thread_a_second_that_cannot_be_made_is_not_missed(void **state)
{
    struct work held = held_work(), waits = quick_work();

    make_pool(2, 8, NEVER_MS);
    submit(&held);
    gate_await(held.begun_fd);
    no_threads = true;
    submit(&waits);
    gate_tell(held.let_fd);
    run_until_done(&waits);
    close_work(&held);
}

static void a_waiting_job_can_be_withdrawn_a_running_one_cannot(void **state)
{
    struct work held = held_work(), waits = quick_work(), behind = quick_work();

    make_pool(1, 8, NEVER_MS);
    submit(&held);
    gate_await(held.begun_fd);
    submit(&waits);
    submit(&behind);
    assert_true(threadpool_withdraw(pool, &waits.job));
    assert_int_equal(counter_get(&queued), 1);
    assert_false(threadpool_withdraw(pool, &held.job));
    gate_tell(held.let_fd);
    run_until_done(&behind);
    assert_int_equal(held.done_calls, 1);
    assert_int_equal(waits.done_calls, 0);
    assert_false(pthread_equal(behind.thread, pthread_self()));
    close_work(&held);
}

/* One that submits again from done(). */
struct again {
    struct work work;
    int left;
};

static void done_again(struct job *job, bool has_run)
{
    struct again *again = container_of(job, struct again, work.job);

    again->work.has_run = has_run;
    if (again->left == 0)
        again->work.done_calls++;
    else if (again->left--)
        assert_int_equal(threadpool_submit(pool, job), 0);
}

static void done_may_submit(void **state)
{
    struct again again = {.work = quick_work(), .left = 10};

    job_init(&again.work.job, run, done_again);
    make_pool(1, 1, NEVER_MS);
    submit(&again.work);
    run_until_done(&again.work);
    assert_int_equal(counter_get(&jobs), 11);
}

static void an_idle_thread_ends_and_another_is_made_when_there_is_work(void **state)
{
    struct work work = quick_work();

    make_pool(1, 8, 1);
    for (int round = 1; round <= 3; round++) {
        work.done_calls = 0;
        submit(&work);
        run_until_done(&work);
        if (created == round) /* joined by this iteration; a slow machine has done so before */
            assert_int_equal(loop_run_once(loop, PATIENCE_MS), 0);
    }
    assert_in_range(created, 2, 3);
}

static void at_the_end_running_jobs_are_awaited_and_waiting_ones_dropped(void **state)
{
    struct work held = held_work(), waits[2] = {quick_work(), quick_work()};

    make_pool(1, 8, NEVER_MS);
    submit(&held);
    gate_await(held.begun_fd);
    submit(&waits[0]);
    submit(&waits[1]);
    gate_tell(held.let_fd);
    assert_true(end_pool(PATIENCE_MS));
    assert_int_equal(held.done_calls, 1);
    assert_true(held.has_run);
    for (int i = 0; i < 2; i++) /* whether their turn came before the end or not: once each */
        assert_int_equal(waits[i].done_calls, 1);
    assert_int_equal(counter_get(&queued), 0);
    assert_int_equal(counter_get(&running), 0);
    close_work(&held);
}

static struct work *other; /* withdrawn by done() of the first */

static void done_withdraws_other(struct job *job, bool has_run)
{
    done(job, has_run);
    assert_true(threadpool_withdraw(pool, &other->job));
}

static void done_at_the_end_may_withdraw_what_waits(void **state)
{
    struct work held = held_work(), first = quick_work(), second = quick_work();
    struct thread_pool *ending;

    job_init(&first.job, run, done_withdraws_other);
    other = &second;
    make_pool(1, 8, NEVER_MS);
    submit(&held);
    gate_await(held.begun_fd);
    submit(&first);
    submit(&second);
    ending = pool;
    assert_false(threadpool_destroy(ending, 0)); /* the thread is still held */
    assert_int_equal(first.done_calls, 1);
    assert_false(first.has_run);
    assert_int_equal(second.done_calls, 0);
    assert_int_equal(threadpool_submit(ending, &second.job), -EAGAIN);
    assert_int_equal(held.done_calls, 0);
    /* A process would end here by _exit. A test lets go, and waits for the thread once more. */
    gate_tell(held.let_fd);
    assert_true(end_pool(PATIENCE_MS));
    assert_int_equal(held.done_calls, 1);
    close_work(&held);
}

static void jobs_that_nobody_looks_after_are_done_once_each(void **state)
{
    enum { COUNT = 2000 };
    struct work *work = calloc(COUNT, sizeof(*work));
    int withdrawn = 0, done_count = 0;

    assert_non_null(work);
    make_pool(3, 16, 1);
    for (int i = 0; i < COUNT; i++) {
        work[i] = quick_work();
        while (threadpool_submit(pool, &work[i].job) != 0)
            assert_int_equal(loop_run_once(loop, PATIENCE_MS), 0);
        if (i % 3 == 0 && threadpool_withdraw(pool, &work[i].job))
            withdrawn++;
    }
    assert_true(end_pool(PATIENCE_MS));
    for (int i = 0; i < COUNT; i++) {
        assert_in_range(work[i].done_calls, 0, 1);
        done_count += work[i].done_calls;
    }
    assert_int_equal(done_count + withdrawn, COUNT);
    free(work);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, clean_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_job_runs_in_a_thread_and_is_done_in_the_loop),
        TEST(threads_block_signals_and_have_a_name),
        TEST(a_job_may_be_used_again_when_it_is_done),
        TEST(as_many_threads_as_jobs_but_no_more_than_allowed),
        TEST(a_full_queue_refuses),
        TEST(without_any_thread_the_caller_is_told),
        TEST(with_one_thread_a_second_that_cannot_be_made_is_not_missed),
        TEST(a_waiting_job_can_be_withdrawn_a_running_one_cannot),
        TEST(done_may_submit),
        TEST(an_idle_thread_ends_and_another_is_made_when_there_is_work),
        TEST(at_the_end_running_jobs_are_awaited_and_waiting_ones_dropped),
        TEST(done_at_the_end_may_withdraw_what_waits),
        TEST(jobs_that_nobody_looks_after_are_done_once_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
