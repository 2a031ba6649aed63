/* SPDX-License-Identifier: MIT */
/* local_account.c - fgetpwent(3) and fgetgrent(3), which read a file and load nothing. */

#include "os/local_account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

static int find_user(FILE *file, const char *user, struct identity *identity)
{
    const struct passwd *row;
    size_t size = strlen(user) + 1;
    if (size > sizeof(identity->user))
        return -ENAMETOOLONG;
    while ((row = fgetpwent(file))) {
        if (strcmp(row->pw_name, user) != 0)
            continue;
        memcpy(identity->user, user, size);
        identity->uid = row->pw_uid;
        identity->gid = row->pw_gid;
        return 0;
    }
    return ferror(file) ? -EIO : -ENOENT;
}

static bool has_member(const struct group *group, const char *user)
{
    for (char **member = group->gr_mem; *member; member++) {
        if (strcmp(*member, user) == 0)
            return true;
    }
    return false;
}

static int find_groups(FILE *file, struct identity *identity)
{
    const struct group *row;
    identity->groups[0] = identity->gid;
    identity->group_count = 1;
    while ((row = fgetgrent(file))) {
        if (!has_member(row, identity->user) || priv_has_group(identity, row->gr_gid))
            continue;
        if (identity->group_count == PRIV_GROUPS_MAX)
            return -E2BIG;
        identity->groups[identity->group_count++] = row->gr_gid;
    }
    return ferror(file) ? -EIO : 0;
}

int local_account_find(const char *user, const char *passwd_path, const char *group_path,
                       struct identity *ret_identity)
{
    struct identity identity = {0};
    FILE *file = fopen(passwd_path, "re");
    int err = file ? find_user(file, user, &identity) : -errno;
    if (file)
        (void)fclose(file); /* it was only read */
    if (err)
        return err;

    file = fopen(group_path, "re");
    err = file ? find_groups(file, &identity) : -errno;
    if (file)
        (void)fclose(file);
    if (!err)
        *ret_identity = identity;
    return err;
}
