/* SPDX-License-Identifier: MIT */
/* forward_way.c - which way a request has come, how far it may go, and what it is to become. */
#include "base/hash.h"
#include "base/number.h"
#include "http/forward.h"

#include <unistd.h>

bool forward_wants_upgrade(const struct request *req, const struct forward_config *config)
{
    switch (config->upgrade) {
    case FORWARD_UPGRADE_NONE: break;
    case FORWARD_UPGRADE_WEBSOCKET:
        /* RFC 6455 section 4.1: a GET of HTTP/1.1, both fields, any case. */
        return req->method == METHOD_GET && !req->is_http10 && req->framing == BODY_NONE &&
               header_table_has_token(&req->headers, HEADER_CONNECTION, SLICE_LITERAL("upgrade")) &&
               header_table_has_token(&req->headers, HEADER_UPGRADE, SLICE_LITERAL("websocket"));
    }
    return false;
}

/* "1.1 name (comment)", "HTTP/1.1 name:80": the second word. */
static struct slice received_by(struct slice element)
{
    struct slice rest = slice_trim(element);
    ptrdiff_t blank = slice_find(rest, ' ');

    if (blank < 0)
        return slice_of(NULL, 0);
    rest = slice_trim(slice_from(rest, (size_t)blank));
    blank = slice_find(rest, ' ');
    if (blank >= 0)
        rest.len = (size_t)blank;
    return rest;
}

bool forward_is_https(const struct request *req, const struct network_list *trusted,
                      const struct address *peer)
{
    struct slice proto = header_table_find(&req->headers, SLICE_LITERAL("X-Forwarded-Proto"));
    struct slice first;

    return proto.data && network_list_contains(trusted, peer) && slice_next(&proto, ',', &first) &&
           slice_equal_nocase(slice_trim(first), SLICE_LITERAL("https"));
}

bool forward_is_loop(const struct request *req, const char *via)
{
    unsigned position = 0;
    struct slice rest;

    if (!via)
        return false;
    while (header_table_next(&req->headers, HEADER_VIA, &position, &rest)) {
        struct slice element;

        while (slice_next(&rest, ',', &element)) {
            if (slice_equal_nocase(received_by(element), slice_from_string(via)))
                return true;
        }
    }
    return false;
}

void forward_make_name(struct slice place, char out[FORWARD_NAME_SIZE])
{
    char host[256] = "";
    struct writer w = writer_on(out, FORWARD_NAME_SIZE - 1);
    uint64_t hash;

    (void)gethostname(host, sizeof(host) - 1); /* else the place alone tells it */
    hash = hash_bytes(hash_bytes(0, slice_from_string(host)), place);
    writer_literal(&w, "tinyweb-");
    writer_hex(&w, hash & 0xffffff);
    out[w.len] = '\0';
}

int64_t forward_max_forwards(const struct request *req)
{
    struct slice value = header_table_find(&req->headers, SLICE_LITERAL("Max-Forwards"));
    uint64_t hops;

    if (!value.data || number_parse(value, INT32_MAX, &hops) != 0)
        return -1;
    return (int64_t)hops;
}
