/* SPDX-License-Identifier: MIT */
/* config_check_routes.h - names of hosts and locations that clash, and what can never answer. */
#ifndef TINYWEB_CONFIG_CONFIG_CHECK_ROUTES_H
#define TINYWEB_CONFIG_CONFIG_CHECK_ROUTES_H

#include "config/site_settings.h"

/* Does not look at the file system. @file: for what has no value to point at. */
void check_routes(const struct config *config, const struct site_settings *settings,
                  const char *file, struct config_report *report);

#endif
