/* SPDX-License-Identifier: MIT */
/* request_line.c - strict where parsers on the way may differ, see RFC 9112 section 3. */
#include "http/request_line.h"

#include "http/char_class.h"

/* 0, 400 or 505. */
static unsigned parse_version(struct slice text, struct request *req)
{
    const struct slice prefix = SLICE_LITERAL("HTTP/");

    if (text.len != 8 || !slice_starts_with(text, prefix) || !ascii_is_digit(text.data[5]) ||
        text.data[6] != '.' || !ascii_is_digit(text.data[7]))
        return 400;
    if (text.data[5] != '1')
        return 505;
    req->is_http10 = text.data[7] == '0';
    req->is_masked = text.data[7] > '1'; /* served as 1.1 (RFC 9110 section 2.5) */
    return 0;
}

static bool is_ip_literal(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (ascii_hex_value(text.data[i]) < 0 && text.data[i] != ':' && text.data[i] != '.')
            return false;
    }
    return text.len > 0;
}

static bool is_port(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!ascii_is_digit(text.data[i]))
            return false;
    }
    return text.len <= 5;
}

bool host_is_valid(struct slice host)
{
    size_t i = 0;

    if (host.len > 0 && host.data[0] == '[') {
        ptrdiff_t end = slice_find(host, ']');

        if (end < 0 || !is_ip_literal(slice_of(host.data + 1, (size_t)end - 1)))
            return false;
        i = (size_t)end + 1;
    } else {
        while (i < host.len && char_is(host.data[i], CHAR_HOST))
            i++;
        if (i == 0 && host.len > 0)
            return false; /* ":80" names no host */
    }
    if (i == host.len)
        return true;
    return host.data[i] == ':' && is_port(slice_from(host, i + 1));
}

/* "http://host[:port][/path][?query]": what is behind the authority; NULL data when bad. */
static struct slice skip_authority(struct slice target, struct request *req)
{
    const struct slice none = {0};
    ptrdiff_t colon = slice_find(target, ':');
    struct slice scheme = slice_of(target.data, colon > 0 ? (size_t)colon : 0);
    struct slice rest = slice_from(target, scheme.len + 1);
    size_t len = 0;

    if (!slice_equal_nocase(scheme, SLICE_LITERAL("http")) &&
        !slice_equal_nocase(scheme, SLICE_LITERAL("https")))
        return none;
    if (!slice_starts_with(rest, SLICE_LITERAL("//")))
        return none;
    rest = slice_from(rest, 2);
    while (len < rest.len && rest.data[len] != '/' && rest.data[len] != '?')
        len++;
    req->host = slice_of(rest.data, len);
    if (len == 0 || !host_is_valid(req->host)) /* no userinfo either (RFC 9110 section 4.2.4) */
        return none;
    return slice_from(rest, len);
}

unsigned request_path_parse(struct slice text, struct request *req)
{
    unsigned seen = 0;
    unsigned pairs = 0;
    unsigned before = 0;
    size_t len = 0;

    for (; len < text.len && char_is(text.data[len], CHAR_PATH); len++) {
        unsigned class = char_class(text.data[len]);

        seen |= class;
        pairs |= class & (before | before << 1); /* a slash, then a slash or a dot */
        before = class & CHAR_SLASH;
    }
    if (len < text.len && text.data[len] != '?')
        return 400;
    req->path = slice_of(text.data, len);
    req->path_is_plain = len > 0 && pairs == 0 && (seen & (CHAR_HIGH | CHAR_PERCENT)) == 0;
    req->query = slice_from(text, len);
    for (size_t i = len; i < text.len; i++) {
        if (text.data[i] == '#' || text.data[i] == ' ')
            return 400;
        seen |= char_class(text.data[i]);
    }
    req->is_masked |= (seen & CHAR_HIGH) != 0;
    if (len == 0)
        req->path = SLICE_LITERAL("/");
    return 0;
}

/* authority-form, for CONNECT alone: never served, but a well-formed one is not a bad request. The
 * port is not optional here (RFC 9110 section 9.3.6). */
static unsigned parse_authority(struct request *req)
{
    struct slice target = req->target;

    return host_is_valid(target) && slice_find(target, ':') > 0 &&
                   ascii_is_digit(target.data[target.len - 1])
               ? 0
               : 400;
}

static unsigned parse_target(struct request *req)
{
    struct slice rest;

    if (req->method == METHOD_CONNECT)
        return parse_authority(req);
    if (req->target.data[0] == '/')
        return request_path_parse(req->target, req);
    if (slice_equal(req->target, SLICE_LITERAL("*"))) {
        req->path = slice_of(NULL, 0);
        return req->method == METHOD_OPTIONS ? 0 : 400;
    }
    rest = skip_authority(req->target, req);
    if (!rest.data)
        return 400;
    return request_path_parse(rest, req);
}

/* The length of the method, which a space follows; 0 when there is none. */
static size_t method_length(struct slice line)
{
    size_t len = 0;

    while (len < line.len && char_is(line.data[len], CHAR_TOKEN))
        len++;
    return len < line.len && line.data[len] == ' ' ? len : 0;
}

unsigned request_line_parse(struct slice line, size_t max_uri_size, struct request *req)
{
    size_t method_len = method_length(line);
    ptrdiff_t last = slice_find_last(line, ' ');
    unsigned status;

    req->line = line;
    if (method_len == 0 || last < (ptrdiff_t)method_len + 2)
        return 400;
    req->target = slice_of(line.data + method_len + 1, (size_t)last - method_len - 1);
    /* Known even when the rest is refused: the answer to HEAD has no content. */
    req->method = method_from_name(slice_of(line.data, method_len));
    status = parse_version(slice_from(line, (size_t)last + 1), req);
    if (status)
        return status;
    if (req->method == METHOD_UNKNOWN)
        return 501;
    if (req->target.len > max_uri_size)
        return 414;
    return parse_target(req);
}

struct slice authority_name(struct slice authority)
{
    ptrdiff_t colon = slice_find_last(authority, ':');
    ptrdiff_t bracket = slice_find_last(authority, ']');

    if (colon > bracket)
        authority.len = (size_t)colon;
    if (authority.len > 1 && authority.data[authority.len - 1] == '.')
        authority.len--;
    return authority;
}
