/* SPDX-License-Identifier: MIT */
/* config_store.h - one entry after the other into the configuration: the last one counts. */
#ifndef TINYWEB_CONFIG_CONFIG_STORE_H
#define TINYWEB_CONFIG_CONFIG_STORE_H

#include "config/config_file.h"
#include "config/site_settings.h"
#include "config/value_expand.h"

struct config_store {
    struct config *config;
    struct config_report *report;
    struct config_place *places; /* one a row of the schema: where [server] and its like set it */
    struct site_settings settings;
    environment_list environment;
    bool is_root_named; /* even if its value was unusable */
};

/* Where an entry comes from. Both texts outlive the load. */
struct entry_source {
    const char *file;     /* for messages */
    const char *base_dir; /* absolute; relative paths start there */
    bool is_literal;      /* no variables in its value */
};

/* Mistakes are reported, and nothing changes then. */
void store_entry(struct config_store *store, const struct config_entry *entry,
                 const struct entry_source *source);

#endif
