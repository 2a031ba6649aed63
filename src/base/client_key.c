/* SPDX-License-Identifier: MIT */
/* client_key.c - the bytes that tell one client from another. */
#include "base/client_key.h"

#include "base/hash.h"

#define IPV6_CLIENT_BYTES 8

uint64_t client_key(uint64_t seed, const struct address *addr)
{
    const uint8_t *bytes = addr->v6.sin6_addr.s6_addr;

    if (addr->any.sa_family == AF_INET)
        return hash_bytes(seed, slice_of((const char *)&addr->v4.sin_addr, 4));
    if (addr->any.sa_family != AF_INET6)
        return hash_bytes(seed, slice_of("", 0));
    if (IN6_IS_ADDR_V4MAPPED(&addr->v6.sin6_addr))
        return hash_bytes(seed, slice_of((const char *)bytes + 12, 4));
    return hash_bytes(seed, slice_of((const char *)bytes, IPV6_CLIENT_BYTES));
}
