/* SPDX-License-Identifier: MIT */
/* error_page.h - the built-in page of an error: small, self-contained, dark and light. */
#ifndef TINYWEB_HTTP_ERROR_PAGE_H
#define TINYWEB_HTTP_ERROR_PAGE_H

#include "base/writer.h"

/* Enough for every built-in page. */
#define ERROR_PAGE_BUILTIN_SIZE 2048

/* HTML (UTF-8) with status, reason phrase and one sentence for a person; and with @request_id, for whom
 * that person asks, unless it is empty. */
void error_page_write(struct writer *w, unsigned status, struct slice request_id);

#endif
