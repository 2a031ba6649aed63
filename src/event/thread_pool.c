/* SPDX-License-Identifier: MIT */
/*
 * thread_pool.c - one mutex over two lists: jobs that wait, and jobs that have run.
 *
 * The loop is woken by the job that finds the second list empty, and takes all of it at once. A
 * thread that ends says so in its slot and wakes the loop, too, which joins it.
 */
#include "event/thread_pool.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#ifdef TINYWEB_SANITIZERS
#define STACK_SIZE (1024U * 1024) /* their frames are larger */
#else
#define STACK_SIZE (128U * 1024) /* touched as it is used: 8 KiB, mostly */
#endif

enum job_state {
    JOB_OWNERS, /* not submitted, or done() has been called */
    JOB_QUEUED,
    JOB_RUNNING,
    JOB_FINISHED, /* has run, and waits for the loop */
};

enum slot_state {
    SLOT_EMPTY,
    SLOT_STARTED,
    SLOT_ENDED, /* to be joined */
};

struct slot {
    pthread_t thread;
    struct thread_pool *pool;
    enum slot_state state;
};

struct thread_pool {
    struct threadpool_settings settings;
    struct event_loop *loop;
    struct watcher watcher; /* of the eventfd */
    pthread_mutex_t mutex;  /* over all that follows */
    pthread_cond_t work;    /* threads wait here */
    pthread_cond_t ended;   /* threadpool_destroy() waits here */
    struct list_node queue;
    struct list_node finished;
    unsigned queued, running, alive, waiting; /* jobs, jobs, threads, threads */
    bool is_stopping;
    struct slot slots[];
};

static void lock(struct thread_pool *pool)
{
    (void)pthread_mutex_lock(&pool->mutex); /* of a plain mutex, used rightly, neither can fail */
}

static void unlock(struct thread_pool *pool)
{
    (void)pthread_mutex_unlock(&pool->mutex);
}

/* Under the mutex, which makes all threads one writer. */
static void publish(struct thread_pool *pool)
{
    if (pool->settings.queued)
        counter_set(pool->settings.queued, pool->queued);
    if (pool->settings.running)
        counter_set(pool->settings.running, pool->running);
}

static void count(counter *c)
{
    if (c)
        counter_add(c, 1);
}

static struct timespec deadline_in(uint32_t ms)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

static void wake_loop(struct thread_pool *pool)
{
    const uint64_t one = 1;

    /* Fails only if 2^64 of them were never read. */
    ssize_t n = write(pool->watcher.fd, &one, sizeof(one));
    (void)n;
}

/* --- in a thread */

/* Wait for work; false: it is time to end. */
static bool wait_for_job(struct thread_pool *pool)
{
    const struct timespec deadline = deadline_in(pool->settings.idle_ms);
    int err = 0;

    while (list_is_empty(&pool->queue) && !pool->is_stopping && err != ETIMEDOUT) {
        pool->waiting++;
        err = pthread_cond_timedwait(&pool->work, &pool->mutex, &deadline);
        pool->waiting--;
    }
    return !list_is_empty(&pool->queue) && !pool->is_stopping;
}

static void run_next(struct thread_pool *pool)
{
    struct job *job = container_of(pool->queue.next, struct job, node);
    bool is_first;

    list_remove(&job->node);
    job->state = JOB_RUNNING;
    pool->queued--;
    pool->running++;
    publish(pool);
    unlock(pool);

    job->run(job);

    lock(pool);
    is_first = list_is_empty(&pool->finished);
    job->state = JOB_FINISHED;
    list_append(&pool->finished, &job->node);
    pool->running--;
    publish(pool);
    if (is_first)
        wake_loop(pool); /* under the mutex: after it the pool may be gone */
}

static void *thread_main(void *argument)
{
    struct slot *slot = argument;
    struct thread_pool *pool = slot->pool;

    (void)pthread_setname_np(pthread_self(), "tinyweb-io"); /* for those who look: ps -L, gdb */
    lock(pool);
    while (wait_for_job(pool))
        run_next(pool);
    slot->state = SLOT_ENDED;
    pool->alive--;
    (void)pthread_cond_signal(&pool->ended);
    wake_loop(pool);
    unlock(pool);
    return NULL;
}

/* --- in the loop's thread */

static void join_ended(struct thread_pool *pool)
{
    for (unsigned i = 0; i < pool->settings.threads; i++) {
        struct slot *slot = &pool->slots[i];

        if (slot->state != SLOT_ENDED)
            continue;
        slot->state = SLOT_EMPTY;
        unlock(pool);
        (void)pthread_join(slot->thread, NULL); /* it has only to return */
        lock(pool);
    }
}

static int create_thread(struct slot *slot)
{
    sigset_t all, before;
    pthread_attr_t attributes;
    int err = pthread_attr_init(&attributes);

    if (err)
        return -err;
    err = pthread_attr_setstacksize(&attributes, STACK_SIZE);
    if (!err) {
        /* Inherited: signals are for the loop. */
        (void)sigfillset(&all);
        (void)pthread_sigmask(SIG_SETMASK, &all, &before);
        err = pthread_create(&slot->thread, &attributes, thread_main, slot);
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    (void)pthread_attr_destroy(&attributes);
    return -err;
}

/* One more thread, where there may be one. What goes wrong is no error as long as there is any. */
static void add_thread(struct thread_pool *pool)
{
    struct slot *slot = pool->slots;

    if (pool->alive == pool->settings.threads)
        return;
    join_ended(pool);
    while (slot->state != SLOT_EMPTY)
        slot++;
    slot->pool = pool;
    slot->state = SLOT_STARTED;
    pool->alive++;
    if (create_thread(slot) != 0) {
        slot->state = SLOT_EMPTY;
        pool->alive--;
    }
}

int threadpool_submit(struct thread_pool *pool, struct job *job)
{
    bool is_taken = false;

    assert(job->state == JOB_OWNERS);
    lock(pool);
    if (!pool->is_stopping && pool->queued < pool->settings.queue_max) {
        if (pool->waiting <= pool->queued)
            add_thread(pool);
        is_taken = pool->alive > 0;
    }
    if (is_taken) {
        job->state = JOB_QUEUED;
        list_append(&pool->queue, &job->node);
        pool->queued++;
        publish(pool);
        (void)pthread_cond_signal(&pool->work);
    }
    unlock(pool);
    count(is_taken ? pool->settings.jobs : pool->settings.refused);
    return is_taken ? 0 : -EAGAIN;
}

bool threadpool_withdraw(struct thread_pool *pool, struct job *job)
{
    bool is_queued;

    lock(pool);
    is_queued = job->state == JOB_QUEUED;
    if (is_queued) {
        list_remove(&job->node);
        job->state = JOB_OWNERS;
        pool->queued--;
        publish(pool);
    }
    unlock(pool);
    return is_queued;
}

static void hand_back(struct job *job, bool has_run)
{
    list_remove(&job->node);
    job->state = JOB_OWNERS;
    job->done(job, has_run);
}

/* Takes what has run out of a list that no thread sees any more; done() may submit again. */
static void hand_back_all(struct list_node *finished)
{
    while (!list_is_empty(finished))
        hand_back(container_of(finished->next, struct job, node), true);
}

static void on_wake(struct watcher *watcher, uint32_t events)
{
    struct thread_pool *pool = container_of(watcher, struct thread_pool, watcher);
    struct list_node finished;
    uint64_t wakes;
    ssize_t n = read(watcher->fd, &wakes, sizeof(wakes)); /* before the list is taken */

    (void)n;
    (void)events;
    list_init(&finished);
    lock(pool);
    list_splice(&finished, &pool->finished);
    join_ended(pool);
    unlock(pool);
    hand_back_all(&finished);
}

/* On Linux none of these can fail. */
static void init_sync(struct thread_pool *pool)
{
    pthread_condattr_t attributes;

    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&pool->mutex, NULL);
    (void)pthread_cond_init(&pool->work, &attributes);
    (void)pthread_cond_init(&pool->ended, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

static void free_pool(struct thread_pool *pool)
{
    (void)pthread_cond_destroy(&pool->ended);
    (void)pthread_cond_destroy(&pool->work);
    (void)pthread_mutex_destroy(&pool->mutex);
    (void)close(pool->watcher.fd);
    free(pool);
}

int threadpool_create(struct event_loop *loop, const struct threadpool_settings *settings,
                      struct thread_pool **ret_pool)
{
    struct thread_pool *pool = calloc(1,
                                      sizeof(*pool) + settings->threads * sizeof(pool->slots[0]));
    int err, fd;

    assert(settings->threads > 0);
    if (!pool)
        return -ENOMEM;
    pool->settings = *settings;
    pool->loop = loop;
    list_init(&pool->queue);
    list_init(&pool->finished);
    fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd == -1) {
        err = -errno;
        free(pool);
        return err;
    }
    watcher_init(&pool->watcher, fd, on_wake);
    init_sync(pool);
    err = loop_add(loop, &pool->watcher, EPOLLIN);
    if (err)
        free_pool(pool);
    else
        *ret_pool = pool;
    return err;
}

/* False: @wait_ms are over, and threads are left. */
static bool wait_for_threads(struct thread_pool *pool, uint32_t wait_ms)
{
    const struct timespec deadline = deadline_in(wait_ms);

    while (pool->alive > 0) {
        if (pthread_cond_timedwait(&pool->ended, &pool->mutex, &deadline) == ETIMEDOUT)
            return pool->alive == 0;
    }
    return true;
}

/* No thread takes a job any more; done() may still withdraw one that waits. */
static void drop_queue(struct thread_pool *pool)
{
    while (!list_is_empty(&pool->queue)) {
        struct job *job = container_of(pool->queue.next, struct job, node);

        pool->queued--;
        hand_back(job, false);
    }
}

bool threadpool_destroy(struct thread_pool *pool, uint32_t wait_ms)
{
    struct list_node finished;
    bool have_ended;

    if (!pool)
        return true;
    list_init(&finished);
    loop_remove(pool->loop, &pool->watcher);
    lock(pool);
    pool->is_stopping = true;
    (void)pthread_cond_broadcast(&pool->work);
    have_ended = wait_for_threads(pool, wait_ms);
    list_splice(&finished, &pool->finished);
    join_ended(pool);
    unlock(pool);
    hand_back_all(&finished);
    drop_queue(pool);
    lock(pool);
    publish(pool);
    unlock(pool);
    if (have_ended)
        free_pool(pool);
    return have_ended;
}
