/* SPDX-License-Identifier: MIT */
/* router.c - hosts in a table of names, and for each of them its locations. */
#include "http/router.h"

#include "http/host_table.h"
#include "http/http_context.h"
#include "http/location_table.h"

#include <errno.h>
#include <stdlib.h>

struct host {
    struct http_site site;
    struct location_table *locations; /* NULL: none */
};

struct router {
    struct host_table *names; /* number in `hosts` */
    struct host *hosts;       /* the first is that of [server] */
    size_t host_count;
    size_t default_host;
    struct path_glob **globs; /* of each location, compiled; NULL: it has none */
    size_t location_count;
};

static int add_names(struct router *router, const struct config *config)
{
    for (size_t i = 0; i < config->host_count; i++) {
        const struct host_config *host = &config->hosts[i];

        if (host->is_default)
            router->default_host = i + 1;
        for (size_t k = 0; k < host->server_names.count; k++) {
            int err = host_table_add(router->names, slice_from_string(host->server_names.items[k]),
                                     i + 1);

            if (err)
                return err;
        }
    }
    return 0;
}

static int compile_globs(struct router *router, const struct config *config)
{
    router->location_count = config->location_count;
    router->globs = calloc(config->location_count + 1, sizeof(*router->globs));
    if (!router->globs)
        return -ENOMEM;
    for (size_t i = 0; i < config->location_count; i++) {
        const struct string_list *globs = &config->locations[i].globs;

        if (globs->count == 0)
            continue;
        router->globs[i] = malloc(globs->count * sizeof(*router->globs[i]));
        if (!router->globs[i])
            return -ENOMEM;
        for (size_t k = 0; k < globs->count; k++) {
            if (!path_glob_compile(&router->globs[i][k], slice_from_string(globs->items[k])))
                return -EINVAL;
        }
    }
    return 0;
}

static int add_locations(struct router *router, const struct http_context *http)
{
    const struct config *config = http->config;

    for (size_t first = 0; first < config->route_count;) {
        size_t host = config->routes[first].host, end = first;
        int err;

        while (end < config->route_count && config->routes[end].host == host)
            end++;
        err = location_table_create(http, &config->routes[first], end - first, router->globs,
                                    &router->hosts[host].locations);
        if (err)
            return err;
        first = end;
    }
    return 0;
}

static int build(struct router *router, const struct http_context *http)
{
    const struct config *config = http->config;
    int err;

    router->host_count = config->host_count + 1;
    router->hosts = calloc(router->host_count, sizeof(*router->hosts));
    router->names = host_table_create();
    if (!router->hosts || !router->names)
        return -ENOMEM;
    http_site_init(&router->hosts[0].site, http, &config->site, NULL);
    for (size_t i = 0; i < config->host_count; i++)
        http_site_init(&router->hosts[i + 1].site, http, &config->hosts[i].site, NULL);
    err = add_names(router, config);
    if (!err)
        err = compile_globs(router, config);
    return err ? err : add_locations(router, http);
}

int router_create(const struct http_context *http, struct router **ret_router)
{
    struct router *router;
    int err;

    *ret_router = NULL;
    if (http->config->host_count + http->config->location_count == 0)
        return 0;
    router = calloc(1, sizeof(*router));
    if (!router)
        return -ENOMEM;
    err = build(router, http);
    if (err)
        router_destroy(router);
    else
        *ret_router = router;
    return err;
}

void router_destroy(struct router *router)
{
    if (!router)
        return;
    for (size_t i = 0; router->hosts && i < router->host_count; i++)
        location_table_destroy(router->hosts[i].locations);
    for (size_t i = 0; router->globs && i < router->location_count; i++)
        free(router->globs[i]);
    host_table_destroy(router->names);
    free(router->globs);
    free(router->hosts);
    free(router);
}

const struct http_site *router_find(const struct router *router, struct request *req)
{
    size_t number = router->default_host;
    const struct host *host;
    const struct http_site *site;

    (void)host_table_find(router->names, req->host, &number);
    host = &router->hosts[number];
    /* "*" is the server as such (RFC 9110 section 9.3.7), not a path in it. */
    if (!host->locations || slice_equal(req->target, SLICE_LITERAL("*")))
        return &host->site;
    site = location_table_find(host->locations, req->name);
    if (!site)
        return &host->site;
    if (site->location->strip_prefix && site->location->prefix)
        req->stripped = MIN(strlen(site->location->prefix) + 1, req->name.len);
    return site;
}
