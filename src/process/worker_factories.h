/* SPDX-License-Identifier: MIT */
/*
 * worker_factories.h - which protocol the connections of each listener begin with.
 *
 * HTTP, or a PROXY header and then HTTP where `listen` says proxy_protocol.
 */
#ifndef TINYWEB_PROCESS_WORKER_FACTORIES_H
#define TINYWEB_PROCESS_WORKER_FACTORIES_H

#include "config/config.h"
#include "http/http_context.h"
#include "net/proxy_protocol.h"

struct worker_factories {
    struct proxy_protocol_factory proxy;
    struct factory *of_listener[]; /* in the order of server_config.listen */
};

/* *@ret_factories is NULL when all are HTTP alone. Borrows what it is given. 0 or -ENOMEM. */
MUST_CHECK int worker_factories_create(const struct config *config, struct http_context *http,
                                       struct worker_factories **ret_factories);
void worker_factories_destroy(struct worker_factories *factories);

#endif
