/* SPDX-License-Identifier: MIT */
/* fixed_status.c - an error page and nothing else. */
#include "handler/fixed_status.h"

#include "handler/options_answer.h"
#include "http/cors.h"
#include "http/error_response.h"

#include <stdlib.h>

struct fixed_status {
    struct handler handler;
    struct http_context *http;
};

static void start(struct handler *handler, const struct request *req, struct response *resp)
{
    struct fixed_status *self = container_of(handler, struct fixed_status, handler);

    if (cors_is_preflight(resp->site->config, req)) {
        options_answer(req, resp);
        return;
    }
    error_response(self->http, resp, resp->site->location->status, "configured");
    resp->must_close = req->method == METHOD_CONNECT;
}

static void destroy(struct handler *handler)
{
    free(container_of(handler, struct fixed_status, handler));
}

static const struct handler_ops fixed_status_ops = {
    .name = "fixed_status",
    .start = start,
    .destroy = destroy,
};

struct handler *fixed_status_create(struct http_context *http)
{
    struct fixed_status *self = malloc(sizeof(*self));

    if (!self)
        return NULL;
    *self = (struct fixed_status){.handler.ops = &fixed_status_ops, .http = http};
    return &self->handler;
}
