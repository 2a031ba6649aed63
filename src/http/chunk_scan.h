/* SPDX-License-Identifier: MIT */
/*
 * chunk_scan.h - chunked content up to its last chunk (RFC 9112 section 7.1).
 *
 * Where the content ends is where the next request begins, so the grammar is kept to the letter:
 * CRLF ends each line and each chunk's data, a size is hexadecimal digits and nothing else, and
 * chunk extensions, which are ignored whatever they say, are well-formed. llhttp takes less of
 * them (no second one, no blanks around ";" and "="), which are legal and have to be ignored.
 */
#ifndef TINYWEB_HTTP_CHUNK_SCAN_H
#define TINYWEB_HTTP_CHUNK_SCAN_H

#include "base/slice.h"

#include <stdint.h>

enum chunk_state {
    CHUNK_BAD,
    CHUNK_TOO_LARGE,
    CHUNK_LAST, /* the line of the last chunk has ended: trailers follow (trailer_scan.h) */

    CHUNK_SIZE_START, /* at the first byte of a chunk */
    CHUNK_SIZE,
    CHUNK_NAME_START, /* of an extension, or blanks before it */
    CHUNK_NAME,
    CHUNK_NAME_GAP,    /* blanks behind it */
    CHUNK_VALUE_START, /* behind "=", or blanks behind that */
    CHUNK_VALUE,
    CHUNK_QUOTED,
    CHUNK_ESCAPED,  /* behind a backslash in quotes */
    CHUNK_PART_END, /* behind the size, or a quoted value */
    CHUNK_PART_GAP, /* blanks there: an extension has to follow */
    CHUNK_LINE_LF,  /* LF has to follow */
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    CHUNK_STATE_COUNT,
};

struct chunk_scan {
    enum chunk_state state;
    uint64_t size;    /* of the chunk, of which this much is read, or still to come */
    uint64_t content; /* of all chunks so far, the current one included */
};

static inline void chunk_scan_init(struct chunk_scan *scan)
{
    *scan = (struct chunk_scan){.state = CHUNK_SIZE_START};
}

/*
 * Go on with the bytes of @data, of which *@ret_used were looked at: all of them, unless the state
 * is CHUNK_LAST now, CHUNK_BAD, or CHUNK_TOO_LARGE. That is said as soon as a size is known by
 * which the content will be larger than @max_size.
 */
enum chunk_state chunk_scan(struct chunk_scan *scan, struct slice data, uint64_t max_size,
                            size_t *ret_used);
/* The same, but no further than to the end of the first run of content, which is *@ret_content: the
 * last of the used bytes, or none of them. */
enum chunk_state chunk_scan_content(struct chunk_scan *scan, struct slice data, uint64_t max_size,
                                    size_t *ret_used, struct slice *ret_content);

#endif
