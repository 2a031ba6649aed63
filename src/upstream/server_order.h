/* SPDX-License-Identifier: MIT */
/*
 * server_order.h - what an admin says of a server, by its name, for the workers of all generations.
 *
 * For the process that admins talk to, which has no groups: servers are found by the configuration and, those
 * that are names, by the addresses they have now. The order of a name is for whatever address it has later.
 */
#ifndef TINYWEB_UPSTREAM_SERVER_ORDER_H
#define TINYWEB_UPSTREAM_SERVER_ORDER_H

#include "base/endpoint.h"
#include "config/config.h"
#include "upstream/name_table.h"
#include "upstream/server_health.h"
#include "upstream/server_table.h"

/* All servers of a configuration, one after the other: set the first two, the rest is private. */
struct server_walk {
    const struct config *config;
    const struct name_table *names;
    size_t upstream, server;
    int address, address_count;
    struct address addresses[NAME_ADDRESSES_MAX];
};

struct walked_server {
    const struct upstream_config *upstream;
    const struct upstream_server_config *config;
    const char *name; /* as status pages have it; the walk's or the configuration's */
    bool is_name;     /* that is looked up: its addresses follow, each as a server */
    uint64_t key;     /* in the table */
    char text[ENDPOINT_TEXT_SIZE];
};

/* False: there is none any more. */
bool serverwalk_next(struct server_walk *walk, struct walked_server *ret_server);

/* The words of enum server_order: "ready", "drain", "maint". */
const char *serverorder_word(enum server_order order);

/* @order to all servers called @name, as in "app/10.0.0.1:8080": how many there are; -ENOSPC: the table is full. */
MUST_CHECK int serverorder_give(const struct server_walk *all, struct server_table *table,
                                struct slice name, enum server_order order, int64_t now_ms);

#endif
