/* SPDX-License-Identifier: MIT */
/* fixed_status.h - the same error to every request: `status = 410`. */
#ifndef TINYWEB_HANDLER_FIXED_STATUS_H
#define TINYWEB_HANDLER_FIXED_STATUS_H

#include "http/http_context.h"

/* For registry.h. Borrows @http; NULL: out of memory. */
struct handler *fixed_status_create(struct http_context *http);

#endif
