/* SPDX-License-Identifier: MIT */
/* registry.h - the ways to answer, by the kind that the configuration asks for. */
#ifndef TINYWEB_HANDLER_REGISTRY_H
#define TINYWEB_HANDLER_REGISTRY_H

#include "http/http_context.h"

/* For http_settings.make_handler. Borrows @http; NULL: out of memory. */
struct handler *registry_make_handler(struct http_context *http, enum answer_kind kind);

#endif
