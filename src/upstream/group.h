/* SPDX-License-Identifier: MIT */
/*
 * group.h - the servers of one [upstream], and which of them is asked next.
 *
 * Of one worker. A server that was picked has a request more under way until server_release().
 */
#ifndef TINYWEB_UPSTREAM_GROUP_H
#define TINYWEB_UPSTREAM_GROUP_H

#include "base/endpoint.h"
#include "config/config.h"
#include "http/request.h"
#include "upstream/http_client.h"
#include "upstream/idle_pool.h"

struct upstream_server {
    struct upstream_group *group;
    unsigned index; /* a bit in the mask of those that were tried */
    struct endpoint endpoint;
    struct idle_pool idle;
};

struct upstream_group {
    const struct upstream_config *config;
    struct http_clients *clients;
    struct upstream_server *servers;
    unsigned count;
    unsigned next; /* whose turn it is */
};

/* Borrows @settings->config. 0 or -ENOMEM. */
MUST_CHECK int group_create(const struct http_clients_settings *settings,
                            struct upstream_group **ret_group);
void group_destroy(struct upstream_group *group); /* NULL is fine */

/* What decides among servers that are equal otherwise. */
uint64_t group_key(const struct upstream_group *group, const struct request *req,
                   const struct address *client);
/* One that is not among @tried; NULL: there is none. */
struct upstream_server *group_pick(struct upstream_group *group, uint64_t key, uint64_t tried);

/* What came of a request, as far as it tells something of the server. */
enum fetch_outcome {
    OUTCOME_OK,
    OUTCOME_CONNECT, /* it could not be connected */
    OUTCOME_RESET,
    OUTCOME_TIMEOUT,
    OUTCOME_BAD_REPLY,
    OUTCOME_ERROR, /* a status of 5xx */
    OUTCOME_OURS,  /* the client left, or a limit of ours: nothing of the server */
};
void server_release(struct upstream_server *server, enum fetch_outcome outcome,
                    uint32_t latency_us);

#endif
