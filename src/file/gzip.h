/* SPDX-License-Identifier: MIT */
/* gzip.h - the bytes of a file, compressed (RFC 1952). */
#ifndef TINYWEB_FILE_GZIP_H
#define TINYWEB_FILE_GZIP_H

#include "file/open_file.h"

/*
 * Compress @file at @level (1 to 9) into a block from malloc, behind @headroom free bytes; the result
 * says neither name nor time, so that the same bytes give the same. Takes some 30 ms a MiB: for a thread; of
 * @file only its bytes and size are looked at, so its owner may go on using it.
 *
 * 0; -EFBIG: it would save less than a tenth; -EAGAIN: the file has changed meanwhile; -ENOMEM;
 * -ENOSYS: built without zlib; or -errno of reading.
 */
MUST_CHECK int gzip_compress(const struct open_file *file, int level, size_t headroom,
                             char **ret_block, size_t *ret_size);

#endif
