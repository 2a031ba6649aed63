/* SPDX-License-Identifier: MIT */
/*
 * mime_types.h - file extension to media type (RFC 9110 section 8.3.1); letter case is ignored.
 *
 * A hashed table that owns its strings, built once per worker; lookups do not allocate.
 */
#ifndef TINYWEB_FILE_MIME_TYPES_H
#define TINYWEB_FILE_MIME_TYPES_H

#include "base/macros.h"
#include "base/slice.h"

struct mime_types;

/* @expected: how many rows will be added, a hint. NULL: out of memory. */
struct mime_types *mime_types_create(size_t expected, struct slice default_type);
void mime_types_destroy(struct mime_types *types);

/* @extension has no dot; a later row replaces an earlier one. 0 or -ENOMEM. */
MUST_CHECK int mime_types_add(struct mime_types *types, struct slice extension, struct slice type);

/* The type for the last segment of @path: its longest known extension after a dot that is not
 * the first byte ("a.tar.gz" is looked up as "tar.gz", then as "gz"), else the default. */
struct slice mime_types_lookup(const struct mime_types *types, struct slice path);

/* Whether an extension of @path is known, so that its type is not the default for lack of one. */
bool mime_types_know(const struct mime_types *types, struct slice path);

/*
 * True for types that a charset parameter helps: text/… and the JavaScript types. XML says its
 * encoding itself, and a parameter would overrule that (RFC 7303 section 3); JSON is UTF-8 and has
 * no such parameter (RFC 8259 section 11). False for a type that has parameters of its own.
 */
bool mime_type_wants_charset(struct slice type);

#endif
