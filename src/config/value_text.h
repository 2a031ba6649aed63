/* SPDX-License-Identifier: MIT */
/* value_text.h - a field as text that value_store reads back to the same. */
#ifndef TINYWEB_CONFIG_VALUE_TEXT_H
#define TINYWEB_CONFIG_VALUE_TEXT_H

#include "config/config.h"
#include "config/config_schema.h"

#include <stdbool.h>

/* Without quotes. Not for families. Returns 0 or -errno of the stream. */
int value_write(const struct directive *row, const void *record, FILE *out);

/*
 * The quote this text needs in a file: "" for none, "\"" or "'". NULL when no form of it reads
 * back to the same (both quotes and a comment mark, a control byte, too long).
 */
const char *value_quote_for(const char *text);

#endif
