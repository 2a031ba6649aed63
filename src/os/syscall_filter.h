/* SPDX-License-Identifier: MIT */
/*
 * syscall_filter.h - the system calls that a worker makes once it serves, and no others (seccomp(2)).
 *
 * Made once, as a program for the kernel that children inherit. A call that is not on the list fails
 * with EPERM and does not end the process. One that came with Linux 5.1 or later fails with ENOSYS, so
 * that the C library falls back to what it did before. One of 32-bit code in a process of 64 bits
 * ends it.
 */
#ifndef TINYWEB_OS_SYSCALL_FILTER_H
#define TINYWEB_OS_SYSCALL_FILTER_H

#include "base/macros.h"

#include <stdbool.h>

struct syscall_filter;

/* @may_connect: new sockets may be made and connected. @may_write: files may be made and removed,
 * where Landlock lets them be. -ENOSYS: not written for this architecture; -EINVAL: the kernel has no
 * such filters; else -errno. */
MUST_CHECK int syscall_filter_create(bool may_connect, bool may_write,
                                     struct syscall_filter **ret_filter);
void syscall_filter_destroy(struct syscall_filter *filter); /* NULL is fine */

/* For all threads of the process, for good. Needs no_new_privs. 0 or -errno; after an error
 * nothing has changed. */
MUST_CHECK int syscall_filter_install(const struct syscall_filter *filter);

#endif
