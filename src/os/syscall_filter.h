/* SPDX-License-Identifier: MIT */
/*
 * syscall_filter.h - the system calls that a worker makes once it serves, and no others (seccomp(2)).
 *
 * Made once by libseccomp, which is optional, as a program for the kernel; children inherit it as
 * plain memory, and install it without that library. A call that is not on the list fails with
 * EPERM and does not end the process; one that libseccomp has never heard of fails with ENOSYS, so
 * that a newer C library falls back to what it did before.
 */
#ifndef TINYWEB_OS_SYSCALL_FILTER_H
#define TINYWEB_OS_SYSCALL_FILTER_H

#include "base/macros.h"

#include <stdbool.h>

struct syscall_filter;

/* @may_connect: new sockets may be made and connected. @may_write: files may be made and removed,
 * where Landlock lets them be. -ENOSYS: built without libseccomp; -EINVAL:
 * the kernel has no such filters; else -errno. */
MUST_CHECK int syscall_filter_create(bool may_connect, bool may_write,
                                     struct syscall_filter **ret_filter);
void syscall_filter_destroy(struct syscall_filter *filter); /* NULL is fine */

/* For all threads of the process, for good. Needs no_new_privs. 0 or -errno; after an error
 * nothing has changed. */
MUST_CHECK int syscall_filter_install(const struct syscall_filter *filter);

#endif
