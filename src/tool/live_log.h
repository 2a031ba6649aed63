/* SPDX-License-Identifier: MIT */
/*
 * live_log.h - `tinyweb DIR` shows its requests as they come, and sums them up at the end.
 *
 *     workers, master ──► standard output, a pipe ──► a process of its own ──► the real one
 *
 * The server writes its access log as ever; reading it back costs serving nothing. What is no line
 * of the log passes as it is.
 */
#ifndef TINYWEB_TOOL_LIVE_LOG_H
#define TINYWEB_TOOL_LIVE_LOG_H

#include "base/macros.h"
#include "os/process_title.h"

#include <stdbool.h>
#include <sys/types.h>

/* The process; 0: there is none. */
struct live_log {
    pid_t pid;
};

/* From now on standard output is the pipe. Before other processes and threads are made. Borrows
 * @title. 0 or -errno, and all is as before. */
MUST_CHECK int live_log_start(struct live_log *log, struct process_title *title);

/* When the server has ended: closes standard output, and waits until all is shown. */
void live_log_finish(struct live_log *log);

/* For the process, and its test: read @in_fd until its end, show it on @out_fd. 0 or -errno. */
int live_log_run(int in_fd, int out_fd, bool has_colours);

#endif
