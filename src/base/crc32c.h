/* SPDX-License-Identifier: MIT */
/* crc32c.h - the checksum of Castagnoli (RFC 3720 appendix B.4), for small texts. */
#ifndef TINYWEB_BASE_CRC32C_H
#define TINYWEB_BASE_CRC32C_H

#include "base/slice.h"

#include <stdint.h>

/* Of @bytes behind those that gave @crc; 0 at the start. */
uint32_t crc32c_add(uint32_t crc, struct slice bytes);

#endif
