/* SPDX-License-Identifier: MIT */
/* config_origin.h - remembers where each value that is not a default came from. */
#ifndef TINYWEB_CONFIG_CONFIG_ORIGIN_H
#define TINYWEB_CONFIG_CONFIG_ORIGIN_H

#include "config/config.h"
#include "config/config_report.h"

/* The last place that set a key counts. */
void origin_note(struct config *config, const char *section, const char *key,
                 struct config_place place, struct config_report *report);

/* NULL for a default. The section is "server" or "host www". */
const struct config_place *origin_find(const struct config *config, const char *section,
                                       const char *key);

/* A copy of the name that lives as long as @config, the same for equal names; NULL without memory.
 */
const char *origin_name(struct config *config, const char *file, struct config_report *report);

void origins_free(struct config *config);

#endif
