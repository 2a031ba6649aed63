/* SPDX-License-Identifier: MIT */
/* mime_table.h - grows the rows of struct mime_config. */
#ifndef TINYWEB_CONFIG_MIME_TABLE_H
#define TINYWEB_CONFIG_MIME_TABLE_H

#include "base/macros.h"
#include "base/slice.h"
#include "config/config.h"

/* More than any list of media types has (that of Debian: 1,600). */
#define MIME_ROWS_MAX 65536

/* Both in lower case in the table. Returns 0, -ENOMEM, or -E2BIG. */
MUST_CHECK int mime_table_append(struct mime_config *mime, struct slice extension,
                                 struct slice type);

/* The built-in rows. Returns 0 or -ENOMEM. */
MUST_CHECK int mime_table_append_builtin(struct mime_config *mime);

void mime_table_clear(struct mime_config *mime);

#endif
