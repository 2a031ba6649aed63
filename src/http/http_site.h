/* SPDX-License-Identifier: MIT */
/* http_site.h - the settings that one request is answered by: those of its location, else of its
 * host, else of the server. */
#ifndef TINYWEB_HTTP_HTTP_SITE_H
#define TINYWEB_HTTP_HTTP_SITE_H

#include "config/config.h"
#include "file/file_cache.h"

struct handler;
struct http_context;

/* Constant once it is made; all is borrowed. */
struct http_site {
    const struct site_config *config;
    const struct location_config *location; /* NULL: none has claimed the request */
    struct file_root root;
    struct handler *handler; /* answers */
    struct handler *guarded; /* the one that answers when `handler` is a guard and lets it */
};

void http_site_init(struct http_site *site, const struct http_context *http,
                    const struct site_config *config, const struct location_config *location);

#endif
