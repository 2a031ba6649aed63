/* SPDX-License-Identifier: MIT */
/*
 * cache.h - answers from what is kept of an upstream's replies, and keeps them (RFC 9111).
 *
 * In front of handler/proxy, which gets what is not for a cache.
 */
#ifndef TINYWEB_HANDLER_CACHE_H
#define TINYWEB_HANDLER_CACHE_H

#include "http/http_context.h"

struct reply;

struct handler *cache_create(struct http_context *http); /* NULL: out of memory */

/* @reply has come for a @req that was passed on: what it has changed is no longer answered from what
 * is kept (section 4.4). Does nothing where the location has no cache. */
void cache_note_reply(struct http_context *http, const struct http_site *site,
                      const struct request *req, const struct reply *reply);

#endif
