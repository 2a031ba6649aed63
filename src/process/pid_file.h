/* SPDX-License-Identifier: MIT */
/*
 * pid_file.h - says which process is the master, and that there is only one.
 *
 * The file holds the pid, and the master holds a lock on it while it lives, so a file that a dead
 * one left behind is no obstacle and fools nobody.
 */
#ifndef TINYWEB_PROCESS_PID_FILE_H
#define TINYWEB_PROCESS_PID_FILE_H

#include "base/macros.h"

#include <sys/types.h>

struct pid_file {
    char *path; /* owned; NULL: none */
    int fd;     /* locked; -1: none */
};

/* 0; -EEXIST: the server of pid *@ret_holder is running with it; else -errno. */
MUST_CHECK int pid_file_create(struct pid_file *file, const char *path, pid_t *ret_holder);
/* Give it another name, in place of what may stand there. 0; -ESTALE: it is not ours any more; else
 * -errno, and it keeps its name. */
MUST_CHECK int pid_file_rename(struct pid_file *file, const char *path);
/* Unlinked only when it still is that file and holds our pid. */
void pid_file_remove(struct pid_file *file);

/* The pid of the running server whose file this is. -ENOENT: no such file; -ESRCH: nobody has it
 * locked, so no server is running; -EINVAL: it is no pid file; else -errno. */
MUST_CHECK int pid_file_read(const char *path, pid_t *ret_pid);

#endif
