/* SPDX-License-Identifier: MIT */
/* process_pool_private.h - what process_pool.c (children) and child_group.c (groups) share. */
#ifndef TINYWEB_PROCESS_PROCESS_POOL_PRIVATE_H
#define TINYWEB_PROCESS_PROCESS_POOL_PRIVATE_H

#include "process/process_pool.h"

enum child_state {
    CHILD_NONE,     /* the slot is free, or its child has left for good */
    CHILD_STARTING, /* forked, has not reported */
    CHILD_READY,    /* has reported */
    CHILD_AWAITED   /* dead, to be replaced when due */
};

struct child {
    enum child_state state;
    unsigned slot;
    pid_t pid;            /* 0: none */
    bool is_closed;       /* it accepts no more */
    unsigned short_lives; /* in a row, that ended before it reported */
    int64_t started_ms;
    int64_t due_ms; /* when AWAITED */
    struct watcher channel;
    struct child_group *group; /* NULL: the slot is free */
    struct process_pool *pool;
};

struct process_pool {
    struct event_loop *loop;
    const struct procpool_ops *ops;
    void *context;
    struct list_node groups;
    struct task settle;   /* what follows from what happened in this iteration */
    struct timer respawn; /* the first replacement that is not due yet */
    unsigned last_number;
    unsigned slots;
    struct child children[];
};

/* Told to: nobody is replaced, and open_count counts. */
static inline bool group_is_told(const struct child_group *group)
{
    return group->state >= GROUP_QUITTING;
}

/* Fork, with a new channel: 0 or -errno. */
MUST_CHECK int child_spawn(struct child *child);
/* It was killed and has not ended: it is nobody's from here on, and runs no instruction any more. */
void child_abandon(struct child *child);

/* A starting group will not become ready; its owner is told at the end of the iteration. */
void group_fail(struct child_group *group);

/* Cancels what waits for the group, and tells its owner. */
void group_release(struct child_group *group);

#endif
