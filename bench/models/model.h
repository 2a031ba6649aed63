/* SPDX-License-Identifier: MIT */
/*
 * model.h - what the six models of concurrency share, so that each is only its model.
 *
 *   model DIR PORT [WORKERS [ACCEPT_MUTEX]]
 *
 * All serve DIR on 127.0.0.1:PORT with the product's parser, protocol, file cache and handler. An
 * engine is what one thread needs to serve: nothing in it may be used by two at once.
 */
#ifndef TINYWEB_BENCH_MODEL_H
#define TINYWEB_BENCH_MODEL_H

#include "config/config.h"
#include "event/event_loop.h"
#include "http/http_context.h"
#include "net/connection_pool.h"
#include "os/shmtx.h"

#define MODEL_WORKERS_MAX 64

struct model {
    struct config *config;
    int root_fd;
    int listen_fd;
    unsigned workers;         /* 2 unless told otherwise */
    enum shmtx_backend mutex; /* for the pool of processes; */
    bool has_mutex;           /* false: EPOLLEXCLUSIVE alone */
    bool is_deferred;         /* TCP_DEFER_ACCEPT: who says nothing yet is not accepted */
    bool has_own_listeners;   /* SO_REUSEPORT: one for each worker, from model_listen_alone() */
};

struct engine {
    struct worker_counters counters; /* of an engine that nobody is beside */
    struct event_loop *loop;
    struct mempool *mempool;
    struct http_context *http;
    struct connection_pool *pool; /* of one slot, for engine_serve() */
    struct engine *next;          /* for lists of whoever made it */
};

/* How engines in one address space or shared memory take turns; see net/server.h. */
struct engine_group {
    struct worker_counters *counters;
    size_t count;
    size_t index; /* ours */
    struct shmtx *accept_mutex;
};

/* Ends the program with a message when something is wrong: models have nobody to report to. */
void model_init(struct model *model, int argc, char **argv);
_Noreturn void model_fail(const char *what, int err);

/* A listener at the model's address beside those of other workers. Where workers have their own, there
 * is no other. */
void model_listen_alone(struct model *model);

/* A connection that blocks, from a listener that blocks after model_block(). */
void model_block(const struct model *model);
int model_accept(const struct model *model);

/* Owned by the caller, and never destroyed: models end by a signal. */
struct engine *engine_create(const struct model *model);

/* Serve one blocking connection, which is taken, until it ends. */
void engine_serve(struct engine *engine, int fd);

/* Accept and serve by events, for ever. @group NULL: alone. */
_Noreturn void engine_run(struct engine *engine, const struct model *model,
                          const struct engine_group *group);

#endif
