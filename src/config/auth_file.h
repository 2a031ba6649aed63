/* SPDX-License-Identifier: MIT */
/*
 * auth_file.h - the users of `auth_file`, in the format of htpasswd(1): a line "user:hash" each.
 *
 * What follows a second ":" is not looked at, nor are empty lines and those that start with "#". A
 * file is read once for all sites that name it, by the master: workers need no access to it.
 */
#ifndef TINYWEB_CONFIG_AUTH_FILE_H
#define TINYWEB_CONFIG_AUTH_FILE_H

#include "base/siphash.h"
#include "base/slice.h"
#include "config/config.h"
#include "config/config_report.h"

#define AUTH_FILE_SIZE_MAX (1U << 20)
#define AUTH_USER_LENGTH_MAX 255

/* Sorted by name, as unsigned bytes. */
struct auth_users {
    struct auth_users *next; /* private */
    char *path;
    char *text; /* that the users point into */
    struct auth_user *users;
    size_t count;
    struct siphash_key key; /* made of all hashes: as secret as they are */
};

/* Set @site->auth_users from its auth_file; @place is that of the key. Mistakes in the file are
 * reported at their place in it, once for all sites. */
void auth_file_resolve(struct site_config *site, struct config *config, struct config_place place,
                       struct config_report *report);

/* Report the files that clients could fetch, now that all roots are known. */
void auth_files_check_exposed(const struct config *config, struct config_report *report);
void auth_files_free(struct config *config);

/* The user of that name, or NULL. */
const struct auth_user *auth_users_find(const struct auth_users *users, struct slice name);

/*
 * Whose hash is compared where nobody has the name: then the answer takes as long as if it were that
 * user's. Chosen by the name and a key that strangers do not know, each user as often as any other; always the same for
 * the same name and file, in all workers and after a restart. @users has one at least.
 */
const struct auth_user *auth_users_stand_in(const struct auth_users *users, struct slice name);

/* Fill @users, whose text and path are set, from its text, which is written to. */
void auth_users_parse(struct auth_users *users, struct config_report *report);
void auth_users_free(struct auth_users *users); /* NULL is fine */

#endif
