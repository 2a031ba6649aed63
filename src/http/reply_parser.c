/* SPDX-License-Identifier: MIT */
/* reply_parser.c - a status line, field lines, and what they say of the content. */
#include "http/reply_parser.h"

#include "base/number.h"
#include "http/char_class.h"
#include "http/plain_field.h"

/* Chunk headers, extensions and trailers may be this many times the content, and this much. A server
 * may well send one byte a chunk. */
#define FRAMING_FACTOR 16
#define FRAMING_SIZE (64U * 1024)

static const char version_start[] = "HTTP/1.";

/* "HTTP/1.1 200 " */
#define VERSION_SIZE 9
#define LINE_SIZE_MIN 12

void reply_parser_reset(struct reply_parser *parser)
{
    head_scan_init(&parser->scan);
}

/* What does not even begin like a reply is not waited for. */
static bool may_be_reply(struct slice data)
{
    return memcmp(data.data, version_start, MIN(data.len, sizeof(version_start) - 1)) == 0;
}

/* RFC 9112 section 4. The blank behind the number is missed by some who have no reason to give. */
static bool parse_status_line(struct slice line, struct reply *reply)
{
    const char *at = line.data;

    if (line.len < LINE_SIZE_MIN || !ascii_is_digit(at[7]) || at[8] != ' ' ||
        !ascii_is_digit(at[9]) || !ascii_is_digit(at[10]) || !ascii_is_digit(at[11]))
        return false;
    if (line.len > LINE_SIZE_MIN && at[LINE_SIZE_MIN] != ' ')
        return false;
    reply->is_http10 = at[7] == '0';
    reply->status = (unsigned)(at[9] - '0') * 100 + (unsigned)(at[10] - '0') * 10 +
                    (unsigned)(at[11] - '0');
    reply->reason = slice_from(line, LINE_SIZE_MIN + 1);
    return reply->status >= 100 && reply->status <= 599;
}

/* The first byte from @at on that is not of a name; @end if there is none. */
static const char *skip_name(const char *at, const char *end)
{
    while ((size_t)(end - at) >= BLOCK_SIZE) {
        unsigned bits = block_not_name(at);

        if (LIKELY(bits != 0)) {
            at += __builtin_ctz(bits);
            break;
        }
        at += BLOCK_SIZE;
    }
    while (at < end &&
           char_is(*at, CHAR_TOKEN)) /* letters and digits are not all a name may have */
        at++;
    return at;
}

/* @lines is whole lines, of which the scan has seen that they are ended by CRLF and not folded. */
static bool parse_fields(struct slice lines, struct header_table *headers)
{
    const char *at = lines.data;
    const char *end = lines.data + lines.len;

    while (at < end) {
        const char *colon = skip_name(at, end);
        const char *cr = memchr(colon, '\r', (size_t)(end - colon));

        if (colon == at || *colon != ':' || !cr)
            return false;
        if (header_table_add(headers, slice_of(at, (size_t)(colon - at)),
                             slice_of(colon + 1, (size_t)(cr - colon - 1))) != 0)
            return false;
        at = cr + 2;
    }
    return true;
}

static bool is_repeated(const struct header_table *headers, enum header_id id)
{
    unsigned position = headers->first[id] + 1U;
    struct slice value;

    return header_table_next(headers, id, &position, &value);
}

/* RFC 9112 section 6.3, and what it leaves open is an error: also where there is no content, since the
 * fields are passed on. */
static bool read_framing(struct reply *reply)
{
    const struct header_table *headers = &reply->headers;
    bool has_length = header_table_has(headers, HEADER_CONTENT_LENGTH);

    reply->framing = REPLY_UNTIL_CLOSE;
    if (header_table_has(headers, HEADER_TRANSFER_ENCODING)) {
        reply->framing = REPLY_CHUNKED;
        return !reply->is_http10 && !has_length &&
               !is_repeated(headers, HEADER_TRANSFER_ENCODING) &&
               slice_equal_nocase(header_table_get(headers, HEADER_TRANSFER_ENCODING),
                                  SLICE_LITERAL("chunked"));
    }
    if (has_length) {
        reply->framing = REPLY_LENGTH;
        return !is_repeated(headers, HEADER_CONTENT_LENGTH) &&
               number_parse(header_table_get(headers, HEADER_CONTENT_LENGTH), INT64_MAX,
                            &reply->content_length) == 0;
    }
    return true;
}

static bool has_no_content(const struct reply *reply, const struct reply_context *context)
{
    return context->method == METHOD_HEAD || reply->status < 200 || reply->status == 204 ||
           reply->status == 304;
}

/* What its fields mean. False: they contradict each other. */
static bool understand(struct reply *reply, const struct reply_context *context)
{
    if (!read_framing(reply))
        return false;
    if (has_no_content(reply, context))
        reply->framing = REPLY_NONE;
    /* HTTP/1.0 has no word for it that all understand alike. */
    reply->keep_alive = !reply->is_http10 && reply->framing != REPLY_UNTIL_CLOSE &&
                        !header_table_has_token(&reply->headers, HEADER_CONNECTION,
                                                SLICE_LITERAL("close"));
    reply->may_switch = reply->status == 101 && context->wants_upgrade && !reply->is_http10 &&
                        header_table_has(&reply->headers, HEADER_UPGRADE);
    return true;
}

static bool parse_scanned(struct slice head, const struct head_scan *scan, struct reply *reply)
{
    uint32_t start = scan->first_line_end + 2;

    return parse_status_line(slice_of(head.data, scan->first_line_end), reply) &&
           parse_fields(slice_of(head.data + start, scan->end - 2 - start), &reply->headers);
}

/* The head in one pass, whose length is returned; 0: it is not complete, or in doubt. */
static size_t parse_plain(struct slice data, struct reply *reply)
{
    const char *end = data.data + data.len;
    const char *at;

    if (data.len < BLOCK_SIZE)
        return 0;
    at = block_find(data.data, end, block_not_text);
    if (!at || end - at < 2 || at[0] != '\r' || at[1] != '\n' ||
        !parse_status_line(slice_of(data.data, (size_t)(at - data.data)), reply))
        return 0;
    at += 2;
    while (LIKELY(at && end - at >= 2 && *at != '\r')) {
        struct slice name;
        struct slice value;

        at = plain_field_read(at, end, &name, &value);
        if (UNLIKELY(!at) ||
            header_table_add_known(&reply->headers, name, value, header_id_from_name(name)) != 0)
            return 0;
    }
    return at && end - at >= 2 && at[1] == '\n' ? (size_t)(at + 2 - data.data) : 0;
}

static void clear(const struct reply_limits *limits, struct reply *reply)
{
    memset(reply, 0, offsetof(struct reply, headers));
    header_table_init(&reply->headers, limits->rows, limits->max_field_count);
}

static void begin_content(struct reply_parser *parser, const struct reply *reply)
{
    parser->framing = reply->framing;
    parser->content_left = reply->framing == REPLY_LENGTH ? reply->content_length : 0;
    if (reply->framing == REPLY_CHUNKED) {
        chunk_scan_init(&parser->chunks);
        parser->trailers = TRAILER_LINE;
        parser->framing_bytes = 0;
    }
}

static NOINLINE enum reply_result parse_any(struct reply_parser *parser,
                                            const struct reply_limits *limits, struct slice data,
                                            struct reply *reply, size_t *ret_len)
{
    struct head_scan *scan = &parser->scan;
    enum head_scan_result result = head_scan(scan, data);

    if (result == HEAD_BAD)
        return REPLY_BAD;
    if (result == HEAD_INCOMPLETE)
        return data.len == limits->max_head_size ? REPLY_TOO_LARGE : REPLY_INCOMPLETE;
    if (scan->lines > limits->max_field_count)
        return REPLY_TOO_LARGE;
    clear(limits, reply);
    *ret_len = scan->end;
    return parse_scanned(data, scan, reply) ? REPLY_COMPLETE : REPLY_BAD;
}

enum reply_result reply_parser_head(struct reply_parser *parser, const struct reply_limits *limits,
                                    const struct reply_context *context, struct slice data,
                                    struct reply *ret_reply, size_t *ret_len)
{
    enum reply_result result;
    size_t len = 0;

    data.len = MIN(data.len, limits->max_head_size); /* what is beyond cannot change the outcome */
    if (data.len > 0 && !may_be_reply(data))
        return REPLY_BAD;
    if (LIKELY(parser->scan.offset == 0 && !limits->no_shortcut)) {
        clear(limits, ret_reply);
        len = parse_plain(data, ret_reply);
    }
    if (UNLIKELY(len == 0)) {
        result = parse_any(parser, limits, data, ret_reply, &len);
        if (result != REPLY_COMPLETE)
            return result;
    }
    if (!understand(ret_reply, context))
        return REPLY_BAD;
    begin_content(parser, ret_reply);
    *ret_len = len;
    return REPLY_COMPLETE;
}

static enum reply_result read_length(struct reply_parser *parser, struct slice data,
                                     size_t *ret_used, struct slice *ret_content)
{
    *ret_used = (size_t)MIN(parser->content_left, data.len);
    *ret_content = slice_of(data.data, *ret_used);
    parser->content_left -= *ret_used;
    return parser->content_left == 0 ? REPLY_COMPLETE : REPLY_INCOMPLETE;
}

static enum reply_result read_trailers(struct reply_parser *parser, struct slice data,
                                       size_t *ret_used)
{
    size_t used;

    parser->trailers = trailer_scan(parser->trailers, data, &used);
    *ret_used += used;
    if (parser->trailers == TRAILER_BAD)
        return REPLY_BAD;
    return parser->trailers == TRAILER_END ? REPLY_COMPLETE : REPLY_INCOMPLETE;
}

static enum reply_result read_chunks(struct reply_parser *parser, struct slice data,
                                     size_t *ret_used, struct slice *ret_content)
{
    enum reply_result result = REPLY_INCOMPLETE;
    enum chunk_state state = chunk_scan_content(&parser->chunks, data, INT64_MAX, ret_used,
                                                ret_content);

    if (state == CHUNK_BAD || state == CHUNK_TOO_LARGE)
        return REPLY_BAD;
    if (state == CHUNK_LAST)
        result = read_trailers(parser, slice_from(data, *ret_used), ret_used);
    parser->framing_bytes += *ret_used;
    if (result != REPLY_BAD &&
        parser->framing_bytes > parser->chunks.content * FRAMING_FACTOR + FRAMING_SIZE)
        return REPLY_TOO_LARGE;
    return result;
}

enum reply_result reply_parser_content(struct reply_parser *parser, struct slice data,
                                       size_t *ret_used, struct slice *ret_content)
{
    *ret_used = 0;
    *ret_content = slice_of(data.data, 0);
    switch (parser->framing) {
    case REPLY_NONE: return REPLY_COMPLETE;
    case REPLY_LENGTH: return read_length(parser, data, ret_used, ret_content);
    case REPLY_CHUNKED: return read_chunks(parser, data, ret_used, ret_content);
    case REPLY_UNTIL_CLOSE: break;
    }
    *ret_used = data.len;
    *ret_content = data;
    return REPLY_INCOMPLETE;
}
