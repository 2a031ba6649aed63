/* SPDX-License-Identifier: MIT */
/* errno_answer.h - the answer to a file or directory that cannot be opened or read. */
#ifndef TINYWEB_HANDLER_ERRNO_ANSWER_H
#define TINYWEB_HANDLER_ERRNO_ANSWER_H

#include "http/http_context.h"

/* Fill @resp for @err, a -errno; 500 for one that says nothing about the request. */
void errno_answer(struct http_context *http, struct response *resp, int err);

#endif
