/* SPDX-License-Identifier: MIT */
/* value_route.h - fields that say which requests a host or a location answers. */
#ifndef TINYWEB_CONFIG_VALUE_ROUTE_H
#define TINYWEB_CONFIG_VALUE_ROUTE_H

#include "config/config_value.h"

/* As value_store. */
void host_names_store(const struct config_value *value, struct config_report *report,
                      struct host_config *host);
void prefix_store(const struct config_value *value, struct config_report *report,
                  struct location_config *location);
void globs_store(const struct config_value *value, struct config_report *report, void *record);

/* What a target ends in, right behind a "/", to stand for what follows the prefix. */
#define REDIRECT_TAIL "$tail"

void redirect_store(const struct config_value *value, struct config_report *report,
                    struct location_config *location);
void redirect_free(struct redirect_config *redirect);

/* Reports what is wrong with a path that is compared with decoded, normalised ones. */
bool route_check_path(const struct config_value *value, struct slice path,
                      struct config_report *report);

/* A name, or an address as it stands in a URL; in lower case. */
bool route_is_host_name(struct slice name);

#endif
