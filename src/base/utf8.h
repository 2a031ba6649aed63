/* SPDX-License-Identifier: MIT */
/* utf8.h - is this text UTF-8 (RFC 3629: no overlong forms, no surrogates, up to U+10FFFF)? */
#ifndef TINYWEB_BASE_UTF8_H
#define TINYWEB_BASE_UTF8_H

#include "base/slice.h"

/* How many bytes from the start are valid: all of them, or the offset of the first bad one. */
size_t utf8_valid_length(struct slice text);

#endif
