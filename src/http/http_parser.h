/* SPDX-License-Identifier: MIT */
/*
 * http_parser.h - bytes to a checked struct request; the only user of llhttp.
 *
 * A head is scanned (head_scan.h), its request line parsed (request_line.h), then llhttp runs once
 * over the whole head, so that nothing arrives in pieces and nothing is copied. Most heads need none of
 * that: plain_head.h. What llhttp does
 * not check, or its versions check differently, is checked here (RFC 9112 sections 3.2, 6.3).
 */
#ifndef TINYWEB_HTTP_HTTP_PARSER_H
#define TINYWEB_HTTP_HTTP_PARSER_H

#include "http/request.h"

struct http_parser;

struct http_parser_limits {
    uint32_t max_header_size;  /* of the whole head: 431 */
    uint32_t max_uri_size;     /* 414 */
    uint16_t max_header_count; /* 431 */
    bool no_shortcut;          /* for tests: plain_head.h is not asked */
};

/* NULL: out of memory. One parser serves one connection at a time, any number in turn. */
struct http_parser *http_parser_create(const struct http_parser_limits *limits);
void http_parser_destroy(struct http_parser *parser);

/* Forget everything: the next bytes are the start of a head. */
void http_parser_reset(struct http_parser *parser);

/*
 * @data starts with the head; it is the same at every call until the head is complete, and may
 * only grow (it may move, too). Returns 0 when more bytes are needed; the status to answer (400,
 * 414, 431, 501, 505), after which the connection must end; or 1 when *@req is filled and
 * *@ret_head_len bytes were used. On an error *@req has at least the request line, if that much
 * was seen.
 */
unsigned http_parser_head(struct http_parser *parser, struct slice data, struct request *req,
                          size_t *ret_head_len);
#define HTTP_HEAD_COMPLETE 1U

/* True once a byte of a request line, and not only of empty lines before it, has come. */
bool http_parser_has_begun(const struct http_parser *parser, struct slice data);

/* Why it was 431: not for its size. */
bool http_parser_has_too_many_fields(const struct http_parser *parser);

enum body_result { BODY_INCOMPLETE, BODY_COMPLETE, BODY_BAD, BODY_TOO_LARGE };

/*
 * The next bytes behind the head, or behind the last ones. *@ret_used of them belong to the body;
 * content and framing together may come to @max_size and a little (chunk headers); trailers are
 * read and dropped (RFC 9112 section 7.1.2).
 */
enum body_result http_parser_body(struct http_parser *parser, struct slice data, uint64_t max_size,
                                  size_t *ret_used);
/* The same, but no further than to the end of the first run of content, which is *@ret_content: the
 * last of the used bytes, or none of them. With BODY_INCOMPLETE there may be bytes behind it that
 * have not been looked at. */
enum body_result http_parser_content(struct http_parser *parser, struct slice data,
                                     uint64_t max_size, size_t *ret_used,
                                     struct slice *ret_content);

#endif
