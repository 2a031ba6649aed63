/* SPDX-License-Identifier: MIT */
/* value_origin.h - a list of web origins (RFC 6454), or "*". */
#ifndef TINYWEB_CONFIG_VALUE_ORIGIN_H
#define TINYWEB_CONFIG_VALUE_ORIGIN_H

#include "config/config_value.h"

/* As value_store. A word of the row stands for the empty list. */
void origins_store(const struct config_value *value, struct config_report *report, void *record);

#endif
