/* SPDX-License-Identifier: MIT */
/*
 * static_file.h - answers with files below the document root: the default handler.
 *
 * GET and HEAD; OPTIONS tells so, everything else is 405. Index files, redirects of directories
 * without their slash, conditional requests and byte ranges.
 */
#ifndef TINYWEB_HANDLER_STATIC_FILE_H
#define TINYWEB_HANDLER_STATIC_FILE_H

#include "http/selection.h"

/* Borrows @http, for http_settings.make_handler. NULL: out of memory. */
struct handler *static_file_create(struct http_context *http);

/* Answer with @file, whose reference it takes, now that it is known what became of it. */
void static_file_answer_late(struct http_context *http, const struct request *req,
                             struct response *resp, struct open_file *file,
                             const struct selection_made *made);

#endif
