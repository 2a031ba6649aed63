/* SPDX-License-Identifier: MIT */
/* value_forward.h - what is changed in messages that are passed on. */
#ifndef TINYWEB_CONFIG_VALUE_FORWARD_H
#define TINYWEB_CONFIG_VALUE_FORWARD_H

#include "config/config_value.h"

/* As value_store. */
void forward_host_store(const struct config_value *value, struct config_report *report,
                        void *record);
void authority_store(const struct config_value *value, struct config_report *report, void *record);
void field_names_store(const struct config_value *value, struct config_report *report,
                       void *record);
void set_header_store(const struct config_value *value, struct config_report *report,
                      struct location_config *location);

void forward_host_free(struct forward_config *forward);
void set_headers_free(struct location_config *location);

#endif
