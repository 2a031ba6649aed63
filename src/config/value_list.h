/* SPDX-License-Identifier: MIT */
/* value_list.h - fields that hold several values, which blanks separate: names, addresses, networks. */
#ifndef TINYWEB_CONFIG_VALUE_LIST_H
#define TINYWEB_CONFIG_VALUE_LIST_H

#include "config/config_value.h"

/* The option that may stand behind an address of `listen`. */
#define LISTEN_PROXY_PROTOCOL "proxy_protocol"

/* As value_store. */
void names_store(const struct config_value *value, struct config_report *report, void *record);
void media_types_store(const struct config_value *value, struct config_report *report,
                       void *record); /* in lower case */
void addresses_store(const struct config_value *value, struct config_report *report, void *record);
void networks_store(const struct config_value *value, struct config_report *report, void *record);

/* For fields of this kind. The next word of @rest; false when there is none. */
bool list_next_word(struct slice *rest, struct slice *ret_word);
/* False after a report: there are too many already. */
bool list_check_count(const struct config_value *value, size_t count, struct config_report *report);
/* A copy of @word; false without memory. */
bool list_add(struct string_list *list, struct slice word, struct config_report *report);

void names_free(struct string_list *names);
void addresses_free(struct config *config);
void networks_free(struct network_list *networks);

#endif
