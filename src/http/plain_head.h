/* SPDX-License-Identifier: MIT */
/*
 * plain_head.h - the head that nearly every client sends nearly always, in one pass.
 *
 * A shortcut beside llhttp, never in place of it: it takes a complete GET over HTTP/1.1 whose every
 * byte is beyond doubt, and leaves everything else, good or bad, to the parser. What it takes,
 * http_parser.h takes too, with the same outcome in every field; fuzz/fuzz_plain_head.c compares.
 */
#ifndef TINYWEB_HTTP_PLAIN_HEAD_H
#define TINYWEB_HTTP_PLAIN_HEAD_H

#include "http/request.h"

/*
 * Taken are, from the first byte of @data on:
 *   "GET " a target in origin-form, of ASCII, as request_line.h wants it " HTTP/1.1" CRLF
 *   field lines:  letters, digits, "-"  ":" at most one SP  visible ASCII and inner blanks  CRLF
 *   one Host, valid; none of Content-Length, Transfer-Encoding, Expect, Upgrade, Trailer, TE
 *   CRLF
 * and as many bytes and lines as @max_uri_size and the table's capacity allow.
 *
 * Fills @req, whose table has been given its rows, but for what follows from the Connection field;
 * *@ret_len: bytes of the head. False: *@req may be anything.
 */
bool plain_head_parse(struct slice data, size_t max_uri_size, struct request *req, size_t *ret_len);

#endif
