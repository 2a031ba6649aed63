/* SPDX-License-Identifier: MIT */
/*
 * sandbox.h - what a process that serves may still do, should somebody else ever steer it.
 *
 * Two parts, each of which works without the other: files and ports by Landlock, system calls by a
 * seccomp filter. Prepared once in the parent, entered by each child: files before the first thread
 * (the others inherit it), then system calls, which covers all threads, whenever they start. Both need
 * no_new_privs (priv_harden) and are for good; nobody gets out by any right that is left.
 */
#ifndef TINYWEB_OS_SANDBOX_H
#define TINYWEB_OS_SANDBOX_H

#include "base/macros.h"
#include "os/syscall_filter.h"

#include <stdbool.h>
#include <stddef.h>

#define SANDBOX_TEXT_SIZE 160

struct sandbox_policy {
    const int *dir_fds; /* borrowed: what may be read, with all below; O_PATH is enough */
    size_t dir_count;
    const int *own_fds; /* borrowed: what may be written, too: files are made and removed there */
    size_t own_count;
    bool may_connect; /* to other servers */
};

struct sandbox {
    struct sandbox_policy policy;
    int landlock;                  /* its version, or -errno: why there is none */
    struct syscall_filter *filter; /* NULL: why is in filter_err */
    int filter_err;
};

/* Built with instrumentation (sanitizers, coverage) that reads and writes files of its own and
 * starts threads: it cannot live in a sandbox. */
bool sandbox_is_instrumented(void);

/* Looks at what kernel and build offer, and compiles the filter. Never fails: a part may be
 * missing. */
void sandbox_init(struct sandbox *sandbox, const struct sandbox_policy *policy);
void sandbox_done(struct sandbox *sandbox);

bool sandbox_is_whole(const struct sandbox *sandbox);

/* "Landlock (ABI 7) and seccomp", "seccomp; no Landlock: ..."; cut to @size. */
void sandbox_describe(const struct sandbox *sandbox, char *text, size_t size);

/* Each does nothing where its part is missing. 0 or -errno; after an error nothing has changed. */
MUST_CHECK int sandbox_restrict_files(const struct sandbox *sandbox);
MUST_CHECK int sandbox_restrict_calls(const struct sandbox *sandbox);

#endif
