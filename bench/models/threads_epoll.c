/* SPDX-License-Identifier: MIT */
/*
 * threads_epoll.c - model 6: one process, WORKERS threads, each with events and an engine of its
 * own. All wait for the one listener; EPOLLEXCLUSIVE wakes one of them.
 */
#include "model.h"

#include <pthread.h>

static struct worker_counters counters[MODEL_WORKERS_MAX];

struct worker {
    const struct model *model;
    unsigned index;
};

static void *run(void *context)
{
    const struct worker *worker = context;
    const struct engine_group group = {
        .counters = counters,
        .count = worker->model->workers,
        .index = worker->index,
    };

    engine_run(engine_create(worker->model), worker->model, &group);
}

int main(int argc, char **argv)
{
    struct worker workers[MODEL_WORKERS_MAX];
    struct model model;

    model_init(&model, argc, argv);
    for (unsigned i = 0; i < model.workers; i++) {
        pthread_t thread;
        int err;

        workers[i] = (struct worker){.model = &model, .index = i};
        err = i + 1 < model.workers ? pthread_create(&thread, NULL, run, &workers[i]) : 0;
        if (err)
            model_fail("thread", err);
    }
    run(&workers[model.workers - 1]);
}
