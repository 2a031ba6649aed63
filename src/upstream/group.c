/* SPDX-License-Identifier: MIT */
/* group.c - one server after the other. */
#include "upstream/group.h"

#include <errno.h>
#include <stdlib.h>

int group_create(const struct http_clients_settings *settings, struct upstream_group **ret_group)
{
    const struct upstream_config *config = settings->config;
    struct upstream_group *group = calloc(1, sizeof(*group));
    int err;

    if (!group)
        return -ENOMEM;
    group->config = config;
    group->servers = calloc(config->server_count, sizeof(*group->servers));
    err = group->servers ? http_clients_create(settings, &group->clients) : -ENOMEM;
    if (err) {
        group_destroy(group);
        return err;
    }
    for (group->count = 0; group->count < config->server_count; group->count++) {
        struct upstream_server *server = &group->servers[group->count];

        server->group = group;
        server->index = group->count;
        server->endpoint = config->servers[group->count].endpoint;
        idle_pool_init(&server->idle);
    }
    *ret_group = group;
    return 0;
}

void group_destroy(struct upstream_group *group)
{
    if (!group)
        return;
    http_clients_destroy(group->clients);
    free(group->servers);
    free(group);
}

uint64_t group_key(const struct upstream_group *group, const struct request *req,
                   const struct address *client)
{
    (void)group;
    (void)req;
    (void)client;
    return 0;
}

struct upstream_server *group_pick(struct upstream_group *group, uint64_t key, uint64_t tried)
{
    (void)key;
    for (unsigned i = 0; i < group->count; i++) {
        struct upstream_server *server = &group->servers[group->next++ % group->count];

        if ((tried >> server->index & 1) == 0)
            return server;
    }
    return NULL;
}

void server_release(struct upstream_server *server, enum fetch_outcome outcome, uint32_t latency_us)
{
    (void)server;
    (void)outcome;
    (void)latency_us;
}
