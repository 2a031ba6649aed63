/* SPDX-License-Identifier: MIT */
/* file_text.h - the whole of a small file in memory. */
#ifndef TINYWEB_CONFIG_FILE_TEXT_H
#define TINYWEB_CONFIG_FILE_TEXT_H

#include "base/macros.h"

#include <stddef.h>

/*
 * Terminated; the terminator is not counted. The caller frees it. A pipe is read to its end.
 * Returns 0, -EISDIR, -EFBIG above @max bytes, or another -errno.
 */
MUST_CHECK int file_text_read(const char *path, size_t max, char **ret_text, size_t *ret_len);

#endif
