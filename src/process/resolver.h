/* SPDX-License-Identifier: MIT */
/*
 * resolver.h - a child of the master that looks up the names of upstreams' servers, again and again.
 *
 * Only where a configuration has names. Workers are confined, and getaddrinfo(3) may wait for seconds and
 * read any file it likes: so a process of its own does it, as the workers' user, and publishes what it
 * finds (upstream/name_table.h). When it dies another one is started; what it found stays.
 */
#ifndef TINYWEB_PROCESS_RESOLVER_H
#define TINYWEB_PROCESS_RESOLVER_H

#include "event/event_loop.h"
#include "os/process_title.h"
#include "process/generation.h"
#include "process/shared_state.h"

struct resolver {
    struct event_loop *loop;
    struct shared_state *shared;
    struct process_title *title;
    const struct generation *generations[2]; /* whose names are looked up; NULL: none */
    struct timer restart;
    pid_t pid;      /* 0: none runs */
    uint64_t names; /* what it looks up, as a number */
    bool is_told;   /* to end */
};

void resolver_init(struct resolver *resolver, struct event_loop *loop, struct shared_state *shared,
                   struct process_title *title);

/* From now on the names of these; each may be NULL. They stay until the next call. */
void resolver_follow(struct resolver *resolver, const struct generation *current,
                     const struct generation *next);
/* The same with what they have now: logs that were opened anew. */
void resolver_restart(struct resolver *resolver);

/* It will be gone: nothing of it is used any more. */
void resolver_forget(struct resolver *resolver, const struct generation *generation);

/* True: it was ours that has ended. */
bool resolver_reaped(struct resolver *resolver, pid_t pid, int status);
/* The master ends, and nobody is to start it again. */
void resolver_done(struct resolver *resolver);

#endif
