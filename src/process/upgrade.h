/* SPDX-License-Identifier: MIT */
/*
 * upgrade.h - a new program takes the place of this one, on the same sockets.
 *
 * The new one is a child that inherits the listeners in TINYWEB_LISTEN_FDS and tells through the
 * descriptor of TINYWEB_READY_FD that it serves. Nothing is decided here: the owner is told that
 * the new one serves, or that it is gone or late (then it has been killed).
 */
#ifndef TINYWEB_PROCESS_UPGRADE_H
#define TINYWEB_PROCESS_UPGRADE_H

#include "base/macros.h"
#include "event/event_loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define READY_VARIABLE "TINYWEB_READY_FD"
#define UPGRADE_REASON_SIZE 256

/* What is executed, as it was started. Borrowed. */
struct upgrade_program {
    const char *path; /* absolute */
    char *const *arguments;
    int start_dir_fd; /* where it was started; -1: here */
};

struct upgrade_ops {
    /* It serves. */
    void (*on_ready)(void *context, pid_t pid);
    /* It is gone, before it served or (@had_served) later. @why is half a sentence. */
    void (*on_gone)(void *context, bool had_served, const char *why);
};

enum upgrade_state {
    UPGRADE_NONE,
    UPGRADE_STARTING, /* it has not told that it serves */
    UPGRADE_SERVING
};

/* Read only. */
struct upgrade {
    enum upgrade_state state;
    pid_t pid; /* 0: none */
    int exec_error;
    bool is_late;
    struct event_loop *loop;
    const struct upgrade_ops *ops;
    void *context;
    struct watcher ready;
    struct timer deadline;
};

/* Borrows all. */
void upgrade_init(struct upgrade *upgrade, struct event_loop *loop, const struct upgrade_ops *ops,
                  void *context);

/* Start it with the sockets @fds. 0 or -errno; what goes wrong later is told by on_gone. */
MUST_CHECK int upgrade_start(struct upgrade *upgrade, const struct upgrade_program *program,
                             const int *fds, size_t count, uint32_t timeout_ms);

/* A child has ended: true when it was that one. */
bool upgrade_reaped(struct upgrade *upgrade, pid_t pid, int status);

/* We leave: one that has not begun to serve goes too; nothing is told any more. */
void upgrade_abandon(struct upgrade *upgrade);

/* In the new program: the descriptor named by the variable's text, which is one end of a pipe; -1:
 * there is none (NULL), or it is no such thing (-EINVAL is returned then). */
MUST_CHECK int upgrade_parse_ready(const char *text, int *ret_fd);
/* All serves: tell it, and close. */
void upgrade_tell_ready(int fd);

#endif
