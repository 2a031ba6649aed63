/* SPDX-License-Identifier: MIT */
/*
 * health.h - answers for orchestrators and load balancers: alive, and ready for new work.
 *
 * Alive is whoever can answer. Ready ends when the server is told to drain or to quit, while
 * service goes on: so the balancer looks elsewhere before the port is closed.
 */
#ifndef TINYWEB_HANDLER_HEALTH_H
#define TINYWEB_HANDLER_HEALTH_H

#include "http/http_context.h"

/* For http_settings.make_health. Borrows @http and @is_draining (not 0: not ready). NULL: out of
 * memory. */
struct handler *health_create(struct http_context *http, const counter *is_draining);

#endif
