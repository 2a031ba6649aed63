/* SPDX-License-Identifier: MIT */
/*
 * daemonize.h - leaves the terminal, but only after the start is known to have worked.
 *
 * The parent waits on a status pipe; until daemon_finish the child keeps the terminal's standard
 * error, so whatever goes wrong is read where the command was given, and the exit status is true.
 */
#ifndef TINYWEB_OS_DAEMONIZE_H
#define TINYWEB_OS_DAEMONIZE_H

#include "base/macros.h"

#include <stdbool.h>

struct daemonizer {
    int status_fd; /* child: where success is told; parent: where it is awaited */
};

/*
 * Fork. *@ret_is_parent true: call daemon_wait and exit with its result. False: a new session,
 * umask 027, the working directory is still the old one. 0 or -errno (nothing was forked).
 */
MUST_CHECK int daemon_begin(struct daemonizer *daemon, bool *ret_is_parent);

/* In the parent: 0 when the child has called daemon_finish, 1 when it ended without. */
int daemon_wait(struct daemonizer *daemon);

/* In the child: leave the terminal, the working directory becomes "/", and the parent is told. 0
 * or -errno: the parent has not been told then. */
MUST_CHECK int daemon_finish(struct daemonizer *daemon, int error_fd);

/* Its first part, for other processes of the daemon: standard input and output become /dev/null. */
MUST_CHECK int daemon_leave_input(void);

/* And its second, which opens nothing: standard error becomes a copy of @error_fd (-1: of standard
 * input). */
MUST_CHECK int daemon_leave_terminal(int error_fd);

/* Descriptors 0, 1, 2 that were closed at the start become /dev/null, so that no socket or log
 * ever takes their place and receives what somebody prints. First thing in main. */
MUST_CHECK int daemon_fill_stdio(void);

#endif
