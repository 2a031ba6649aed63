/* SPDX-License-Identifier: MIT */
/* late_file.h - an answer of a file that waits until the file has been compressed. */
#ifndef TINYWEB_HANDLER_LATE_FILE_H
#define TINYWEB_HANDLER_LATE_FILE_H

#include "http/http_context.h"

/* Have @resp->file compressed and make @resp a pending answer, which takes the file with it. False:
 * that is not possible now, and nothing has changed. */
MUST_CHECK bool late_file_wait(struct http_context *http, struct response *resp);

#endif
