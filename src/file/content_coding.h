/* SPDX-License-Identifier: MIT */
/* content_coding.h - the content codings (RFC 9110 section 8.4.1) that a file may be kept in. */
#ifndef TINYWEB_FILE_CONTENT_CODING_H
#define TINYWEB_FILE_CONTENT_CODING_H

#include "base/slice.h"

/* Of codings that a client likes equally the last one is sent. */
enum content_coding { CODING_IDENTITY, CODING_GZIP, CODING_ZSTD, CODING_BR, CODING_COUNT };

/* What a file's name ends in: ".gz". Empty for CODING_IDENTITY. */
struct slice coding_suffix(enum content_coding coding);

/* What Content-Encoding calls it: "gzip". */
struct slice coding_name(enum content_coding coding);

/* The coding that Accept-Encoding means by @name: in any letter case, "x-gzip" is "gzip".
 * CODING_COUNT: an unknown one. */
enum content_coding coding_from_name(struct slice name);

/* The coding that the name of a file itself says: of "a.svgz", which is an image/svg+xml of its own
 * and not a sibling of any file. Else CODING_IDENTITY. */
enum content_coding coding_of_file(struct slice path);

#endif
