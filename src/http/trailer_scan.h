/* SPDX-License-Identifier: MIT */
/*
 * trailer_scan.h - the end of the field lines behind the last chunk (RFC 9112 section 7.1.2).
 *
 * Trailers are read and dropped, but where they end is where the next request begins. So they are
 * held to what head_scan and the parser want of a head: CRLF and nothing else ends a line, none is
 * folded, each has a name of token bytes and a colon, no control byte but HTAB is in it. llhttp
 * takes a bare LF for the end, and folded lines.
 */
#ifndef TINYWEB_HTTP_TRAILER_SCAN_H
#define TINYWEB_HTTP_TRAILER_SCAN_H

#include "base/slice.h"

enum trailer_state {
    TRAILER_LINE, /* at the first byte of a line */
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_VALUE_CR, /* LF has to follow */
    TRAILER_LAST_CR,  /* of the empty line: the same */
    TRAILER_END,
    TRAILER_BAD,
};

/*
 * The state after the bytes of @data behind those that led to @state. It is TRAILER_END when the
 * section is complete, of which *@ret_used bytes of @data were the last; TRAILER_BAD; or any other
 * when more bytes are needed.
 */
enum trailer_state trailer_scan(enum trailer_state state, struct slice data, size_t *ret_used);

#endif
