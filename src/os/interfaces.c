/* SPDX-License-Identifier: MIT */
/* interfaces.c - getifaddrs(3). */

#include "os/interfaces.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

size_t interfaces_list(uint16_t port, struct address *ret_addresses, size_t max)
{
    size_t count = 0;
    struct ifaddrs *first;
    if (getifaddrs(&first) == -1)
        return 0;
    for (const struct ifaddrs *i = first; i && count < max; i = i->ifa_next) {
        if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET || !(i->ifa_flags & IFF_UP) ||
            (i->ifa_flags & IFF_LOOPBACK))
            continue;
        struct address *addr = &ret_addresses[count++];
        memcpy(&addr->v4, i->ifa_addr, sizeof(addr->v4));
        address_set_port(addr, port);
    }
    freeifaddrs(first);
    return count;
}
