/* SPDX-License-Identifier: MIT */
/* config_origin.h - remembers where each value that is not a default came from. */
#ifndef TINYWEB_CONFIG_CONFIG_ORIGIN_H
#define TINYWEB_CONFIG_CONFIG_ORIGIN_H

#include "config/config.h"
#include "config/config_report.h"

/* The last place that set a key counts. */
void origin_note(struct config *config, const char *section, const char *key,
                 struct config_place place, struct config_report *report);

/* "tinyweb.conf:12" or "-g"; NULL for a default. */
const char *origin_find(const struct config *config, const char *section, const char *key);

void origins_free(struct config *config);

#endif
