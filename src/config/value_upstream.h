/* SPDX-License-Identifier: MIT */
/* value_upstream.h - servers of an upstream, and what is said of choosing and checking them. */
#ifndef TINYWEB_CONFIG_VALUE_UPSTREAM_H
#define TINYWEB_CONFIG_VALUE_UPSTREAM_H

#include "config/config_value.h"

/* As value_store. */
void servers_store(const struct config_value *value, struct config_report *report,
                   struct upstream_config *upstream);
void server_store(const struct config_value *value, struct config_report *report,
                  struct upstream_config *upstream); /* of the label that is the member */
void hash_key_store(const struct config_value *value, struct config_report *report, void *record);
void target_store(const struct config_value *value, struct config_report *report, void *record);
void status_range_store(const struct config_value *value, struct config_report *report,
                        void *record);

void servers_free(struct upstream_config *upstream);
void hash_key_free(struct hash_key_config *key);

/* "10.0.0.1:8080 weight=2", as it is read. */
void server_write(const struct upstream_server_config *server, FILE *out);

#endif
