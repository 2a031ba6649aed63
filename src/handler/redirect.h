/* SPDX-License-Identifier: MIT */
/*
 * redirect.h - sends clients elsewhere (RFC 9110 section 15.4): `redirect = 301 /new/$tail`.
 *
 * The tail is the decoded, normalised path behind the location's prefix, escaped again, so it can
 * neither add a field nor name another host. The query is kept unless the target has one.
 */
#ifndef TINYWEB_HANDLER_REDIRECT_H
#define TINYWEB_HANDLER_REDIRECT_H

#include "http/http_context.h"

/* For registry.h. Borrows @http; NULL: out of memory. */
struct handler *redirect_create(struct http_context *http);

#endif
