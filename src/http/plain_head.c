/* SPDX-License-Identifier: MIT */
/*
 * plain_head.c - runs of bytes are measured 16 at a time, and compared with what may stand there.
 *
 * At any doubt the functions return false, or NULL: the parser will look at the head again.
 */
#include "http/plain_head.h"

#include "http/plain_field.h"
#include "http/request_line.h"

/* Fields that decide where the request ends, or how it is to be read. */
#define FIELDS_LEFT_TO_PARSER                                                                      \
    (BIT(HEADER_CONTENT_LENGTH) | BIT(HEADER_TRANSFER_ENCODING) | BIT(HEADER_EXPECT) |             \
     BIT(HEADER_UPGRADE) | BIT(HEADER_TRAILER) | BIT(HEADER_TE))

static const char line_start[] = "GET ";
static const char line_end[] = " HTTP/1.1\r\n";

#define LINE_START_SIZE (sizeof(line_start) - 1)
#define LINE_END_SIZE (sizeof(line_end) - 1)

static unsigned block_slashes(const char *block)
{
    return block_of(block, '/');
}

static unsigned block_dots(const char *block)
{
    return block_of(block, '.');
}

/* Where the run of bytes ends that most paths are made of; *@ret_is_plain as in struct request. */
static const char *skip_path(const char *at, const char *end, bool *ret_is_plain)
{
    unsigned pairs = 0;
    unsigned carry = 0; /* the byte before @at is a slash */

    for (; at < end; at += BLOCK_SIZE) {
        unsigned bits = block_look(at, end, block_not_path);
        unsigned slashes = block_look(at, end, block_slashes);
        unsigned dots = block_look(at, end, block_dots);
        /* Before the first byte that ends the run; all, when there is none. */
        unsigned within = (bits - 1) & ~bits;

        pairs |= (slashes << 1 | carry) & (slashes | dots) & within;
        carry = slashes >> (BLOCK_SIZE - 1);
        if (LIKELY(bits != 0)) {
            *ret_is_plain = pairs == 0;
            return at + __builtin_ctz(bits);
        }
    }
    return NULL;
}

/* Visible ASCII. */
static bool is_target_byte(char c)
{
    return c > ' ' && c < 0x7f;
}

/* Behind the request line. */
static const char *parse_line(const char *start, const char *end, size_t max_uri_size,
                              struct request *req)
{
    const char *target = start + LINE_START_SIZE;
    const char *at;
    bool is_plain;

    if (memcmp(start, line_start, LINE_START_SIZE) != 0 || *target != '/')
        return NULL;
    at = skip_path(target, end, &is_plain);
    if (UNLIKELY(!at))
        return NULL;
    if (LIKELY(*at == ' ' && is_plain)) {
        req->path = slice_of(target, (size_t)(at - target));
        req->path_is_plain = true;
        req->query = slice_of(at, 0);
    } else {
        while (at < end && is_target_byte(*at))
            at++;
        if (request_path_parse(slice_of(target, (size_t)(at - target)), req) != 0)
            return NULL;
    }
    if ((size_t)(end - at) < LINE_END_SIZE || memcmp(at, line_end, LINE_END_SIZE) != 0)
        return NULL;
    req->target = slice_of(target, (size_t)(at - target));
    req->line = slice_of(start, (size_t)(at - start) + LINE_END_SIZE - 2);
    return req->target.len <= max_uri_size ? at + LINE_END_SIZE : NULL;
}

/* Behind the line of the Host field, whose value starts at @at. Nearly all are one run of bytes that a
 * host may have, and no more; what has a port or brackets is looked at byte by byte. */
static const char *parse_host(const char *at, const char *end, struct slice *ret_host)
{
    const char *behind = block_find(at, end, block_not_host);

    if (LIKELY(behind && behind != at && end - behind >= 2 && behind[0] == '\r' &&
               behind[1] == '\n')) {
        *ret_host = slice_of(at, (size_t)(behind - at));
        return behind + 2;
    }
    behind = plain_field_value(at, end, ret_host);
    return behind && host_is_valid(*ret_host) ? behind : NULL;
}

/* Behind the field line that starts at @at. */
static const char *parse_field(const char *at, const char *end, struct request *req)
{
    struct slice name;
    struct slice value;
    enum header_id id;

    at = plain_field_name(at, end, &name);
    if (UNLIKELY(!at))
        return NULL;
    id = header_id_from_name(name);
    if (id == HEADER_HOST) {
        if (UNLIKELY(req->host.data))
            return NULL;
        at = parse_host(at, end, &req->host);
        value = req->host;
    } else {
        at = plain_field_value(at, end, &value);
    }
    if (UNLIKELY(!at))
        return NULL;
    return header_table_add_known(&req->headers, name, value, id) == 0 ? at : NULL;
}

bool plain_head_parse(struct slice data, size_t max_uri_size, struct request *req, size_t *ret_len)
{
    const char *end = data.data + data.len;
    const char *at;

    if (data.len < BLOCK_SIZE)
        return false;
    at = parse_line(data.data, end, max_uri_size, req);
    while (LIKELY(at && end - at >= 2 && *at != '\r'))
        at = parse_field(at, end, req);
    if (!at || end - at < 2 || at[1] != '\n')
        return false;
    if (!req->host.data || (req->headers.present & FIELDS_LEFT_TO_PARSER) != 0)
        return false;
    req->method = METHOD_GET;
    *ret_len = (size_t)(at + 2 - data.data);
    return true;
}
