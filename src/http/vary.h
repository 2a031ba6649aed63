/* SPDX-License-Identifier: MIT */
/* vary.h - what a request has in the fields that a reply varies on (RFC 9111 section 4.1). */
#ifndef TINYWEB_HTTP_VARY_H
#define TINYWEB_HTTP_VARY_H

#include "base/writer.h"
#include "http/header_table.h"

/* Names a reply may vary on; with more it is not kept. */
#define VARY_NAMES_MAX 16

/*
 * Write the names of all Vary lines of a reply in lower case, each once, in order of the alphabet,
 * with "," between. @w overflows when they do not fit or are too many.
 */
void vary_write_names(struct writer *w, const struct header_table *reply);

/*
 * Write what @request has in the fields of @names, which vary_write_names has written: one line a
 * field, "name:value", its lines trimmed and joined by ", ", or "name" alone for a field that is
 * not there. Two requests with the same text may have the same reply.
 */
void vary_write_values(struct writer *w, struct slice names, const struct header_table *request);

#endif
