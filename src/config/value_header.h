/* SPDX-License-Identifier: MIT */
/* value_header.h - fields that become lines of an answer's head: header.NAME and cache_control. */
#ifndef TINYWEB_CONFIG_VALUE_HEADER_H
#define TINYWEB_CONFIG_VALUE_HEADER_H

#include "config/config_value.h"

/* As value_store. An empty text unsets what was inherited, and what the server sends by itself. */
void header_store(const struct config_value *value, struct config_report *report,
                  struct site_config *site);
void headers_free(struct site_config *site);

/* For lists of fields elsewhere. The value of the field that is the member; a list is empty at
 * first. What it adds up to is for the caller to look at. */
void header_list_set(struct header_config **list, size_t *count, const struct config_value *value,
                     struct config_report *report);
size_t header_list_size(const struct header_config *list, size_t count); /* as lines, in bytes */
void header_list_free(struct header_config **list, size_t *count);

/* Printable ASCII, spaces and tabs: what a value of a field is made of. */
bool header_is_field_text(struct slice text);

/* The value of cache_control: NULL for off, else "auto" or the text. Takes the place of *@field. */
void cache_control_store(const struct config_value *value, struct config_report *report,
                         char **field);

#endif
