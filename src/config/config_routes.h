/* SPDX-License-Identifier: MIT */
/* config_routes.h - hosts and locations: checked, and joined to routes. */
#ifndef TINYWEB_CONFIG_CONFIG_ROUTES_H
#define TINYWEB_CONFIG_CONFIG_ROUTES_H

#include "config/site_settings.h"

/*
 * Make the sites of all hosts and locations. Reported are names that are unknown or stand there
 * twice, and what can never answer; @whole is the file as such.
 */
void routes_build(struct config *config, const struct site_settings *settings,
                  struct config_place whole, struct config_report *report);
void routes_free(struct config *config); /* before the sections */

#endif
