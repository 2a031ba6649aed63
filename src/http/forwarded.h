/* SPDX-License-Identifier: MIT */
/*
 * forwarded.h - for whom a request is asked that came through proxies: the field X-Forwarded-For,
 * or Forwarded (RFC 7239).
 *
 * Each proxy adds at the right whom it got the request from; what stands further left may be
 * anybody's invention. So hops are walked from the right, as long as they are trusted themselves.
 */
#ifndef TINYWEB_HTTP_FORWARDED_H
#define TINYWEB_HTTP_FORWARDED_H

#include "base/address.h"
#include "http/header_table.h"

/*
 * The right-most hop that is not in @trusted, starting with @peer; the left-most one, when all are.
 * @field is HEADER_X_FORWARDED_FOR or HEADER_FORWARDED. A hop that is not told as an address, and
 * whatever breaks the grammar, ends the walk: then the last hop is who is known. The port is 0 where
 * none is told.
 */
struct address forwarded_client(const struct header_table *headers, enum header_id field,
                                const struct address *peer, const struct network_list *trusted);

#endif
