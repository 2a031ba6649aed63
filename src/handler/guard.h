/* SPDX-License-Identifier: MIT */
/*
 * guard.h - asks for user and password (RFC 7617) before the site's own handler answers.
 *
 * Stands in the place of the handler of each site with an auth_file, so others pay nothing for it. Who
 * was found to be right in the last minutes goes on at once; else the answer is pending while
 * the password is hashed. A user that nobody has costs as much as one that there is.
 */
#ifndef TINYWEB_HANDLER_GUARD_H
#define TINYWEB_HANDLER_GUARD_H

#include "http/http_context.h"

/* For http_settings.make_handler. Borrows @http; NULL: out of memory. */
struct handler *guard_create(struct http_context *http);

#endif
