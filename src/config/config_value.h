/* SPDX-License-Identifier: MIT */
/* config_value.h - one value between its text and its field in struct config, by its type. */
#ifndef TINYWEB_CONFIG_CONFIG_VALUE_H
#define TINYWEB_CONFIG_CONFIG_VALUE_H

#include "base/slice.h"
#include "config/config.h"
#include "config/config_report.h"
#include "config/config_schema.h"

/* One value to store, and what its messages and relative paths refer to. */
struct config_value {
    const struct directive *row;
    struct slice member; /* of a family: "404", "net" */
    struct slice text;
    struct config_place place;
    const char *base_dir; /* absolute; relative paths start there */
};

/*
 * Parse the text and put it in the place of the former value, which is freed. Nothing changes
 * after a mistake, which is reported with what was expected. Does not look at the file system;
 * users and groups are looked up by the checks.
 */
void value_store(const struct config_value *value, struct config_report *report,
                 struct config *config);

/*
 * The field as text that value_store reads back to the same; not for families. The caller owns
 * it (free). NULL when out of memory.
 */
char *value_text(const struct directive *row, const struct config *config) MUST_CHECK;

/* Free what the field of @row owns; a family's whole list. */
void value_free(const struct directive *row, struct config *config);

#endif
