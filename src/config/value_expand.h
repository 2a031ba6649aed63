/* SPDX-License-Identifier: MIT */
/*
 * value_expand.h - variables of the environment in the values of a file.
 *
 *   ${NAME}            its value; an error where there is no such variable
 *   ${NAME:-DEFAULT}   the default where it is missing or empty
 *   $${                the two bytes "${"
 *
 * A "$" with anything else behind it is a "$": "$tail" and prices need no care. Values of the
 * command line and of the environment itself are taken as they are.
 */
#ifndef TINYWEB_CONFIG_VALUE_EXPAND_H
#define TINYWEB_CONFIG_VALUE_EXPAND_H

#include "base/macros.h"
#include "config/config_report.h"

#include <stdio.h>

/* "NAME=VALUE", ending with NULL; NULL itself has no variable. */
typedef const char *const *environment_list;

/* NULL: there is none of that name. Borrowed from @environment. */
const char *environment_find(environment_list environment, struct slice name);

/* Whether the configuration may hold a text from outside: UTF-8 without control bytes. */
bool environment_is_text(struct slice text);

/*
 * The caller frees it. @place is that of the first byte of @text; each variable that is wrong is
 * reported at its own. NULL then, or without memory, which the report remembers.
 */
MUST_CHECK char *value_expand(struct slice text, struct config_place place,
                              environment_list environment, struct config_report *report);

/* Write a text so that value_expand makes it of what was written. */
void value_write_literal(const char *text, FILE *out);

#endif
