/* SPDX-License-Identifier: MIT */
/*
 * thread_per_connection.c - model 3: a thread is started for each connection.
 *
 * Engines are not shared, so that no lock is needed while serving: a thread takes a spare one, or
 * makes one, and gives it back with a warm file cache when its connection ends.
 */
#include "model.h"

#include <pthread.h>
#include <stdlib.h>

#define STACK_SIZE (256U * 1024)

struct spares {
    pthread_mutex_t lock;
    struct engine *first;
};

struct visit {
    const struct model *model;
    struct spares *spares;
    int fd;
};

static struct engine *take(struct spares *spares)
{
    struct engine *engine;

    pthread_mutex_lock(&spares->lock);
    engine = spares->first;
    if (engine)
        spares->first = engine->next;
    pthread_mutex_unlock(&spares->lock);
    return engine;
}

static void give(struct spares *spares, struct engine *engine)
{
    pthread_mutex_lock(&spares->lock);
    engine->next = spares->first;
    spares->first = engine;
    pthread_mutex_unlock(&spares->lock);
}

static void *serve(void *context)
{
    struct visit *visit = context;
    struct engine *engine = take(visit->spares);

    if (!engine)
        engine = engine_create(visit->model);
    engine_serve(engine, visit->fd);
    give(visit->spares, engine);
    free(visit);
    return NULL;
}

int main(int argc, char **argv)
{
    struct spares spares = {.lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_attr_t attributes;
    struct model model;

    model_init(&model, argc, argv);
    model_block(&model);
    if (pthread_attr_init(&attributes) != 0 ||
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) != 0 ||
        pthread_attr_setstacksize(&attributes, STACK_SIZE) != 0)
        return 1;
    give(&spares, engine_create(&model)); /* also makes what all engines share */
    for (;;) {
        struct visit *visit = malloc(sizeof(*visit));
        pthread_t thread;
        int err;

        if (!visit)
            return 1;
        *visit = (struct visit){.model = &model, .spares = &spares, .fd = model_accept(&model)};
        err = pthread_create(&thread, &attributes, serve, visit);
        if (err)
            model_fail("thread", err);
    }
}
