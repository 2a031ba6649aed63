/* SPDX-License-Identifier: MIT */
/*
 * fuzz_reply.c - replies one behind another, as on a connection: fed whole, in two pieces and byte by
 * byte, with the shortcut and without, they are the same replies with the same content; and llhttp sees
 * in each head what we do.
 *
 * The first byte of the input says what was asked for.
 */

#include "base/hash.h"
#include "http/reply_parser.h"

#include <llhttp.h>
#include <stdlib.h>

/* Small, so that inputs reach them. */
#define HEAD_MAX 1024
#define FIELDS_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct header rows[FIELDS_MAX];
static struct reply_limits limits = {
    .max_head_size = HEAD_MAX, .rows = rows, .max_field_count = FIELDS_MAX};

struct stream {
    struct reply_parser parser;
    struct reply_context context;
    const char *data;
    size_t at; /* of what was not used */
    bool in_content;
    enum reply_result result; /* REPLY_COMPLETE: goes on; else why it ended */
    uint64_t digest;          /* of all that was said but content */
    uint64_t content;         /* of that */
    uint64_t content_len;
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

/* --- what llhttp sees */

struct seen {
    llhttp_t llhttp; /* first: callbacks get this */
    unsigned count;  /* fields whose name has come */
    struct slice names[FIELDS_MAX], values[FIELDS_MAX];
};

static struct seen *seen_of(llhttp_t *llhttp)
{
    return (struct seen *)(void *)llhttp;
}

static int on_field(llhttp_t *llhttp, const char *at, size_t len)
{
    struct seen *seen = seen_of(llhttp);

    check(seen->count < FIELDS_MAX);
    seen->values[seen->count] = slice_of(at + len, 0);
    seen->names[seen->count++] = slice_of(at, len);
    return 0;
}

static int on_value(llhttp_t *llhttp, const char *at, size_t len)
{
    struct seen *seen = seen_of(llhttp);
    struct slice *value = &seen->values[seen->count - 1];

    if (value->len == 0)
        *value = slice_of(at, len);
    else
        value->len = (size_t)(at + len - value->data);
    return 0;
}

static int on_headers_complete(llhttp_t *llhttp)
{
    (void)llhttp;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_headers_complete,
};

static void check_by_llhttp(const struct reply *reply, struct slice head)
{
    const struct header_table *headers = &reply->headers;
    struct seen seen = {.count = 0};

    if (head.data[7] > '1') /* it knows no such version */
        return;
    if (slice_find(head, '\t') >= 0) /* nor a tab behind a number (RFC 9110 section 5.6.3) */
        return;
    llhttp_init(&seen.llhttp, HTTP_RESPONSE, (llhttp_settings_t *)(uintptr_t)&settings);
    check(llhttp_execute(&seen.llhttp, head.data, head.len) == HPE_PAUSED);
    check(seen.llhttp.status_code == reply->status);
    check(seen.llhttp.http_minor == (reply->is_http10 ? 0 : 1));
    check(seen.count == headers->count);
    for (unsigned i = 0; i < seen.count; i++) {
        check(slice_equal(seen.names[i], headers->rows[i].name));
        check(slice_equal(slice_trim(seen.values[i]), headers->rows[i].value));
    }
}

/* --- ours */

static void check_within(struct slice part, struct slice head)
{
    check(part.len == 0 ||
          (part.data >= head.data && part.data + part.len <= head.data + head.len));
    for (size_t i = 0; i < part.len; i++)
        check(part.data[i] != '\r' && part.data[i] != '\n' && part.data[i] != '\0');
}

static void check_reply(struct stream *stream, const struct reply *reply, struct slice head)
{
    const struct header_table *headers = &reply->headers;

    check(reply->status >= 100 && reply->status <= 599);
    check(headers->count <= FIELDS_MAX);
    check(reply->status >= 200 || reply->framing == REPLY_NONE);
    check(stream->context.method != METHOD_HEAD || reply->framing == REPLY_NONE);
    check(!reply->keep_alive || (!reply->is_http10 && reply->framing != REPLY_UNTIL_CLOSE));
    check(!reply->may_switch || (reply->status == 101 && stream->context.wants_upgrade));
    check(!reply->is_http10 || reply->framing != REPLY_CHUNKED);
    check_within(reply->reason, head);
    digest_slice(stream, reply->reason);
    digest_number(stream, reply->status + (reply->keep_alive ? 1000U : 0U) +
                              (uint64_t)reply->framing * 2000U);
    digest_number(stream, reply->content_length);
    for (unsigned i = 0; i < headers->count; i++) {
        check(headers->rows[i].name.len > 0);
        check_within(headers->rows[i].name, head);
        check_within(headers->rows[i].value, head);
        digest_slice(stream, headers->rows[i].name);
        digest_slice(stream, headers->rows[i].value);
    }
    check_by_llhttp(reply, head);
}

static void end_reply(struct stream *stream)
{
    digest_number(stream, stream->content);
    digest_number(stream, stream->content_len);
    stream->content = stream->content_len = 0;
    reply_parser_reset(&stream->parser);
    stream->in_content = false;
}

/* True when there may be more to read within the first @size bytes. */
static bool read_head(struct stream *stream, size_t size)
{
    struct slice head = slice_of(stream->data + stream->at, size - stream->at);
    struct reply reply;
    size_t len = 0;
    enum reply_result result = reply_parser_head(&stream->parser, &limits, &stream->context, head,
                                                 &reply, &len);

    if (result == REPLY_INCOMPLETE)
        return false;
    stream->result = result;
    if (result != REPLY_COMPLETE)
        return false;
    check(len <= head.len && len <= HEAD_MAX);
    head.len = len;
    check_reply(stream, &reply, head);
    stream->at += len;
    if (reply.status < 200)
        end_reply(stream);
    else
        stream->in_content = true;
    return true;
}

static bool read_content(struct stream *stream, size_t size)
{
    struct slice data = slice_of(stream->data + stream->at, size - stream->at);
    struct slice content;
    size_t used = 0;
    enum reply_result result = reply_parser_content(&stream->parser, data, &used, &content);

    if (result == REPLY_BAD || result == REPLY_TOO_LARGE) {
        stream->result = result;
        return false;
    }
    check(used <= data.len && content.len <= used);
    check(content.len == 0 || content.data + content.len == data.data + used);
    for (size_t i = 0; i < content.len; i++)
        stream->content = stream->content * 31 + (unsigned char)content.data[i];
    stream->content_len += content.len;
    stream->at += used;
    if (result == REPLY_COMPLETE) {
        end_reply(stream);
        return true;
    }
    return used > 0;
}

/* The first @size bytes have come. */
static void feed(struct stream *stream, size_t size)
{
    bool goes_on = stream->result == REPLY_COMPLETE;

    while (goes_on)
        goes_on = stream->in_content ? read_content(stream, size) : read_head(stream, size);
}

static void begin(struct stream *stream, const char *data, char kind)
{
    *stream = (struct stream){
        .data = data,
        .result = REPLY_COMPLETE,
        .context = {.method = (kind & 1) != 0 ? METHOD_HEAD : METHOD_GET,
                    .wants_upgrade = (kind & 2) != 0},
    };
    reply_parser_reset(&stream->parser);
}

static void check_same(const struct stream *a, const struct stream *b)
{
    check(a->result == b->result && a->in_content == b->in_content);
    if (a->result == REPLY_COMPLETE) /* an error may be met in any piece */
        check(a->digest == b->digest && a->content == b->content && a->at == b->at);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    const char *data = (const char *)input + 1;
    size_t size = input_size - 1;
    struct stream whole, pieces, bytes;
    size_t split;

    if (input_size == 0)
        return 0;
    split = hash_bytes(size, slice_of(data, size)) % (size + 1);
    begin(&whole, data, (char)input[0]);
    feed(&whole, size);
    begin(&pieces, data, (char)input[0]);
    feed(&pieces, split);
    feed(&pieces, size);
    check_same(&whole, &pieces);
    limits.no_shortcut = true;
    begin(&pieces, data, (char)input[0]);
    feed(&pieces, size);
    limits.no_shortcut = false;
    check_same(&whole, &pieces);
    begin(&bytes, data, (char)input[0]);
    for (size_t i = 0; i <= size; i++)
        feed(&bytes, i);
    check_same(&whole, &bytes);
    return 0;
}
