/* SPDX-License-Identifier: MIT */
/* content_hash.h - a hash of the bytes of a file: the same for the same bytes, wherever they lie. */
#ifndef TINYWEB_FILE_CONTENT_HASH_H
#define TINYWEB_FILE_CONTENT_HASH_H

#include "base/macros.h"
#include "file/open_file.h"

/* Larger files are not hashed: reading them would keep a worker from its other connections. */
#define CONTENT_HASH_FILE_MAX (16U << 20)

struct content_hash {
    uint64_t high, low;
};

/* False: built without libxxhash. */
bool content_hash_is_available(void);

/*
 * 0; -EFBIG (a larger file); -EAGAIN (it has changed since it was opened); -ENOSYS (not
 * available); or another -errno of reading it. It is XXH3 of 128 bits, which is fast and spreads
 * well, but which somebody who wants two files of one hash can fool.
 */
MUST_CHECK int content_hash_of(const struct open_file *file, struct content_hash *ret_hash);

#endif
