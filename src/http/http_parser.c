/* SPDX-License-Identifier: MIT */
/* http_parser.c - llhttp within its guard rails. */
#include "http/http_parser.h"

#include "base/number.h"
#include "http/chunk_scan.h"
#include "http/head_scan.h"
#include "http/plain_head.h"
#include "http/request_line.h"
#include "http/trailer_scan.h"

#include <llhttp.h>
#include <stdlib.h>

/* Chunk headers, extensions and trailers may be this many times the content, and this much. */
#define FRAMING_FACTOR 8
#define FRAMING_SIZE (16U * 1024)

struct http_parser {
    llhttp_t llhttp; /* first: callbacks get this */
    struct http_parser_limits limits;
    struct head_scan scan;
    struct request *req; /* while a head is parsed */
    struct slice field;
    bool field_is_open; /* its value has not come yet */
    bool is_complete;
    struct chunk_scan chunks;
    enum trailer_state trailers;
    uint64_t framing_bytes; /* of chunked content, with its content */
    uint64_t content_left;  /* of content that is not chunked */
    struct header rows[];
};

static struct http_parser *parser_of(llhttp_t *llhttp)
{
    return (struct http_parser *)(void *)llhttp;
}

static int add_row(struct http_parser *parser, struct slice value)
{
    parser->field_is_open = false;
    return header_table_add(&parser->req->headers, parser->field, value) == 0 ? 0 : -1;
}

/* llhttp may not tell of an empty value. */
static int add_row_without_value(struct http_parser *parser)
{
    return parser->field_is_open ? add_row(parser, SLICE_LITERAL("")) : 0;
}

static int on_field(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_parser *parser = parser_of(llhttp);

    if (add_row_without_value(parser) != 0 || len == 0)
        return -1;
    parser->field = slice_of(at, len);
    parser->field_is_open = true;
    return 0;
}

static int on_value(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_parser *parser = parser_of(llhttp);
    struct header *row;

    if (parser->field_is_open)
        return add_row(parser, slice_of(at, len));
    /* The pieces of one value lie behind each other. */
    row = &parser->req->headers.rows[parser->req->headers.count - 1];
    row->value = slice_trim(slice_of(row->value.data, (size_t)(at + len - row->value.data)));
    return 0;
}

static int on_headers_complete(llhttp_t *llhttp)
{
    /* No protocol is switched to: an Upgrade is ignored (RFC 9110 section 7.8), and what follows
     * a CONNECT is never looked at. */
    llhttp->upgrade = 0;
    return add_row_without_value(parser_of(llhttp));
}

static int on_message_complete(llhttp_t *llhttp)
{
    parser_of(llhttp)->is_complete = true;
    return HPE_PAUSED; /* what follows is another request: not now */
}

static const llhttp_settings_t settings = {
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_headers_complete,
    .on_message_complete = on_message_complete,
};

struct http_parser *http_parser_create(const struct http_parser_limits *limits)
{
    size_t size = sizeof(struct http_parser) + limits->max_header_count * sizeof(struct header);
    struct http_parser *parser = calloc(1, size);

    if (!parser)
        return NULL;
    parser->limits = *limits;
    http_parser_reset(parser);
    return parser;
}

void http_parser_destroy(struct http_parser *parser)
{
    free(parser);
}

void http_parser_reset(struct http_parser *parser)
{
    head_scan_init(&parser->scan);
    parser->field_is_open = false;
    parser->is_complete = false;
}

bool http_parser_has_begun(const struct http_parser *parser, struct slice data)
{
    uint32_t start = parser->scan.start;

    return data.len > start && data.data[start] != '\r';
}

bool http_parser_has_too_many_fields(const struct http_parser *parser)
{
    return parser->scan.lines > parser->limits.max_header_count;
}

/* A line so long that its target cannot be within the limit. It is judged as soon as that much of
 * it is there, and in the same way when all of it came at once. */
static bool line_is_too_long(const struct http_parser *parser)
{
    const struct head_scan *scan = &parser->scan;
    uint32_t end = scan->first_line_end > 0 ? scan->first_line_end : scan->offset;

    /* Method and version have their share besides the target. */
    return end - scan->start > parser->limits.max_uri_size + 64U;
}

/* llhttp's strict mode refuses raw UTF-8 in the target, which curl sends and people type, and it
 * knows no minor version above 1: it gets a masked copy of such a request line; then the rest of
 * the head follows. */
static enum llhttp_errno execute_masked(struct http_parser *parser, struct slice head,
                                        struct slice line)
{
    char piece[256];
    enum llhttp_errno err = HPE_OK;
    size_t at = 0;

    while (at < line.len && err == HPE_OK) {
        size_t len = MIN(line.len - at, sizeof(piece));

        for (size_t i = 0; i < len; i++) {
            char c = line.data[at + i];

            if (at + i == line.len - 1)
                piece[i] = MIN(c, '1');
            else
                piece[i] = (unsigned char)c >= 0x80 ? 'x' : c;
        }
        err = llhttp_execute(&parser->llhttp, piece, len);
        at += len;
    }
    if (err != HPE_OK)
        return err;
    return llhttp_execute(&parser->llhttp, head.data + line.len, head.len - line.len);
}

static unsigned run_llhttp(struct http_parser *parser, struct slice head, struct request *req)
{
    enum llhttp_errno err;

    /* The settings are not written to, but the type has them without const. */
    llhttp_init(&parser->llhttp, HTTP_REQUEST, (llhttp_settings_t *)(uintptr_t)&settings);
    parser->req = req;
    if (UNLIKELY(req->is_masked))
        err = execute_masked(parser, head, req->line);
    else
        err = llhttp_execute(&parser->llhttp, head.data, head.len);
    parser->req = NULL;
    /* A request without a body pauses at its end, one with a body goes on behind its head. */
    return err == HPE_OK || (err == HPE_PAUSED && parser->is_complete) ? 0 : 400;
}

static unsigned check_host(struct request *req)
{
    const struct header_table *headers = &req->headers;
    unsigned count = 0;
    unsigned position = 0;
    struct slice value;

    while (header_table_next(headers, HEADER_HOST, &position, &value)) {
        if (!host_is_valid(value))
            return 400;
        if (count == 0 && !req->host.data)
            req->host = value; /* an absolute target's host wins (RFC 9112 section 3.2.2) */
        count++;
    }
    if (count > 1 || (count == 0 && !req->is_http10))
        return 400;
    return 0;
}

static void begin_chunks(struct http_parser *parser)
{
    chunk_scan_init(&parser->chunks);
    parser->trailers = TRAILER_LINE;
    parser->framing_bytes = 0;
    parser->content_left = 0;
}

/* llhttp has refused Content-Length with Transfer-Encoding, and numbers that are none. */
static unsigned check_framing(struct http_parser *parser, struct request *req)
{
    const struct header_table *headers = &req->headers;
    unsigned position = 0;
    struct slice value;

    if (header_table_has(headers, HEADER_TRANSFER_ENCODING)) {
        if (req->is_http10 || header_table_has(headers, HEADER_CONTENT_LENGTH))
            return 400;
        if (!slice_equal_nocase(header_table_get(headers, HEADER_TRANSFER_ENCODING),
                                SLICE_LITERAL("chunked")))
            return parser->is_complete ? 400 : 501; /* no end can be told, or a coding unknown */
        position = headers->first[HEADER_TRANSFER_ENCODING] + 1U;
        if (header_table_next(headers, HEADER_TRANSFER_ENCODING, &position, &value))
            return 400;
        req->framing = BODY_CHUNKED;
        begin_chunks(parser);
    } else if (header_table_has(headers, HEADER_CONTENT_LENGTH)) {
        position = headers->first[HEADER_CONTENT_LENGTH] + 1U;
        if (header_table_next(headers, HEADER_CONTENT_LENGTH, &position, &value) ||
            number_parse(header_table_get(headers, HEADER_CONTENT_LENGTH), INT64_MAX,
                         &req->content_length) != 0)
            return 400;
        req->framing = req->content_length > 0 ? BODY_LENGTH : BODY_NONE;
        parser->content_left = req->content_length;
    }
    /* Both must see the same end, or the next request would begin in the wrong place. */
    return parser->is_complete == (req->framing == BODY_NONE) ? 0 : 400;
}

static NOINLINE void read_connection_tokens(struct request *req)
{
    const struct header_table *headers = &req->headers;

    if (header_table_has_token(headers, HEADER_CONNECTION, SLICE_LITERAL("close")))
        req->keep_alive = false;
    else if (req->is_http10)
        req->keep_alive = header_table_has_token(headers, HEADER_CONNECTION,
                                                 SLICE_LITERAL("keep-alive"));
}

static inline void read_connection(struct request *req)
{
    req->keep_alive = !req->is_http10;
    if (header_table_has(&req->headers, HEADER_CONNECTION))
        read_connection_tokens(req);
}

static unsigned check_expect(struct request *req)
{
    struct slice value = header_table_get(&req->headers, HEADER_EXPECT);

    if (!value.data || req->is_http10) /* RFC 9110 section 10.1.1: ignored from a 1.0 client */
        return 0;
    if (!slice_equal_nocase(value, SLICE_LITERAL("100-continue")))
        return 417;
    req->expects_continue = req->framing != BODY_NONE;
    return 0;
}

static unsigned parse_complete(struct http_parser *parser, struct slice head, struct request *req)
{
    const struct head_scan *scan = &parser->scan;
    struct slice line = slice_of(head.data + scan->start, scan->first_line_end - scan->start);
    unsigned status = request_line_parse(line, parser->limits.max_uri_size, req);

    if (status)
        return status;
    if (scan->lines > parser->limits.max_header_count)
        return 431;
    status = run_llhttp(parser, slice_from(head, scan->start), req);
    if (!status)
        status = check_host(req);
    if (!status)
        status = check_framing(parser, req);
    if (status)
        return status;
    read_connection(req);
    return check_expect(req);
}

static void clear(struct http_parser *parser, struct request *req)
{
    request_clear(req);
    header_table_init(&req->headers, parser->rows, parser->limits.max_header_count);
}

static NOINLINE unsigned parse_any(struct http_parser *parser, struct slice data,
                                   struct request *req, size_t *ret_head_len)
{
    struct head_scan *scan = &parser->scan;
    size_t max_size = parser->limits.max_header_size;
    enum head_scan_result result;
    unsigned status;

    clear(parser, req);
    result = head_scan(scan, data);
    if (scan->first_line_end > 0)
        req->line = slice_of(data.data + scan->start, scan->first_line_end - scan->start);
    if (line_is_too_long(parser))
        return 414;
    if (result == HEAD_BAD)
        return 400;
    if (result == HEAD_INCOMPLETE)
        return data.len == max_size ? 431 : 0;
    status = parse_complete(parser, slice_of(data.data, scan->end), req);
    if (status)
        return status;
    *ret_head_len = scan->end;
    return HTTP_HEAD_COMPLETE;
}

unsigned http_parser_head(struct http_parser *parser, struct slice data, struct request *req,
                          size_t *ret_head_len)
{
    /* What is beyond the limit cannot change the answer. */
    data.len = MIN(data.len, parser->limits.max_header_size);
    if (LIKELY(parser->scan.offset == 0 && !parser->limits.no_shortcut)) {
        clear(parser, req);
        if (LIKELY(plain_head_parse(data, parser->limits.max_uri_size, req, ret_head_len))) {
            read_connection(req);
            return HTTP_HEAD_COMPLETE;
        }
    }
    return parse_any(parser, data, req, ret_head_len);
}

static enum body_result read_length(struct http_parser *parser, struct slice *content)
{
    content->len = (size_t)MIN(parser->content_left, content->len);
    parser->content_left -= content->len;
    return parser->content_left == 0 ? BODY_COMPLETE : BODY_INCOMPLETE;
}

static enum body_result read_trailers(struct http_parser *parser, struct slice data,
                                      size_t *ret_used)
{
    parser->trailers = trailer_scan(parser->trailers, data, ret_used);
    if (parser->trailers == TRAILER_BAD)
        return BODY_BAD;
    return parser->trailers == TRAILER_END ? BODY_COMPLETE : BODY_INCOMPLETE;
}

static enum body_result read_chunks(struct http_parser *parser, struct slice data,
                                    uint64_t max_size, size_t *ret_used, struct slice *ret_content)
{
    enum body_result result = BODY_INCOMPLETE;
    size_t trailers = 0;
    enum chunk_state state = chunk_scan_content(&parser->chunks, data, max_size, ret_used,
                                                ret_content);

    if (state == CHUNK_BAD)
        return BODY_BAD;
    if (state == CHUNK_TOO_LARGE)
        return BODY_TOO_LARGE;
    if (state == CHUNK_LAST) {
        result = read_trailers(parser, slice_from(data, *ret_used), &trailers);
        *ret_used += trailers;
    }
    parser->framing_bytes += *ret_used;
    if (result != BODY_BAD &&
        parser->framing_bytes > parser->chunks.content * FRAMING_FACTOR + FRAMING_SIZE)
        return BODY_TOO_LARGE;
    return result;
}

enum body_result http_parser_content(struct http_parser *parser, struct slice data,
                                     uint64_t max_size, size_t *ret_used, struct slice *ret_content)
{
    enum body_result result;

    if (parser->content_left == 0)
        return read_chunks(parser, data, max_size, ret_used, ret_content);
    *ret_content = data;
    result = read_length(parser, ret_content);
    *ret_used = ret_content->len;
    return result;
}

enum body_result http_parser_body(struct http_parser *parser, struct slice data, uint64_t max_size,
                                  size_t *ret_used)
{
    enum body_result result = BODY_INCOMPLETE;
    size_t used = 0;

    while (result == BODY_INCOMPLETE && used < data.len) {
        struct slice content;
        size_t part;

        result = http_parser_content(parser, slice_from(data, used), max_size, &part, &content);
        used += part;
    }
    *ret_used = used;
    return result;
}
