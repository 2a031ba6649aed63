/* SPDX-License-Identifier: MIT */
/*
 * log_mender.h - looks each second whether a syslog daemon has to be connected to again.
 *
 * For all workers, which may not connect and share the socket (os/syslog_socket.h); only while the
 * configuration in use has a log that goes there.
 */
#ifndef TINYWEB_PROCESS_LOG_MENDER_H
#define TINYWEB_PROCESS_LOG_MENDER_H

#include "event/event_loop.h"

struct generation;

struct log_mender {
    struct event_loop *loop;
    struct timer timer;
    struct generation *const *current; /* what it points to is NULL, or in use */
};

/* Borrows both. */
void log_mender_init(struct log_mender *mender, struct event_loop *loop,
                     struct generation *const *current);
void log_mender_done(struct log_mender *mender); /* harmless when it was never begun */

/* The configuration in use is another one. */
void log_mender_follow(struct log_mender *mender);

#endif
