/* SPDX-License-Identifier: MIT */
/*
 * listing.h - what a directory holds, as HTML, JSON or plain text.
 *
 * A listing is made in bounded pieces, one a turn of the loop for all listings of the worker, so
 * the largest directory stalls nobody. It is rendered twice: once for its length and its ETag (of
 * the content: what changes in a directory does not always show in its time), once while it is
 * sent. So it holds its entries only, not its text, however slowly the client reads.
 */
#ifndef TINYWEB_HANDLER_LISTING_H
#define TINYWEB_HANDLER_LISTING_H

#include "http/http_context.h"

struct listings;

/* Borrows @http; after the last connection is closed destroy it. NULL: out of memory. */
struct listings *listings_create(struct http_context *http);
void listings_destroy(struct listings *listings); /* NULL is fine */

/*
 * Answer @req with what the directory @path holds (the end of req->name, and "" or ending in "/"),
 * as the settings of resp->site say: @resp is pending after that, or an error.
 */
void listings_answer(struct listings *listings, struct slice path, const struct request *req,
                     struct response *resp);

#endif
