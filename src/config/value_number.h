/* SPDX-License-Identifier: MIT */
/* value_number.h - fields that hold a number: counts, sizes, durations, choices, booleans. */
#ifndef TINYWEB_CONFIG_VALUE_NUMBER_H
#define TINYWEB_CONFIG_VALUE_NUMBER_H

#include "config/config_value.h"

/* As value_store. */
void number_store(const struct config_value *value, struct config_report *report, void *record);
void choice_store(const struct config_value *value, struct config_report *report, void *record);
void words_store(const struct config_value *value, struct config_report *report, void *record);
void bool_store(const struct config_value *value, struct config_report *report, void *record);

/* What is in the field of a number, a choice or a boolean. */
uint64_t number_of_field(const struct directive *row, const void *record);

#endif
