/* SPDX-License-Identifier: MIT */
/* config_check_caches.h - rules of [cache NAME], and of the locations that have one. */
#ifndef TINYWEB_CONFIG_CONFIG_CHECK_CACHES_H
#define TINYWEB_CONFIG_CONFIG_CHECK_CACHES_H

#include "config/site_settings.h"

/* Report what cannot be meant so, and give each location with a `cache` its number. */
void check_caches(struct config *config, const struct site_settings *settings,
                  struct config_report *report);

#endif
