/* SPDX-License-Identifier: MIT */
/*
 * fuzz_request.c - requests one behind another, as on a connection: fed whole, in two pieces and
 * byte by byte they are the same requests, and what is said of them lies within them.
 */

#include "base/hash.h"
#include "http/http_parser.h"

#include <stdlib.h>

/* Small, so that inputs reach them. */
static const struct http_parser_limits limits = {
    .max_header_size = 1024, .max_uri_size = 256, .max_header_count = 8};

#define MAX_BODY 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct stream {
    struct http_parser *parser;
    const char *data;  /* all of it */
    size_t start;      /* of the current request */
    size_t body_start; /* of what the body parser has not seen; 0 while the head is not complete */
    unsigned result;   /* 0: goes on; else why it ended */
    uint64_t digest;   /* of all that was said */
};

static void check(bool is_true)
{
    if (!is_true)
        abort();
}

static void digest_number(struct stream *stream, uint64_t number)
{
    stream->digest = hash_bytes(stream->digest, slice_of((const char *)&number, sizeof(number)));
}

static void digest_slice(struct stream *stream, struct slice text)
{
    digest_number(stream, text.len);
    stream->digest = hash_bytes(stream->digest, text);
}

static void check_within(struct slice part, struct slice head)
{
    check(part.len == 0 ||
          (part.data >= head.data && part.data + part.len <= head.data + head.len));
    for (size_t i = 0; i < part.len; i++)
        check(part.data[i] != '\r' && part.data[i] != '\n' && part.data[i] != '\0');
}

static void check_request(struct stream *stream, const struct request *req, struct slice head)
{
    const struct header_table *headers = &req->headers;

    check_within(req->line, head);
    check_within(req->target, head);
    check_within(req->query, head);
    check_within(req->host, head);
    check(req->method != METHOD_UNKNOWN && req->target.len > 0);
    check(req->target.len <= limits.max_uri_size && headers->count <= limits.max_header_count);
    check(req->path.len == 0 || req->path.data[0] == '/');
    check(req->path.len > 0 || req->method == METHOD_OPTIONS || req->method == METHOD_CONNECT);
    check(req->is_http10 || header_table_has(headers, HEADER_HOST));
    check((req->framing == BODY_LENGTH) == (req->content_length > 0));
    digest_slice(stream, req->path);
    digest_slice(stream, req->query);
    digest_slice(stream, req->host);
    digest_number(stream, (uint64_t)req->framing + (req->keep_alive ? 16 : 0) +
                              (req->expects_continue ? 32 : 0) + (req->is_http10 ? 64 : 0));
    digest_number(stream, req->content_length);
    for (unsigned i = 0; i < headers->count; i++) {
        check(headers->rows[i].name.len > 0);
        check_within(headers->rows[i].name, head);
        check_within(headers->rows[i].value, head);
        digest_slice(stream, headers->rows[i].name);
        digest_slice(stream, headers->rows[i].value);
    }
}

static void end_request(struct stream *stream, size_t end)
{
    digest_number(stream, end);
    http_parser_reset(stream->parser);
    stream->start = end;
    stream->body_start = 0;
}

/* True when there may be more to read within the first @size bytes. */
static bool read_body(struct stream *stream, size_t size)
{
    struct slice piece = slice_of(stream->data + stream->body_start, size - stream->body_start);
    size_t used = 0;
    enum body_result result;

    if (piece.len == 0)
        return false;
    result = http_parser_body(stream->parser, piece, MAX_BODY, &used);
    check(used <= piece.len);
    switch (result) {
    case BODY_INCOMPLETE: stream->body_start = size; return false;
    case BODY_COMPLETE: end_request(stream, stream->body_start + used); return true;
    case BODY_BAD: stream->result = 1; return false;
    case BODY_TOO_LARGE: stream->result = 2; return false;
    }
    return false;
}

static bool read_head(struct stream *stream, size_t size)
{
    struct slice head = slice_of(stream->data + stream->start, size - stream->start);
    struct request req;
    size_t head_len = 0;
    unsigned result = http_parser_head(stream->parser, head, &req, &head_len);

    if (result != HTTP_HEAD_COMPLETE) {
        stream->result = result;
        return false;
    }
    check(head_len <= head.len && head_len <= limits.max_header_size);
    head.len = head_len;
    check_request(stream, &req, head);
    if (req.framing == BODY_NONE)
        end_request(stream, stream->start + head_len);
    else
        stream->body_start = stream->start + head_len;
    return true;
}

/* The first @size bytes have come. */
static void feed(struct stream *stream, size_t size)
{
    bool goes_on = stream->result == 0;

    while (goes_on)
        goes_on = stream->body_start > 0 ? read_body(stream, size) : read_head(stream, size);
}

static void begin(struct stream *stream, struct http_parser *parser, const uint8_t *data)
{
    *stream = (struct stream){.parser = parser, .data = (const char *)data};
    http_parser_reset(parser);
}

static void check_same(const struct stream *a, const struct stream *b)
{
    check(a->result == b->result && a->start == b->start && a->digest == b->digest);
    if (a->result == 0) /* an error may be met in any piece */
        check(a->body_start == b->body_start);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t split = hash_bytes(size, slice_of((const char *)data, size)) % (size + 1);
    struct http_parser *parser = http_parser_create(&limits);
    struct stream whole;
    struct stream pieces;
    struct stream bytes;

    check(parser != NULL);
    begin(&whole, parser, data);
    feed(&whole, size);
    begin(&pieces, parser, data);
    feed(&pieces, split);
    feed(&pieces, size);
    check_same(&whole, &pieces);
    begin(&bytes, parser, data);
    for (size_t i = 0; i <= size; i++)
        feed(&bytes, i);
    check_same(&whole, &bytes);
    http_parser_destroy(parser);
    return 0;
}
