/* SPDX-License-Identifier: MIT */
/* health.c - one word a path, which is one of the two: the protocol has seen to that. */
#include "handler/health.h"

#include <stdlib.h>

struct health {
    struct handler handler;
    struct http_context *http;
    const counter *is_draining;
};

static void start(struct handler *handler, const struct request *req, struct response *resp)
{
    struct health *self = container_of(handler, struct health, handler);
    const struct server_config *config = &self->http->config->server;
    bool is_ready_path = slice_equal(req->name, slice_from_string(config->ready_path));

    resp->status = 200;
    resp->text = SLICE_LITERAL("live\n");
    if (is_ready_path)
        resp->text = SLICE_LITERAL("ready\n");
    if (is_ready_path && counter_get(self->is_draining)) {
        resp->status = config->ready_status;
        resp->text = SLICE_LITERAL("draining\n");
    }
    resp->kind = CONTENT_TEXT;
    resp->text_type = SLICE_LITERAL("text/plain; charset=utf-8");
    resp->reason = "health";
    writer_literal(&resp->headers, "Cache-Control: no-store\r\n");
}

static void destroy(struct handler *handler)
{
    free(container_of(handler, struct health, handler));
}

static const struct handler_ops health_ops = {
    .name = "health",
    .start = start,
    .destroy = destroy,
};

struct handler *health_create(struct http_context *http, const counter *is_draining)
{
    struct health *self = malloc(sizeof(*self));

    if (!self)
        return NULL;
    *self = (struct health){.handler.ops = &health_ops, .http = http, .is_draining = is_draining};
    return &self->handler;
}
