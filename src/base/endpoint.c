/* SPDX-License-Identifier: MIT */
/* endpoint.c - an address or the path of a socket. */
#include "base/endpoint.h"

#include <errno.h>

int endpoint_of_path(struct slice path, struct endpoint *ret_endpoint)
{
    struct endpoint endpoint = {.local = {.sun_family = AF_UNIX}};
    if (path.len == 0 || path.len >= sizeof(endpoint.local.sun_path) || slice_find(path, '\0') >= 0)
        return -EINVAL;
    memcpy(endpoint.local.sun_path, path.data, path.len);
    *ret_endpoint = endpoint;
    return 0;
}

socklen_t endpoint_size(const struct endpoint *endpoint)
{
    if (endpoint->any.sa_family == AF_UNIX)
        return (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
                           strlen(endpoint->local.sun_path) + 1);
    return address_size(&endpoint->addr);
}

size_t endpoint_format(const struct endpoint *endpoint, char out[ENDPOINT_TEXT_SIZE])
{
    static_assert(ENDPOINT_TEXT_SIZE >= ADDRESS_TEXT_SIZE, "an address must fit");
    if (endpoint->any.sa_family == AF_UNIX) {
        size_t len = strlen(endpoint->local.sun_path), start = strlen(ENDPOINT_UNIX);
        memcpy(out, ENDPOINT_UNIX, start);
        memcpy(out + start, endpoint->local.sun_path, len + 1);
        return start + len;
    }
    return address_format(&endpoint->addr, out);
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
    if (a->any.sa_family != b->any.sa_family)
        return false;
    if (a->any.sa_family == AF_UNIX)
        return strcmp(a->local.sun_path, b->local.sun_path) == 0;
    return address_equal(&a->addr, &b->addr);
}
