/* SPDX-License-Identifier: MIT */
/* worker_prepare.h - turns a copy of the master into a process that has no more than it needs. */
#ifndef TINYWEB_PROCESS_WORKER_PREPARE_H
#define TINYWEB_PROCESS_WORKER_PREPARE_H

#include "base/macros.h"
#include "process/worker.h"

/* Closes what belongs to others, sets limits, opens the lock, becomes the workers' user. What is
 * wrong is reported. No file but those below the roots can be opened afterwards, if there is a
 * sandbox. 0 or -errno. */
MUST_CHECK int worker_prepare(const struct worker_inheritance *inherited);

/* How many connections of clients it takes. Where requests are passed on, each may need a descriptor for
 * a server besides its own: who is accepted without one would be told 503, who waits is served. */
MUST_CHECK unsigned worker_capacity(const struct config *config);

#endif
