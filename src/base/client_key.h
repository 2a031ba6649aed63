/* SPDX-License-Identifier: MIT */
/*
 * client_key.h - what stands for one client in tables: an IPv4 address, or the first 64 bits of an
 * IPv6 address, of which every customer has at least as many addresses as that leaves open.
 */
#ifndef TINYWEB_BASE_CLIENT_KEY_H
#define TINYWEB_BASE_CLIENT_KEY_H

#include "base/address.h"

/* A hash with a secret @seed; an IPv4-mapped address is the IPv4 address. */
uint64_t client_key(uint64_t seed, const struct address *addr);

#endif
