/* SPDX-License-Identifier: MIT */
/*
 * file_lock.h - a lock on a whole file that belongs to a process (fcntl(2), record locks).
 *
 * The kernel frees it when the process ends, however it ends. It is not inherited by a child, and
 * taking it twice in one process succeeds. The trap: closing any descriptor of that file frees it
 * too, so nobody else in the process may open the file.
 */
#ifndef TINYWEB_OS_FILE_LOCK_H
#define TINYWEB_OS_FILE_LOCK_H

#include "base/macros.h"

#include <sys/types.h>

/* The descriptor must be open for writing. -EAGAIN: another process holds it. */
MUST_CHECK int file_lock_try(int fd);
/* Sleeps until it is free. */
MUST_CHECK int file_lock_wait(int fd);
int file_lock_release(int fd);
/* The process, another than ours, that holds it; 0: none. -ESRCH when it is held by a process that
 * has no number here (another pid namespace). */
MUST_CHECK int file_lock_holder(int fd, pid_t *ret_pid);

#endif
