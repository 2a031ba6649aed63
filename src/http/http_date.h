/* SPDX-License-Identifier: MIT */
/* http_date.h - HTTP dates (RFC 9110 section 5.6.7), without locale or time zone. */
#ifndef TINYWEB_HTTP_HTTP_DATE_H
#define TINYWEB_HTTP_HTTP_DATE_H

#include "base/macros.h"
#include "base/slice.h"

#include <time.h>

/* "Sun, 06 Nov 1994 08:49:37 GMT", without a terminator. */
#define HTTP_DATE_SIZE 29

/* Write HTTP_DATE_SIZE bytes. Times before 1970 or past the year 9999 are brought into it. */
void http_date_format(char *out, time_t seconds);

/*
 * IMF-fixdate, and the obsolete RFC 850 and asctime forms. A two-digit year more than 50 years
 * after @now is of the past century. Every field is checked (31 Feb and 24:00:00 are errors; the
 * name of the day is read but not compared). Returns 0 or -EINVAL.
 */
MUST_CHECK int http_date_parse(struct slice text, time_t now, time_t *ret_seconds);

#endif
