/* SPDX-License-Identifier: MIT */
/*
 * thread_pool.h - what would stop the loop goes to a few threads, and its end comes back as an event.
 *
 *     loop's thread                          one of the threads
 *     threadpool_submit() ──► queue ───────► run()
 *     done() ◄── eventfd(2) ◄── finished ◄───┘
 *
 * A job is embedded in what it works on. From threadpool_submit() until done() it belongs to the
 * pool, and outlives whoever asked for it: so it owns its memory (by malloc; the worker's mempool
 * belongs to the loop) and holds references on all that it uses, and of a connection it knows
 * only a conn_ref. run() touches nothing but the job: no loop, connection, log, counter or counted
 * reference. done() is called exactly once for each submitted job, in the loop's thread.
 *
 * Threads are made by the first jobs and end when there were none for `idle_ms`, so a worker that
 * needs none has none. They block every signal and have 128 KiB of stack. Made after the sandbox
 * is entered, they inherit it whole; it has to allow clone(2) with CLONE_THREAD (clone3 may be ENOSYS),
 * mmap, mprotect, munmap, madvise, set_robust_list, rseq, prctl(PR_SET_NAME), futex and exit.
 *
 * All calls are for the loop's thread. Never fork() while threads are there.
 */
#ifndef TINYWEB_EVENT_THREAD_POOL_H
#define TINYWEB_EVENT_THREAD_POOL_H

#include "base/counters.h"
#include "base/list.h"
#include "base/macros.h"
#include "event/event_loop.h"

#include <stdbool.h>
#include <stdint.h>

struct thread_pool;
struct job;

struct job {
    /* In a thread. May take as long as it likes. */
    void (*run)(struct job *job);
    /* In the loop's thread, when the job is its owner's again: here it is freed or used anew.
     * @has_run: false when the pool ends before its turn came. */
    void (*done)(struct job *job, bool has_run);
    struct list_node node; /* private */
    uint8_t state;         /* private: enum job_state */
};

static inline void job_init(struct job *job, void (*run)(struct job *job),
                            void (*done)(struct job *job, bool has_run))
{
    *job = (struct job){.run = run, .done = done};
    list_init(&job->node);
}

struct threadpool_settings {
    unsigned threads;   /* at most; not 0 */
    unsigned queue_max; /* jobs that wait for a thread */
    uint32_t idle_ms;   /* a thread ends that had nothing to do for so long */
    /* NULL: not counted. Waiting and running now; taken and turned away so far. */
    counter *queued, *running, *jobs, *refused;
};

/* Borrows @loop until destroyed; no thread is made yet. 0 or -errno. */
MUST_CHECK int threadpool_create(struct event_loop *loop,
                                 const struct threadpool_settings *settings,
                                 struct thread_pool **ret_pool);

/* 0; or -EAGAIN, and the job is the caller's still: the queue is full, or there can be no thread.
 * He does the work himself then, or does without. May be called from done(). */
MUST_CHECK int threadpool_submit(struct thread_pool *pool, struct job *job);

/* True when the job's turn has not come, nor will it: it is the caller's again, and done() is not
 * called. False: it is running or has run, and done() will be called. Only for a submitted job. */
MUST_CHECK bool threadpool_withdraw(struct thread_pool *pool, struct job *job);

/*
 * Jobs that have run get their done(true), those that wait a done(false) at once; what is running is
 * waited for, but for @wait_ms at most. False when that was not enough: the thread, its job and the
 * pool's memory stay, and the process has to end by _exit(2). NULL is fine, and true.
 */
bool threadpool_destroy(struct thread_pool *pool, uint32_t wait_ms);

#endif
