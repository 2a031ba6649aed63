/* SPDX-License-Identifier: MIT */
/* request_line.h - method, target and version (RFC 9112 section 3), and the Host field. */
#ifndef TINYWEB_HTTP_REQUEST_LINE_H
#define TINYWEB_HTTP_REQUEST_LINE_H

#include "http/request.h"

/*
 * Take @line apart into @req: exactly two spaces, a method token, one of the four forms of target,
 * HTTP/1.0 or HTTP/1.1. Returns 0, or the status to answer: 400, 501 (method), 505 (version),
 * 414 (target longer than @max_uri_size).
 */
unsigned request_line_parse(struct slice line, size_t max_uri_size, struct request *req);

/*
 * Path and query of a target: no fragment and none of the bytes that are delimiters elsewhere.
 * Fills path, path_is_plain, query and is_masked; 0 or 400.
 */
unsigned request_path_parse(struct slice text, struct request *req);

/* uri-host [":" port] (RFC 9110 section 7.2); empty is allowed, as RFC 9112 section 3.2 says. */
bool host_is_valid(struct slice host);

/* Of an authority that is valid: its host, without the port and a final dot. A literal keeps its
 * brackets. */
struct slice authority_name(struct slice authority);

#endif
