/* SPDX-License-Identifier: MIT */
/* config_check_sites.h - what sites say of the file system: their roots and their error pages. */
#ifndef TINYWEB_CONFIG_CONFIG_CHECK_SITES_H
#define TINYWEB_CONFIG_CONFIG_CHECK_SITES_H

#include "config/site_settings.h"

/*
 * As the calling user: every root is a directory (and becomes its real path, once in
 * config->roots), error pages exist and are read. A mistake is reported where it was made, not
 * again where it was inherited. @whole is the place of what has none.
 */
void check_sites(struct config *config, const struct site_settings *settings,
                 struct config_place whole, struct config_report *report);

#endif
