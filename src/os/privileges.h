/* SPDX-License-Identifier: MIT */
/* privileges.h - gives up root for good, and what else a worker must never need again. */
#ifndef TINYWEB_OS_PRIVILEGES_H
#define TINYWEB_OS_PRIVILEGES_H

#include "base/macros.h"

#include <stdbool.h>
#include <sys/types.h>

#define PRIV_NAME_SIZE 64
#define PRIV_GROUPS_MAX 128

struct identity {
    uid_t uid;
    gid_t gid;
    char user[PRIV_NAME_SIZE]; /* for messages */
    int group_count;
    gid_t groups[PRIV_GROUPS_MAX]; /* `gid` among them */
};

bool priv_is_root(void);

/*
 * @user NULL: www-data, else nobody. @group NULL: the user's own. Where neither is given, a www-data
 * of /etc/passwd is taken with its groups of /etc/group. Else asks the system's name service, in a
 * child, because what that loads would stay in the process: call it before workers are forked, and
 * never beside threads. -ENOENT: no such user; -ESRCH: no such group; -ENAMETOOLONG; -E2BIG:
 * the user is in too many groups; else -errno of the name service.
 */
MUST_CHECK int priv_find(const char *user, const char *group, struct identity *ret_identity);

/* Whether @gid is one of its groups. */
bool priv_has_group(const struct identity *identity, gid_t gid);

/*
 * Become @identity: supplementary groups, group, user; verified, and that root cannot be had
 * back. Root only, except for an identity that the process has already (then nothing changes).
 * 0, -errno, or -EPERM when the process could still become root.
 */
MUST_CHECK int priv_drop(const struct identity *identity);

/*
 * For every worker, after priv_drop: no new rights by execve, no capabilities unless still root,
 * no core dumps or ptrace by the same user (what is in memory may be others' requests).
 * 0 or -errno.
 */
MUST_CHECK int priv_harden(void);

#endif
