/* SPDX-License-Identifier: MIT */
/* cache_key.h - what a reply is found by (RFC 9111 section 2): the URI, in one spelling. */
#ifndef TINYWEB_CACHE_CACHE_KEY_H
#define TINYWEB_CACHE_CACHE_KEY_H

#include "base/writer.h"

/* "http://host/path?query", the host in lower case and without the usual port; @query with its "?", or
 * empty. Into @w, which overflows when it does not fit. */
void cache_key_write(struct writer *w, struct slice host, struct slice path, struct slice query);

#endif
