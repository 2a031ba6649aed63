/* SPDX-License-Identifier: MIT */
/* interfaces.h - the addresses that others can reach this machine at. */
#ifndef TINYWEB_OS_INTERFACES_H
#define TINYWEB_OS_INTERFACES_H

#include "base/address.h"

#include <stddef.h>

/* IPv4 addresses of interfaces that are up, loopback excepted, each with @port; at most @max.
 * Returns how many; 0 also when they cannot be found out. */
size_t interfaces_list(uint16_t port, struct address *ret_addresses, size_t max);

#endif
