/* SPDX-License-Identifier: MIT */
/* directive_text.h - a directive's type and range in words, for messages and for the schema. */
#ifndef TINYWEB_CONFIG_DIRECTIVE_TEXT_H
#define TINYWEB_CONFIG_DIRECTIVE_TEXT_H

#include "config/config_schema.h"

#include <stddef.h>

/* Long enough for both texts of any row. */
#define DIRECTIVE_TEXT_SIZE 128

/* One word: "duration". */
const char *directive_type_name(enum directive_type type);

/* "auto or 1 to 256", "1ms to 1h", "off, stdout, stderr or a file"; terminated. What a message
 * puts behind "expected". */
void directive_expected(const struct directive *row, char out[DIRECTIVE_TEXT_SIZE]);

/* A number in the unit of the row's type: "16k", "15s", "100"; terminated. */
void directive_number(enum directive_type type, uint64_t value, char out[DIRECTIVE_TEXT_SIZE]);

#endif
