/* SPDX-License-Identifier: MIT */
/* config_check_upstreams.h - rules of upstreams, and of the locations that they answer for. */
#ifndef TINYWEB_CONFIG_CONFIG_CHECK_UPSTREAMS_H
#define TINYWEB_CONFIG_CONFIG_CHECK_UPSTREAMS_H

#include "config/site_settings.h"

/* Report what cannot be meant so, and give each location with a `proxy` the number of its upstream. */
void check_upstreams(struct config *config, const struct site_settings *settings,
                     struct config_report *report);

#endif
