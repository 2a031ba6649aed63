/* SPDX-License-Identifier: MIT */
/*
 * handler.h - what can answer a request; the one way up from http/ to handler/.
 *
 * A handler decides and describes the answer; it does not touch the connection.
 */
#ifndef TINYWEB_HTTP_HANDLER_H
#define TINYWEB_HTTP_HANDLER_H

#include "http/request.h"
#include "http/response.h"

struct handler;
struct http_context;

struct handler_ops {
    const char *name;
    /* Fill @resp, or set its `pending` for an answer that comes later (http/pending.h). Called when
     * the request is complete, its body (if any) read and dropped; or before any of its body is
     * read, which then goes to the pending one. */
    void (*start)(struct handler *handler, const struct request *req, struct response *resp);
    void (*destroy)(struct handler *handler);
    bool takes_body;
};

/* Embedded first in what a handler needs. */
struct handler {
    const struct handler_ops *ops;
};

#endif
