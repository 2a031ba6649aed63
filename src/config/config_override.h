/* SPDX-License-Identifier: MIT */
/* config_override.h - values of the command line. */
#ifndef TINYWEB_CONFIG_CONFIG_OVERRIDE_H
#define TINYWEB_CONFIG_CONFIG_OVERRIDE_H

#include "config/config_store.h"

/* "section.key=value"; a host or location has to be there. @base_dir as in struct entry_source. */
void override_apply(struct config_store *store, const struct config_override *override,
                    const char *base_dir);

#endif
