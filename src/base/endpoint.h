/* SPDX-License-Identifier: MIT */
/*
 * endpoint.h - where to connect to: an IPv4 or IPv6 address with a port, or a Unix socket.
 *
 * Larger than struct address, which is kept for each client and has no room for a path. Plain data,
 * copied freely.
 */
#ifndef TINYWEB_BASE_ENDPOINT_H
#define TINYWEB_BASE_ENDPOINT_H

#include "base/address.h"

#include <sys/un.h>

struct endpoint {
    union {
        struct sockaddr any; /* .sa_family: AF_INET, AF_INET6, AF_UNIX, or AF_UNSPEC for "none" */
        struct address addr; /* but of AF_UNIX */
        struct sockaddr_un local; /* its path is terminated */
    };
};

/* What stands in front of the path of a Unix socket. */
#define ENDPOINT_UNIX "unix:"

/* A path with its "unix:" and a terminator; that of an address is shorter. */
#define ENDPOINT_TEXT_SIZE (sizeof(((struct sockaddr_un *)NULL)->sun_path) + sizeof(ENDPOINT_UNIX))

static inline struct endpoint endpoint_of_address(const struct address *addr)
{
    return (struct endpoint){.addr = *addr};
}

/* @path is absolute. Returns 0, or -EINVAL: empty, too long for a socket, or with a NUL. */
MUST_CHECK int endpoint_of_path(struct slice path, struct endpoint *ret_endpoint);

/* sizeof the sockaddr within, for connect. */
socklen_t endpoint_size(const struct endpoint *endpoint);

/* Terminated "127.0.0.1:80", "[::1]:80" or "unix:/run/a.sock", "-" for none; returns its length. */
size_t endpoint_format(const struct endpoint *endpoint, char out[ENDPOINT_TEXT_SIZE]);

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);

#endif
