/* SPDX-License-Identifier: MIT */
/* status_access.c - by peer, by the marks of proxies, by host. */
#include "http/status_access.h"

#include "http/request_line.h"

static bool is_address(struct slice name)
{
    struct address ignored;

    /* A bare number would be taken for a port. */
    return (slice_find(name, '.') >= 0 || slice_find(name, ':') >= 0) &&
           address_parse(name, 0, &ignored) == 0;
}

static bool is_local_host(struct slice authority)
{
    struct slice name = authority_name(authority);

    return slice_equal_nocase(name, SLICE_LITERAL("localhost")) || is_address(name);
}

static bool came_through_proxy(const struct header_table *headers)
{
    return header_table_has(headers, HEADER_FORWARDED) ||
           header_table_has(headers, HEADER_X_FORWARDED_FOR) ||
           header_table_has(headers, HEADER_VIA);
}

bool status_access_is_allowed(const struct http_context *http, const struct request *req,
                              const struct address *peer)
{
    const struct network_list *allowed = &http->config->server.status_allow;

    return (address_is_loopback(peer) || network_list_contains(allowed, peer)) &&
           !came_through_proxy(&req->headers) && is_local_host(req->host);
}
