/* SPDX-License-Identifier: MIT */
/*
 * proxy.h - passes requests on to an upstream, and its replies back; content is streamed both ways.
 *
 *   client ─► http/pending.h ─► relay ─► upstream/fetch.h ─► server
 *
 * What one side does not take, the other is not asked for: no more than some ten kilobytes of either
 * content are here at once, but for `buffer_request`.
 */
#ifndef TINYWEB_HANDLER_PROXY_H
#define TINYWEB_HANDLER_PROXY_H

#include "http/http_context.h"

struct handler *proxy_create(struct http_context *http); /* NULL: out of memory */

#endif
