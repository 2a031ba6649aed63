/* SPDX-License-Identifier: MIT */
/* limit.c - the names of limits. */
#include "base/limit.h"

#include "base/macros.h"

static const char *const names[] = {
    [LIMIT_HEADER_TIMEOUT] = "header_timeout",
    [LIMIT_BODY_TIMEOUT] = "body_timeout",
    [LIMIT_MIN_BODY_RATE] = "min_body_rate",
    [LIMIT_KEEPALIVE_TIMEOUT] = "keepalive_timeout",
    [LIMIT_SEND_TIMEOUT] = "send_timeout",
    [LIMIT_MIN_SEND_RATE] = "min_send_rate",
    [LIMIT_HEADER_SIZE] = "max_header_size",
    [LIMIT_HEADER_COUNT] = "max_header_count",
    [LIMIT_URI_SIZE] = "max_uri_size",
    [LIMIT_BODY_SIZE] = "max_body_size",
    [LIMIT_KEEPALIVE_REQUESTS] = "keepalive_requests",
    [LIMIT_WORKER_CONNECTIONS] = "worker_connections",
    [LIMIT_CLIENT_CONNECTIONS] = "client_connections",
    [LIMIT_CLIENT_TABLE] = "client_table",
    [LIMIT_REQUEST_RATE] = "request_rate",
    [LIMIT_TRUSTED_PROXY] = "trusted_proxy",
    [LIMIT_PROXY_PROTOCOL] = "proxy_protocol",
    [LIMIT_PASSWORD_CHECKS] = "password_checks",
    [LIMIT_OPEN_FILES] = "max_open_files",
    [LIMIT_MEMORY] = "memory",
};
static_assert(COUNT_OF(names) == LIMIT_COUNT, "every limit has a name");

const char *limit_name(enum limit limit)
{
    return names[limit];
}
