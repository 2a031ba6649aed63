/* SPDX-License-Identifier: MIT */
/* cookie.h - the cookies of a request (RFC 6265 section 5.4). */
#ifndef TINYWEB_HTTP_COOKIE_H
#define TINYWEB_HTTP_COOKIE_H

#include "base/writer.h"
#include "http/header_table.h"

/* The value of the first cookie with that name, as it was sent; names differ by case. False: none has it. */
bool cookie_find(const struct header_table *headers, struct slice name, struct slice *ret_value);

/* The value of a Cookie field without the cookies of that name, however many. False: there is none of it, and
 * nothing was written. */
bool cookie_write_without(struct writer *w, struct slice line, struct slice name);

#endif
