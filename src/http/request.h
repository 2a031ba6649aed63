/* SPDX-License-Identifier: MIT */
/*
 * request.h - one request as it came, checked: plain data that handlers read.
 *
 * Slices point into the connection's input buffer and die with the request.
 */
#ifndef TINYWEB_HTTP_REQUEST_H
#define TINYWEB_HTTP_REQUEST_H

#include "http/header_table.h"
#include "http/method.h"

#include <stdint.h>

enum body_framing { BODY_NONE, BODY_LENGTH, BODY_CHUNKED };

struct request {
    struct slice line; /* the request line, without CRLF; for the log */
    enum http_method method;
    struct slice target; /* as received (RFC 9112 section 3.2) */
    struct slice path;   /* of the target, undecoded; "/" at least; empty for "*" */
    struct slice name;   /* the path decoded, without its leading "/" (file/path.h) */
    size_t stripped;     /* of the name, what is not looked up: a location's strip_prefix */
    struct slice query;  /* with its "?"; empty when there is none */
    struct slice host;   /* authority: of an absolute target, else of the Host field */
    /* The path is its own decoded form (file/path.h) and names nothing hidden: no escape, no byte
     * above ASCII, no segment that is empty or starts with a dot. False says nothing. */
    bool path_is_plain;
    bool is_masked; /* the line has what llhttp does not know: raw UTF-8, or a later version */
    bool is_http10;
    bool keep_alive; /* as the client wishes */
    bool expects_continue;
    enum body_framing framing;
    uint64_t content_length;
    struct header_table headers; /* last: see below */
};

/* Everything but the table, which is cleared by header_table_init. In two pieces, since of one that
 * large compilers make a loop, which takes longer to begin than to run. */
static inline void request_clear(struct request *req)
{
    const size_t half = offsetof(struct request, stripped);

    memset(req, 0, half);
    memset((char *)req + half, 0, offsetof(struct request, headers) - half);
}

#endif
