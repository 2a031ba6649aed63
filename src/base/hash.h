/* SPDX-License-Identifier: MIT */
/*
 * hash.h - a seeded hash of bytes for tables in memory.
 *
 * With a secret random seed a peer cannot choose colliding keys at will; it is no cryptographic
 * function. The value depends on seed, bytes and byte order of the machine: never store it.
 */
#ifndef TINYWEB_BASE_HASH_H
#define TINYWEB_BASE_HASH_H

#include "base/slice.h"

#include <stdint.h>

uint64_t hash_bytes(uint64_t seed, struct slice bytes);

#endif
