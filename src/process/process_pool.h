/* SPDX-License-Identifier: MIT */
/*
 * process_pool.h - the table of child processes: start, ready, reap, start again, stop.
 *
 * Children come in groups (one group is one configuration). Each has a slot, a number that no
 * other living child has, and a channel. A child that dies is replaced: at once if it lived for
 * a while, after a pause if not. The pool knows nothing of what children do; it forks, tells and
 * asks through procpool_ops.
 */
#ifndef TINYWEB_PROCESS_PROCESS_POOL_H
#define TINYWEB_PROCESS_PROCESS_POOL_H

#include "base/list.h"
#include "base/macros.h"
#include "event/event_loop.h"
#include "os/channel.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A child's exit status when it could not begin its work: trying again at once is no use. */
#define CHILD_EXIT_STARTUP 2

/* A child that lived for less is replaced after a pause, which bounds what starting again and again costs. */
#define CHILD_YOUNG_MS 1000
#define CHILD_PAUSE_MS 100
/* Where it had reported and nobody else is left: whoever can make children crash shall gain no more
 * than the moment it takes to start one. */
#define CHILD_PAUSE_ALONE_MS 10
/* One that had not even reported is in no hurry: PAUSE is doubled each time, up to this. */
#define CHILD_PAUSE_MAX_MS 5000
/* A child that has not reported by then has failed to start. */
#define CHILD_START_TIMEOUT_MS 30000
/* From TERM to KILL: what is told to end at once has ended within a second. */
#define CHILD_TERM_TIMEOUT_MS 800
/* From KILL to going on without it: even that waits until a read from a disk has ended. */
#define CHILD_KILL_TIMEOUT_MS 1000

struct process_pool;

enum group_state {
    GROUP_STARTING,    /* not all of its children have reported */
    GROUP_RUNNING,     /* children are replaced when they die */
    GROUP_FAILED,      /* one could not start; waits for the owner to stop it */
    GROUP_QUITTING,    /* told to finish; nobody is replaced from here on */
    GROUP_TERMINATING, /* told to end at once */
    GROUP_KILLED,      /* killed */
    GROUP_GONE         /* no child left */
};

/* Embedded in its owner, which keeps it until on_gone. Read only. */
struct child_group {
    enum group_state state;
    unsigned number;     /* 1, 2, … in order of start */
    unsigned first_slot; /* its children have first_slot … first_slot + count - 1 */
    unsigned count;
    unsigned ready_count;
    unsigned alive_count;
    unsigned open_count;   /* of those who leave: that may still accept */
    struct list_node node; /* private, as the rest */
    struct timer deadline; /* of the start, or of the patience with those who leave */
    struct process_pool *pool;
};

struct procpool_ops {
    /* Fork: in the parent the pid or -errno; in the child it never returns. @channel_fd is the
     * child's end. */
    pid_t (*spawn)(void *context, struct child_group *group, unsigned slot, int channel_fd);
    /* All children have reported (once a group). */
    void (*on_ready)(void *context, struct child_group *group);
    /* A starting group will not become ready: stop it. */
    void (*on_failed)(void *context, struct child_group *group);
    /* Nobody of a group that was told to leave accepts any more (once, before on_gone); NULL: nobody
     * cares. */
    void (*on_closed)(void *context, struct child_group *group);
    /* The last child of a group that was told to leave is gone; the owner may free the group. */
    void (*on_gone)(void *context, struct child_group *group);
    /* A child has ended, in whatever way: release what it held. Before its replacement starts. */
    void (*on_reaped)(void *context, struct child_group *group, unsigned slot, pid_t pid);
    /* A child that is none of the pool's has ended; NULL: nobody cares. */
    void (*on_other_reaped)(void *context, pid_t pid, int status);
};

/* Room for @slots children at once. Borrows loop, ops and context. 0 or -errno. */
MUST_CHECK int procpool_create(struct event_loop *loop, const struct procpool_ops *ops,
                               void *context, unsigned slots, struct process_pool **ret_pool);
void procpool_destroy(struct process_pool *pool); /* no group may be left; NULL is fine */

/* Start @count children. -ENOSPC: not that many slots in a row are free. Whatever else goes wrong
 * is told by on_failed. */
MUST_CHECK int procpool_start(struct process_pool *pool, struct child_group *group, unsigned count);

/* To all children of the group; the descriptor, if any, stays the caller's. */
void procpool_send(struct child_group *group, enum chan_type type, uint32_t value, int passed_fd);

/* Ask all to finish; after @patience_ms (0: no limit) they are told to end. */
void procpool_quit(struct child_group *group, uint32_t value, uint32_t patience_ms);
/* Tell all to end; who has not after CHILD_TERM_TIMEOUT_MS is killed. */
void procpool_terminate(struct child_group *group);

/* Of the group's child @index; 0: it is dead, and not replaced yet. */
pid_t procpool_pid(const struct child_group *group, unsigned index);

/* SIGCHLD: any number of children has ended. */
void procpool_reap(struct process_pool *pool);

/* Calls @each for every group, which must not start or free groups. */
void procpool_each_group(struct process_pool *pool, void (*each)(struct child_group *group));
bool procpool_is_empty(const struct process_pool *pool); /* no group */
/* Children of all groups that were told to leave, who may still accept. */
unsigned procpool_count_open(const struct process_pool *pool);

#endif
