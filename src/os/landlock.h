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

/*
 * From now on only the @count directories of @dir_fds may be read, with all below them; nothing
 * may be written, created, removed or executed, no TCP port be bound, and without @may_connect
 * none be connected to (from ABI 4 on). Processes outside are sent no signals (from ABI 6 on).
 * Needs no_new_privs. 0 or -errno; after an error nothing has changed.
 */
MUST_CHECK int landlock_restrict(const int *dir_fds, size_t count, bool may_connect);

#endif
