/* SPDX-License-Identifier: MIT */
/*
 * landlock.h - takes from a thread what its user may do with files and ports (landlock(7)).
 *
 * Needs no rights and cannot be undone. It holds for the calling thread and for those that it
 * creates later, so it comes before the first of them. What is open already stays usable.
 */
#ifndef TINYWEB_OS_LANDLOCK_H
#define TINYWEB_OS_LANDLOCK_H

#include "base/macros.h"

#include <stdbool.h>
#include <stddef.h>

#define LANDLOCK_ABI_NET 4 /* the first that knows of TCP ports */

/* Which version the kernel offers, from 1 on. -ENOSYS: it has none; -EOPNOTSUPP: it was started
 * without; -EPERM: somebody, such as a container's own filter, forbids to ask. */
int landlock_abi(void);

/* What is still allowed; all is borrowed for the call. */
struct landlock_grant {
    const int *dir_fds; /* directories that may be read, with all below them */
    size_t dir_count;
    const int *own_fds; /* in these files and directories may be made, written and removed, too */
    size_t own_count;
    bool may_connect; /* to TCP ports (from ABI 4 on none may be without) */
};

/*
 * From now on only what @grant says: nothing else may be read, written, created, removed or
 * executed, and no TCP port be bound. Processes outside are sent no signals (from ABI 6 on).
 * Needs no_new_privs. 0 or -errno; after an error nothing has changed.
 */
MUST_CHECK int landlock_restrict(const struct landlock_grant *grant);

#endif
