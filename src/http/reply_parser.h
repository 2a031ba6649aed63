/* SPDX-License-Identifier: MIT */
/*
 * reply_parser.h - bytes of another server to a checked struct reply; then its content, unframed.
 *
 * As strict as the parser of requests: where two servers read one reply differently, answers get to
 * the wrong client (RFC 9112 sections 2.2, 4, 5, 6.3). Refused are two lengths, a length that is no
 * number, any coding but `chunked`, a length beside it, chunks in HTTP/1.0, folded lines, blanks
 * before a colon, and control bytes. A head whose every byte is beyond doubt, as nearly all are, is read in one
 * pass (plain_field.h); what has passed head_scan.h is lines and nothing else, and not much more work.
 * llhttp, which requests have for their many forms, is asked by the fuzzer alone, whether it agrees.
 */
#ifndef TINYWEB_HTTP_REPLY_PARSER_H
#define TINYWEB_HTTP_REPLY_PARSER_H

#include "http/chunk_scan.h"
#include "http/head_scan.h"
#include "http/header_table.h"
#include "http/method.h"
#include "http/trailer_scan.h"

/* How the end of the content is told (RFC 9112 section 6.3). */
enum reply_framing {
    REPLY_NONE,   /* none, whatever the fields say: of 1xx, 204, 304, and to HEAD */
    REPLY_LENGTH, /* content_length bytes, maybe 0 */
    REPLY_CHUNKED,
    REPLY_UNTIL_CLOSE,
};

/* Slices point into the input buffer, and die when the one who is told of the reply returns. */
struct reply {
    unsigned status; /* 100..599 */
    struct slice reason;
    bool is_http10;
    bool keep_alive; /* the connection may be used again, once the content has been read */
    bool may_switch; /* 101, as the request asked for */
    enum reply_framing framing;
    uint64_t content_length; /* of REPLY_LENGTH; else what a field says of the content that is not
                                sent, or 0 */
    struct header_table headers;
};

struct reply_limits {
    uint32_t max_head_size;
    struct header *rows; /* borrowed: where the fields of the head are put that is being read */
    uint16_t max_field_count;
    bool no_shortcut; /* for tests: each head is scanned, and then read byte by byte */
};

/* Of one connection; small, since idle ones have it too. */
struct reply_parser {
    struct head_scan scan;
    struct chunk_scan chunks;
    enum trailer_state trailers;
    enum reply_framing framing;
    uint64_t content_left;  /* of REPLY_LENGTH */
    uint64_t framing_bytes; /* of REPLY_CHUNKED, with its content */
};

/* The next bytes are the start of a head. */
void reply_parser_reset(struct reply_parser *parser);

enum reply_result { REPLY_INCOMPLETE, REPLY_COMPLETE, REPLY_BAD, REPLY_TOO_LARGE };

/* The request, as far as it decides what its reply means. */
struct reply_context {
    enum http_method method;
    bool wants_upgrade;
};

/*
 * @data starts with the head; it is the same at every call until the head is complete, and may only
 * grow (it may move, too). With REPLY_COMPLETE *@ret_reply is filled, *@ret_len bytes were used, and
 * what follows is content, or of 1xx the next head, after reply_parser_reset(). REPLY_TOO_LARGE: more
 * bytes or fields than the limits allow.
 */
enum reply_result reply_parser_head(struct reply_parser *parser, const struct reply_limits *limits,
                                    const struct reply_context *context, struct slice data,
                                    struct reply *ret_reply, size_t *ret_len);

/*
 * The next bytes behind the head, or behind the last ones. *@ret_used of them belong to the reply, and
 * end with the run of content that *@ret_content is; that may be empty, also though bytes behind those
 * were not looked at yet. REPLY_COMPLETE: the content has ended; at once where there is none. Trailers
 * are read and dropped (RFC 9112 section 7.1.2).
 */
enum reply_result reply_parser_content(struct reply_parser *parser, struct slice data,
                                       size_t *ret_used, struct slice *ret_content);

/* The connection has ended behind what was read of the content: is that its end? */
static inline bool reply_parser_ends_there(const struct reply_parser *parser)
{
    return parser->framing == REPLY_UNTIL_CLOSE;
}

#endif
