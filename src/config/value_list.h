/* SPDX-License-Identifier: MIT */
/* value_list.h - fields that hold several values, which blanks separate: names and addresses. */
#ifndef TINYWEB_CONFIG_VALUE_LIST_H
#define TINYWEB_CONFIG_VALUE_LIST_H

#include "config/config_value.h"

/* As value_store. */
void names_store(const struct config_value *value, struct config_report *report,
                 struct config *config);
void addresses_store(const struct config_value *value, struct config_report *report,
                     struct config *config);

void names_free(struct string_list *names);

#endif
