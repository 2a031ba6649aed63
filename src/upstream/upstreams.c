/* SPDX-License-Identifier: MIT */
/* upstreams.c - one group a section, and the fetcher that they share. */
#include "upstream/upstreams.h"

#include "upstream/checker.h"
#include "upstream/http_client.h"

#include <errno.h>
#include <stdlib.h>

/* Besides what the client has said: Via, X-Forwarded-…, and set_header. */
#define HEAD_OF_OURS (16U * 1024)

static uint32_t head_max_of(const struct config *config, size_t upstream)
{
    uint32_t head_max = 1024;

    for (size_t i = 0; i < config->location_count; i++) {
        const struct location_config *location = &config->locations[i];

        if (location->proxy && location->upstream == upstream)
            head_max = MAX(head_max, location->forward.head_max);
    }
    return head_max;
}

static void destroy_group(struct upstream_group *group)
{
    if (!group)
        return;
    checker_destroy(group->checker);
    http_clients_destroy(group->clients);
    group_destroy(group);
}

/* For want of descriptors one group takes what another one keeps. */
static bool make_room(void *context)
{
    struct upstreams *upstreams = context;

    for (size_t i = 0; i < upstreams->count; i++) {
        if (http_clients_evict(upstreams->groups[i]->clients))
            return true;
    }
    return false;
}

static int create_group(struct upstreams *upstreams, const struct upstreams_settings *settings,
                        size_t index, struct upstream_group **ret_group)
{
    const struct upstream_config *config = &settings->config->upstreams[index];
    struct upstream_group *group;
    int err = group_create(&(struct group_settings){.config = config,
                                                    .loop = settings->loop,
                                                    .table = settings->table,
                                                    .slot = settings->slot},
                           &group);

    if (err)
        return err;
    err = http_clients_create(
        &(struct http_clients_settings){
            .loop = settings->loop,
            .mempool = settings->mempool,
            .config = config,
            .head_max = head_max_of(settings->config, index),
            .capacity = settings->config->server.worker_connections,
            .counters = settings->counters,
            .make_room = make_room,
            .context = upstreams,
        },
        &group->clients);
    if (!err && config->check && settings->table)
        err = checker_create(group, &group->checker);
    if (err)
        destroy_group(group);
    else
        *ret_group = group;
    return err;
}

static int build(struct upstreams *upstreams, const struct upstreams_settings *settings)
{
    const struct config *config = settings->config;
    int err = fetcher_create(
        &(struct fetcher_settings){
            .loop = settings->loop,
            .mempool = settings->mempool,
            .request_head_max = (size_t)config->server.max_header_size * 2 + HEAD_OF_OURS,
        },
        &upstreams->fetcher);

    upstreams->groups = calloc(config->upstream_count, sizeof(struct upstream_group *));
    if (!upstreams->groups)
        return -ENOMEM;
    for (; !err && upstreams->count < config->upstream_count; upstreams->count++)
        err = create_group(upstreams, settings, upstreams->count,
                           &upstreams->groups[upstreams->count]);
    if (!err && settings->names)
        err = namewatch_create(upstreams->groups, upstreams->count, settings->names, settings->loop,
                               &upstreams->names);
    return err;
}

int upstreams_create(const struct upstreams_settings *settings, struct upstreams **ret_upstreams)
{
    struct upstreams *upstreams;
    int err;

    *ret_upstreams = NULL;
    if (settings->config->upstream_count == 0)
        return 0;
    if (settings->table)
        servertable_enter(settings->table, settings->slot);
    upstreams = calloc(1, sizeof(*upstreams));
    if (!upstreams)
        return -ENOMEM;
    err = build(upstreams, settings);
    if (err)
        upstreams_destroy(upstreams);
    else
        *ret_upstreams = upstreams;
    return err;
}

void upstreams_drain(struct upstreams *upstreams)
{
    if (!upstreams)
        return;
    for (size_t i = 0; i < upstreams->count; i++) {
        if (upstreams->groups[i]->checker)
            checker_stop(upstreams->groups[i]->checker);
        http_clients_drain(upstreams->groups[i]->clients);
    }
    fetcher_drain(upstreams->fetcher);
}

void upstreams_destroy(struct upstreams *upstreams)
{
    if (!upstreams)
        return;
    namewatch_destroy(upstreams->names);
    fetcher_destroy(upstreams->fetcher);
    for (size_t i = 0; upstreams->groups && i < upstreams->count; i++)
        destroy_group(upstreams->groups[i]);
    free(upstreams->groups);
    free(upstreams);
}
