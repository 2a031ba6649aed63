/* SPDX-License-Identifier: MIT */
/*
 * cors.h - which pages of other origins may read answers (the CORS protocol of the Fetch standard).
 *
 * "*" and a single origin are told to everybody, by a line that is always the same. Of several
 * origins a client is told its own only, so answers depend on Origin then.
 */
#ifndef TINYWEB_HTTP_CORS_H
#define TINYWEB_HTTP_CORS_H

#include "base/writer.h"
#include "config/config.h"
#include "http/request.h"

static inline bool cors_depends_on_request(const struct site_config *site)
{
    return site->cors.count > 1;
}

/* The lines of all answers that do not depend on the request; none where they do. */
void cors_write_lines(struct writer *w, const struct site_config *site);

/* Those that do: for the origin of @req, if it is one of several. */
void cors_write_lines_for(struct writer *w, const struct site_config *site,
                          const struct request *req);

/* What a preflight, an OPTIONS with Access-Control-Request-Method, is told besides: reading is
 * allowed, with any header fields. Nothing for another request. */
void cors_write_preflight(struct writer *w, const struct site_config *site,
                          const struct request *req);

/* True when @req is a preflight at a site with cors. Browsers take no redirect and no error for an
 * answer to it, so whatever the site answers to other requests, this one gets a 204. */
bool cors_is_preflight(const struct site_config *site, const struct request *req);

/* Room for the lines of any answer. */
size_t cors_room(const struct site_config *site);

#endif
