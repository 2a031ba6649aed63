/* SPDX-License-Identifier: MIT */
/* http_site.c - a site of the configuration, with what this worker has opened for it. */
#include "http/http_site.h"

#include "http/http_context.h"

void http_site_init(struct http_site *site, const struct http_context *http,
                    const struct site_config *config, const struct location_config *location)
{
    struct handler *handler = http->handlers[location ? location_answer(location) : ANSWER_FILES];

    *site = (struct http_site){
        .config = config,
        .location = location,
        .root = {.fd = http->root_fds[config->root_number], .space = config->file_space},
        .handler = config->auth_file ? http->handlers[ANSWER_GUARD] : handler,
        .guarded = handler,
    };
}
