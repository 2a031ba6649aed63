/* SPDX-License-Identifier: MIT */
/* config_check_routes.h - names of hosts and locations that clash, and what can never answer. */
#ifndef TINYWEB_CONFIG_CONFIG_CHECK_ROUTES_H
#define TINYWEB_CONFIG_CONFIG_CHECK_ROUTES_H

#include "config/site_settings.h"

/* Does not look at the file system. */
void check_routes(const struct config *config, const struct site_settings *settings,
                  struct config_report *report);

#endif
