/* SPDX-License-Identifier: MIT */
/* error_response.h - the answer to what went wrong: configured page, or the built-in one. */
#ifndef TINYWEB_HTTP_ERROR_RESPONSE_H
#define TINYWEB_HTTP_ERROR_RESPONSE_H

#include "http/http_context.h"

/* Fill @resp, whose field lines (Allow, Content-Range …) are kept. @reason: for the access log. */
void error_response(struct http_context *http, struct response *resp, unsigned status,
                    const char *reason);

#endif
