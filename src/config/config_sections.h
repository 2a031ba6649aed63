/* SPDX-License-Identifier: MIT */
/* config_sections.h - sections there may be many of: [host NAME], [location NAME], [upstream NAME]. */
#ifndef TINYWEB_CONFIG_CONFIG_SECTIONS_H
#define TINYWEB_CONFIG_CONFIG_SECTIONS_H

#include "config/site_settings.h"

/* How the record of each of them begins. */
struct section_head {
    char *name; /* in lower case */
    struct config_place place;
};

/* The section of that name, in lower case; a new one, at @place, if need be, with its defaults.
 * False without memory. */
MUST_CHECK bool sections_enter(struct config *config, struct slice kind, struct slice name,
                               struct config_place place, struct config_report *report,
                               struct setting_owner *ret_owner);

/* Where the values of a section go: its record; that of [server] is the configuration. */
void *sections_record(struct config *config, struct setting_owner owner);

/* To go through all of them, whatever their kind: false when there are no more. *@ret_kind is
 * "host"; start with a zeroed @at. */
struct section_walk {
    size_t kind, index;
};
bool sections_next(const struct config *config, struct section_walk *at, const char **ret_kind,
                   const struct section_head **ret_head);

/* What the rows of the schema own. */
void sections_free(struct config *config);

#endif
