/* SPDX-License-Identifier: MIT */
/* config_routes.h - hosts and locations: found by name, checked, and joined to routes. */
#ifndef TINYWEB_CONFIG_CONFIG_ROUTES_H
#define TINYWEB_CONFIG_CONFIG_ROUTES_H

#include "config/site_settings.h"

/* The [host] or [location] of that name, in lower case; a new one, at @place, if need be, with its
 * defaults. False without memory. */
MUST_CHECK bool routes_section(struct config *config, struct slice kind, struct slice name,
                               struct config_place place, struct config_report *report,
                               struct setting_owner *ret_owner);

/* Where the values of the rows of RECORD_HOST or RECORD_LOCATION go. */
void *routes_record(struct config *config, struct setting_owner owner);

/*
 * Make the sites of all hosts and locations. Reported are names that are unknown or stand there
 * twice, and what can never answer; @whole is the file as such.
 */
void routes_build(struct config *config, const struct site_settings *settings,
                  struct config_place whole, struct config_report *report);
void routes_free(struct config *config);

#endif
