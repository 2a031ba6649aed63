/* SPDX-License-Identifier: MIT */
/*
 * cache_policy.h - cache_control = auto: how long a file may be kept, by its name and type (RFC
 * 9111 section 5.2, RFC 8246).
 */
#ifndef TINYWEB_HTTP_CACHE_POLICY_H
#define TINYWEB_HTTP_CACHE_POLICY_H

#include "base/slice.h"

#include <stdbool.h>

#define CACHE_POLICY_LENGTH_MAX 64

/*
 * The value of Cache-Control for the file @path of the media type @type. A file whose name has the
 * hash of its content, as bundlers make them, may be kept for ever; pages, service workers and
 * manifests, which name those files, are asked for each time; others as well, which costs a 304.
 */
const char *cache_policy_of(struct slice path, struct slice type);

/*
 * True for a name like "app.3f9c1b2e.js" or "index-BfGx3k2_.css": of a kind that bundlers make,
 * with a part of 8 characters or more that is a hash. Words and dates are none: when in doubt the
 * answer is no, because what a browser has been told to keep for ever cannot be taken back.
 */
bool cache_policy_is_hashed(struct slice path);

#endif
