/* SPDX-License-Identifier: MIT */
/* fetcher.h - what the fetches of one worker share. */
#ifndef TINYWEB_UPSTREAM_FETCHER_H
#define TINYWEB_UPSTREAM_FETCHER_H

#include "base/counters.h"
#include "base/mempool.h"
#include "event/event_loop.h"

struct fetcher;

struct fetcher_settings {
    struct event_loop *loop;
    struct mempool *mempool;
    size_t request_head_max; /* bytes of what write_head() writes at most */
};

MUST_CHECK int fetcher_create(const struct fetcher_settings *settings,
                              struct fetcher **ret_fetcher);
/* The worker leaves when all have ended: tunnels get tunnel_drain from now on. */
void fetcher_drain(struct fetcher *fetcher);
/* Fetches that are left end, as with a worker that leaves. Before the groups they ask; NULL is fine. */
void fetcher_destroy(struct fetcher *fetcher);

#endif
