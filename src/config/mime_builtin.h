/* SPDX-License-Identifier: MIT */
/* mime_builtin.h - the media types of the web, for a server that is started without a file. */
#ifndef TINYWEB_CONFIG_MIME_BUILTIN_H
#define TINYWEB_CONFIG_MIME_BUILTIN_H

#include <stddef.h>

struct mime_builtin {
    const char *type;
    const char *extensions; /* separated by spaces */
};

const struct mime_builtin *mime_builtin_rows(size_t *ret_count);

#endif
