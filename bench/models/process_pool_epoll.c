/* SPDX-License-Identifier: MIT */
/*
 * process_pool_epoll.c - model 5: WORKERS processes, each with events. What the product is, in the
 * same order: listen, share memory, fork, attach to the accept mutex, then the engine.
 *
 * It knows one mutex more than the product, the semaphore, and as ways without one TCP_DEFER_ACCEPT
 * (deferred) and SO_REUSEPORT (reuseport). SIGTERM ends it; then it tells what
 * each worker has counted.
 */
#include "model.h"

#include "process/shared_state.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void run_worker(struct model *model, struct shared_state *shared,
                                 struct shmtx *mutex, unsigned slot)
{
    const struct engine_group group = {
        .counters = shared->counters,
        .count = model->workers,
        .index = slot,
        .accept_mutex = model->has_mutex ? mutex : NULL,
    };
    int err = model->has_mutex ? shmtx_attach(mutex) : 0;

    if (err)
        model_fail("mutex", err);
    if (model->has_own_listeners)
        model_listen_alone(model);
    engine_run(engine_create(model), model, &group);
}

static void print_counters(const struct model *model, const struct shared_state *shared)
{
    for (unsigned i = 0; i < model->workers; i++) {
        const struct worker_counters *counters = &shared->counters[i];

        printf("worker %u accepted %llu tries %llu misses %llu without %llu\n", i,
               (unsigned long long)counter_get(&counters->accepted),
               (unsigned long long)counter_get(&counters->mutex_tries),
               (unsigned long long)counter_get(&counters->mutex_misses),
               (unsigned long long)counter_get(&counters->accept_without_mutex));
    }
}

int main(int argc, char **argv)
{
    pid_t pids[MODEL_WORKERS_MAX];
    struct shared_state *shared;
    struct shmtx mutex;
    struct model model;
    sigset_t signals;
    int number;
    int err;

    model_init(&model, argc, argv);
    err = shared_state_create(&shared);
    if (!err && model.has_mutex)
        err = shmtx_create(&mutex, model.mutex, &shared->accept_mutex, NULL);
    if (err)
        model_fail("shared memory", err);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    for (unsigned i = 0; i < model.workers; i++) {
        pids[i] = fork();
        if (pids[i] == -1)
            model_fail("fork", errno);
        if (pids[i] == 0) {
            sigprocmask(SIG_UNBLOCK, &signals, NULL);
            run_worker(&model, shared, &mutex, i);
        }
    }
    sigwait(&signals, &number);
    for (unsigned i = 0; i < model.workers; i++)
        kill(pids[i], SIGKILL);
    while (wait(NULL) > 0)
        continue;
    print_counters(&model, shared);
    return 0;
}
