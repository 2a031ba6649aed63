/* SPDX-License-Identifier: MIT */
/* redirect.c - writes one Location. */
#include "handler/redirect.h"

#include "handler/options_answer.h"
#include "http/cors.h"

#include <stdlib.h>

/* What follows the prefix, without a "/" at its start. */
static struct slice tail_of(const struct location_config *location, struct slice name)
{
    size_t len = location->prefix ? strlen(location->prefix) : 0;

    return len == 0 ? name : slice_from(name, len + 1);
}

static void write_target(struct writer *w, const struct location_config *location,
                         const struct request *req)
{
    struct slice target = slice_from_string(location->redirect.target);
    ptrdiff_t hash = slice_find(target, '#');
    struct slice fragment = slice_from(target, hash < 0 ? target.len : (size_t)hash);

    target.len -= fragment.len;
    writer_slice(w, target);
    if (location->redirect.has_tail)
        writer_url_escaped(w, tail_of(location, req->name));
    if (slice_find(target, '?') < 0)
        writer_url_query(w, req->query);
    writer_slice(w, fragment);
}

static void start(struct handler *handler, const struct request *req, struct response *resp)
{
    const struct location_config *location = resp->site->location;

    (void)handler;
    if (cors_is_preflight(resp->site->config, req)) {
        options_answer(req, resp);
        return;
    }
    resp->status = location->redirect.status;
    resp->reason = "redirect";
    writer_literal(&resp->headers, "Location: ");
    write_target(&resp->headers, location, req);
    writer_literal(&resp->headers, "\r\n");
}

static void destroy(struct handler *handler)
{
    free(handler);
}

static const struct handler_ops redirect_ops = {
    .name = "redirect",
    .start = start,
    .destroy = destroy,
};

struct handler *redirect_create(struct http_context *http)
{
    struct handler *handler = malloc(sizeof(*handler));

    (void)http;
    if (handler)
        handler->ops = &redirect_ops;
    return handler;
}
