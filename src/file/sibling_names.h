/* SPDX-License-Identifier: MIT */
/*
 * sibling_names.h - which files of one directory have a precompressed file beside them.
 *
 * The names are taken from the directory alone: "a.js.br" says that "a.js" can be had in "br",
 * whether or not there is an "a.js".
 */
#ifndef TINYWEB_FILE_SIBLING_NAMES_H
#define TINYWEB_FILE_SIBLING_NAMES_H

#include "base/macros.h"
#include "file/content_coding.h"

/* So many entries are read in a few milliseconds; of a larger directory no list is made. */
#define SIBLING_NAMES_ENTRIES_MAX 16384

struct sibling_names;

/* Read the directory @fd, which is taken. 0, -EFBIG (too many entries), or another -errno. */
MUST_CHECK int sibling_names_read(int fd, struct sibling_names **ret_names);
void sibling_names_destroy(struct sibling_names *names); /* NULL is fine */

/* One bit for each coding, BIT(CODING_GZIP) …, that the file @name may be had in. */
unsigned sibling_names_find(const struct sibling_names *names, struct slice name);

/* Bytes of memory that they take. */
size_t sibling_names_size(const struct sibling_names *names);

#endif
