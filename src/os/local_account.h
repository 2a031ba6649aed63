/* SPDX-License-Identifier: MIT */
/* local_account.h - a user of this machine's own files, without a name service and its modules. */
#ifndef TINYWEB_OS_LOCAL_ACCOUNT_H
#define TINYWEB_OS_LOCAL_ACCOUNT_H

#include "os/privileges.h"

#define LOCAL_PASSWD_FILE "/etc/passwd"
#define LOCAL_GROUP_FILE "/etc/group"

/*
 * @user as the files in the format of passwd(5) and group(5) tell it, with the groups in the order
 * of getgrouplist(3). -ENOENT: they have no such user; -E2BIG: it is in too many groups;
 * -ENAMETOOLONG; else -errno of opening or reading.
 */
MUST_CHECK int local_account_find(const char *user, const char *passwd_path, const char *group_path,
                                  struct identity *ret_identity);

#endif
