/* SPDX-License-Identifier: MIT */
/* kept_request.h - a copy of a request that outlives its client. */
#ifndef TINYWEB_HTTP_KEPT_REQUEST_H
#define TINYWEB_HTTP_KEPT_REQUEST_H

#include "http/request.h"

/* One block: the request, the rows of its fields, and all bytes they point to. */
struct kept_request {
    struct request req; /* its `name` is empty */
    struct header rows[];
};

/* NULL: out of memory; freed by free(). */
struct kept_request *kept_request_create(const struct request *req);

#endif
