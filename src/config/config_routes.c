/* SPDX-License-Identifier: MIT */
/* config_routes.c - hosts, locations, and the routes that are made of both. */

#include "config/config_routes.h"

#include "config/config_check_routes.h"

#include <stdlib.h>

/* A location without a host is in each of them: more routes than these are a mistake. */
#define ROUTES_MAX 100000

static bool belongs_to(const struct location_config *location, const struct config *config,
                       size_t host)
{
    return !location->host ||
           (host > 0 && strcmp(location->host, config->hosts[host - 1].name) == 0);
}

static size_t count_routes(const struct config *config)
{
    size_t count = 0;
    for (size_t i = 0; i < config->location_count; i++)
        count += config->locations[i].host ? 1 : config->host_count + 1;
    return count;
}

static void add_routes(struct config *config, const struct site_settings *settings,
                       struct config_report *report)
{
    for (size_t host = 0; host <= config->host_count; host++) {
        for (size_t i = 0; i < config->location_count; i++) {
            if (!belongs_to(&config->locations[i], config, host))
                continue;
            struct route_config *route = &config->routes[config->route_count++];
            *route = (struct route_config){.host = host, .location = &config->locations[i]};
            struct site_chain chain = settings_chain_of_route(config, route);
            settings_apply(settings, &chain, report, &route->site);
        }
    }
}

void routes_build(struct config *config, const struct site_settings *settings,
                  struct config_place whole, struct config_report *report)
{
    if (config->host_count + config->location_count == 0)
        return;
    check_routes(config, settings, report);
    size_t count = count_routes(config);
    if (count > ROUTES_MAX) {
        report_error(report, whole,
                     "%zu locations without a host in each of %zu hosts are more than %d",
                     config->location_count, config->host_count, ROUTES_MAX);
        return;
    }
    for (size_t i = 0; i < config->host_count; i++) {
        struct site_chain chain = settings_chain_of_host(i + 1);
        settings_apply(settings, &chain, report, &config->hosts[i].site);
    }
    if (count == 0)
        return;
    config->routes = calloc(count, sizeof(*config->routes));
    if (config->routes)
        add_routes(config, settings, report);
    else
        report->out_of_memory = true;
}

void routes_free(struct config *config)
{
    for (size_t i = 0; i < config->host_count; i++)
        site_free(&config->hosts[i].site);
    for (size_t i = 0; i < config->route_count; i++)
        site_free(&config->routes[i].site);
    free(config->routes);
}
