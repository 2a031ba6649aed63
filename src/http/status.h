/* SPDX-License-Identifier: MIT */
/* status.h - status codes and their reason phrases (RFC 9110 section 15). */
#ifndef TINYWEB_HTTP_STATUS_H
#define TINYWEB_HTTP_STATUS_H

#include "base/slice.h"

/* "Not Found" for 404; "Unknown" for what has no row. */
const char *status_reason(unsigned status);
/* "HTTP/1.1 404 Not Found\r\n", ready to send. Empty for what has no row. */
struct slice status_line(unsigned status);
/* 1xx, 204 and 304 never have content. */
bool status_has_content(unsigned status);

#endif
