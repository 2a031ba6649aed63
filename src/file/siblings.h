/* SPDX-License-Identifier: MIT */
/*
 * siblings.h - which precompressed files ("a.js.br", "a.js.gz") lie beside a file.
 *
 * Known from a list of each directory, so that files without siblings cost no failing open each. A
 * list is trusted for `valid_ms`, then the directory is looked at, and read again only when it has
 * changed. Directories that are too large to be read in one turn, or that may not be listed, are
 * asked for each file. Bounded in directories and in memory.
 */
#ifndef TINYWEB_FILE_SIBLINGS_H
#define TINYWEB_FILE_SIBLINGS_H

#include "base/macros.h"
#include "base/slice.h"
#include "file/file_root.h"

#include <stdint.h>

struct siblings;

struct siblings_settings {
    uint32_t valid_ms; /* 0: looked at each time */
    uint64_t hash_seed;
};

MUST_CHECK int siblings_create(const struct siblings_settings *settings,
                               struct siblings **ret_siblings);
void siblings_destroy(struct siblings *siblings); /* NULL is fine */

/*
 * The codings of the siblings of @path below @root (as path_decode gives it, of a file), a bit each:
 * BIT(CODING_GZIP) …; 0 when there are none. A sibling that is named may still turn out to be
 * none: no regular file, not readable, too old.
 */
unsigned siblings_find(struct siblings *siblings, const struct file_root *root, struct slice path,
                       int64_t now_ms);

/* Memory is short: forget all lists. */
void siblings_trim(struct siblings *siblings);

#endif
