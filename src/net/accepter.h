/* SPDX-License-Identifier: MIT */
/*
 * accepter.h - takes connections from one listening socket, in turn with the other workers.
 *
 * Every worker has one accepter a listener, watched level-triggered and EPOLLEXCLUSIVE, so that
 * one connection wakes one worker. Whoever is woken never declines: it tries the accept mutex,
 * takes a bounded batch, and lets go before any other work. See accepter.c for what a loser does
 * and how the load is balanced.
 */
#ifndef TINYWEB_NET_ACCEPTER_H
#define TINYWEB_NET_ACCEPTER_H

#include "base/address.h"
#include "base/counters.h"
#include "event/event_loop.h"
#include "os/shmtx.h"

struct accepter;

/* What the accepters of one worker share; all borrowed. */
struct accepter_env {
    struct event_loop *loop;
    struct shmtx *mutex; /* NULL: EPOLLEXCLUSIVE alone */
    uint32_t mutex_delay_ms;
    struct worker_counters *counters; /* of all workers */
    size_t counters_count;
    size_t counters_index; /* ours */
    /* Makes room when there is none: closes an idle connection. False when it could not. */
    bool (*make_room)(void *context);
    /* Takes the descriptor, which came from @accepter. */
    void (*on_accepted)(void *context, const struct accepter *accepter, int fd,
                        const struct address *peer);
    /* What waits for a descriptor longer than a few rests is refused instead: @fd is taken. */
    void (*on_refused)(void *context, int fd, const struct address *peer);
    /* Nothing can be accepted for lack of descriptors or of memory. */
    void (*on_exhausted)(void *context, int err);
    void *context;
};

struct accepter {
    struct watcher watcher;
    struct timer rest_timer;
    const struct accepter_env *env;
    int64_t losing_since_ms; /* 0: the last try got the mutex */
    int64_t no_rest_until_ms;
    uint64_t helpers;           /* bit set: workers that may use our rest */
    uint64_t helpers_accepted;  /* by them, when it began */
    int64_t rest_ended_ms;      /* 0: nothing to judge */
    unsigned useless_rests;     /* in a row */
    int64_t exhausted_since_ms; /* 0: the last try went well */
    int reserve_fd;             /* closed to accept and refuse; -1: there is none */
    bool is_resting_for_balance;
};

/* Watches from now on. 0 or -errno; @listen_fd stays the caller's. */
MUST_CHECK int accepter_start(struct accepter *accepter, const struct accepter_env *env,
                              int listen_fd);
/* No more accepting; @take_waiting: after taking what waits already (nobody else will). */
void accepter_stop(struct accepter *accepter, bool take_waiting);

#endif
