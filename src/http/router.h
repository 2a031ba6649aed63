/* SPDX-License-Identifier: MIT */
/*
 * router.h - which host and which location a request is for.
 *
 * Host: the name without port, letter case and final dot; an exact name, else the longest
 * wildcard, else the default host. Location: the longest prefix of the decoded path, at borders of
 * segments; within one prefix the locations with patterns first, in the order of the file; where
 * none of them matches, the next shorter prefix. The cost does not depend on how many hosts and
 * prefixes there are. Built once a worker; nothing is allocated for a request.
 */
#ifndef TINYWEB_HTTP_ROUTER_H
#define TINYWEB_HTTP_ROUTER_H

#include "base/macros.h"
#include "http/http_site.h"
#include "http/request.h"

struct router;

/* *@ret_router is NULL when the configuration has neither hosts nor locations. Borrows @http. */
MUST_CHECK int router_create(const struct http_context *http, struct router **ret_router);
void router_destroy(struct router *router); /* NULL is fine */

/* The site for req->host and req->name; sets req->stripped. Never NULL. */
const struct http_site *router_find(const struct router *router, struct request *req);

#endif
