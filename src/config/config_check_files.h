/* SPDX-License-Identifier: MIT */
/* config_check_files.h - what the configuration says of the file system and of users. */
#ifndef TINYWEB_CONFIG_CONFIG_CHECK_FILES_H
#define TINYWEB_CONFIG_CONFIG_CHECK_FILES_H

#include "config/config_check.h"

/*
 * As the calling user: the root is a directory (and becomes its real path), users and groups
 * exist, folders of logs exist. Reads what is included: error pages and media types.
 */
void check_files(const struct config_check *check);

#endif
