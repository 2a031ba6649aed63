/* SPDX-License-Identifier: MIT */
/* server_order.c - names to keys, and keys to words that all workers read. */
#include "upstream/server_order.h"

#include <errno.h>

const char *serverorder_word(enum server_order order)
{
    static const char *const words[] = {
        [SERVER_READY] = "ready", [SERVER_DRAIN] = "drain", [SERVER_MAINT] = "maint"};
    return words[order];
}

static void set_endpoint(struct walked_server *server, const struct endpoint *endpoint)
{
    size_t len = endpoint_format(endpoint, server->text);
    server->key = servertable_key(server->upstream->name, slice_of(server->text, len));
}

/* The addresses of the name that the walk has just come to. */
static void look_up(struct server_walk *walk, const struct upstream_server_config *config)
{
    uint32_t version = 0;
    int count = nametable_read(walk->names, config->host, &version, walk->addresses);
    walk->address = 0;
    walk->address_count = MAX(count, 0);
    for (int i = 0; i < walk->address_count; i++)
        address_set_port(&walk->addresses[i], config->port);
}

static void next_address(struct server_walk *walk, struct walked_server *server)
{
    struct endpoint endpoint = endpoint_of_address(&walk->addresses[walk->address++]);
    server->config = &server->upstream->servers[walk->server - 1];
    server->is_name = false;
    set_endpoint(server, &endpoint);
    server->name = server->text;
}

static void next_server(struct server_walk *walk, struct walked_server *server)
{
    const struct upstream_server_config *config = &server->upstream->servers[walk->server++];
    server->config = config;
    server->is_name = config->host != NULL;
    server->name = config->label ? config->label : config->text;
    if (server->is_name) {
        server->text[0] = '\0';
        server->key = servertable_key(server->upstream->name, slice_from_string(config->text));
        look_up(walk, config);
    } else {
        set_endpoint(server, &config->endpoint);
    }
}

bool serverwalk_next(struct server_walk *walk, struct walked_server *ret_server)
{
    for (; walk->upstream < walk->config->upstream_count; walk->upstream++, walk->server = 0) {
        ret_server->upstream = &walk->config->upstreams[walk->upstream];
        if (walk->address < walk->address_count) {
            next_address(walk, ret_server);
            return true;
        }
        if (walk->server < ret_server->upstream->server_count) {
            next_server(walk, ret_server);
            return true;
        }
    }
    return false;
}

static bool is_called(const struct walked_server *server, struct slice upstream, struct slice name)
{
    return slice_equal_nocase(upstream, slice_from_string(server->upstream->name)) &&
           (slice_equal_nocase(name, slice_from_string(server->name)) ||
            slice_equal_nocase(name, slice_from_string(server->text)));
}

static bool apply_order(struct server_health *health, const struct health_event *event)
{
    return health_order(health, event->order, event->now_ms);
}

int serverorder_give(const struct server_walk *all, struct server_table *table, struct slice name,
                     enum server_order order, int64_t now_ms)
{
    const struct health_event event = {.apply = apply_order, .order = order, .now_ms = now_ms};
    struct server_walk walk = *all;
    struct walked_server server;
    struct server_health health;
    ptrdiff_t slash = slice_find(name, '/');
    bool is_of_name = false; /* those that come now are addresses of a name that is meant */
    int count = 0;
    if (slash < 0)
        return 0;
    struct slice upstream = slice_of(name.data, (size_t)slash);
    name = slice_from(name, (size_t)slash + 1);
    if (name.len == 0)
        return 0;
    while (serverwalk_next(&walk, &server)) {
        bool is_meant = is_called(&server, upstream, name);
        is_of_name = server.config->host && (server.is_name ? is_meant : is_of_name);
        /* A name that is ready has no address that is not. */
        if (!is_meant && !(is_of_name && order == SERVER_READY))
            continue;
        int entry = servertable_find(table, server.key, now_ms);
        if (entry < 0)
            return entry;
        (void)health_change(&table->entries[entry].health, &event, &health);
        count++;
    }
    return count;
}
