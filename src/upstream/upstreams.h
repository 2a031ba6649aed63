/* SPDX-License-Identifier: MIT */
/* upstreams.h - all that a worker has for its [upstream] sections. */
#ifndef TINYWEB_UPSTREAM_UPSTREAMS_H
#define TINYWEB_UPSTREAM_UPSTREAMS_H

#include "upstream/fetcher.h"
#include "upstream/group.h"
#include "upstream/name_watch.h"

struct upstreams {
    struct fetcher *fetcher;
    struct upstream_group **groups; /* as many as the configuration has, in its order */
    size_t count;
    struct name_watch *names; /* NULL: no server is a name */
};

struct upstreams_settings {
    const struct config *config; /* borrowed */
    struct event_loop *loop;
    struct mempool *mempool;
    struct worker_counters *counters;
    struct server_table *table;     /* of all workers; NULL: each group has one of its own */
    const struct name_table *names; /* NULL: nothing is known of names */
    unsigned slot;                  /* of this worker */
};

/* *@ret_upstreams is NULL when the configuration has none. 0 or -ENOMEM;
 * -ENOSPC: the table is full. */
MUST_CHECK int upstreams_create(const struct upstreams_settings *settings,
                                struct upstreams **ret_upstreams);
/* The worker leaves: what is under way goes on, tunnels for a while; but nothing is kept, and nobody is
 * checked. NULL is fine. */
void upstreams_drain(struct upstreams *upstreams);
/* After whoever has fetches; NULL is fine. */
void upstreams_destroy(struct upstreams *upstreams);

#endif
