/* SPDX-License-Identifier: MIT */
/* config_routes.c - hosts, locations, and the routes that are made of both. */

#include "config/config_routes.h"

#include "config/config_check_routes.h"
#include "config/config_origin.h"

#include <stdlib.h>

/* A location without a host is in each of them: more routes than these are a mistake. */
#define ROUTES_MAX 100000

/* @items with room for one more, the next one zeroed; NULL without memory. */
static void *grow(void *items, size_t count, size_t size, struct config_report *report)
{
    void *grown = items;
    if ((count & (count + 1)) == 0) /* 0, 1, 3, 7 …: full */
        grown = realloc(items, (2 * count + 1) * size);
    if (!grown) {
        report->out_of_memory = true;
        return NULL;
    }
    memset((char *)grown + count * size, 0, size);
    return grown;
}

static void store_defaults(enum record_kind kind, void *record, struct config_report *report)
{
    for (size_t i = 0; i < schema_count(); i++) {
        const struct directive *row = schema_row(i);
        struct config_value value = {.row = row, .place = {.file = "default"}, .base_dir = "/"};
        if (row->record != kind || !row->def)
            continue;
        value.text = slice_from_string(row->def);
        value_store(&value, report, record);
    }
}

/* A copy of a section's name; @place is of the configuration from then on. NULL: no memory. */
static char *keep_name(struct config *config, struct slice name, struct config_place *place,
                       struct config_report *report)
{
    place->file = origin_name(config, place->file, report);
    return place->file ? report_copy(report, name) : NULL;
}

static bool host_section(struct config *config, struct slice name, struct config_place place,
                         struct config_report *report, size_t *ret_index)
{
    for (size_t i = 0; i < config->host_count; i++) {
        if (slice_equal(slice_from_string(config->hosts[i].name), name)) {
            *ret_index = i;
            return true;
        }
    }
    struct host_config *hosts = grow(config->hosts, config->host_count, sizeof(*hosts), report);
    if (!hosts)
        return false;
    config->hosts = hosts;
    char *copy = keep_name(config, name, &place, report);
    if (!copy)
        return false;
    struct host_config *host = &hosts[config->host_count];
    *host = (struct host_config){.name = copy, .place = place};
    store_defaults(RECORD_HOST, host, report);
    *ret_index = config->host_count++;
    return true;
}

static bool location_section(struct config *config, struct slice name, struct config_place place,
                             struct config_report *report, size_t *ret_index)
{
    for (size_t i = 0; i < config->location_count; i++) {
        if (slice_equal(slice_from_string(config->locations[i].name), name)) {
            *ret_index = i;
            return true;
        }
    }
    struct location_config *locations = grow(config->locations, config->location_count,
                                             sizeof(*locations), report);
    if (!locations)
        return false;
    config->locations = locations;
    char *copy = keep_name(config, name, &place, report);
    if (!copy)
        return false;
    struct location_config *location = &locations[config->location_count];
    *location = (struct location_config){.name = copy, .place = place};
    store_defaults(RECORD_LOCATION, location, report);
    *ret_index = config->location_count++;
    return true;
}

bool routes_section(struct config *config, struct slice kind, struct slice name,
                    struct config_place place, struct config_report *report,
                    struct setting_owner *ret_owner)
{
    bool is_host = slice_equal(kind, SLICE_LITERAL("host"));
    size_t index;
    bool is_there = is_host ? host_section(config, name, place, report, &index)
                            : location_section(config, name, place, report, &index);
    if (is_there)
        *ret_owner = (struct setting_owner){is_host ? LEVEL_HOST : LEVEL_LOCATION, index};
    return is_there;
}

void *routes_record(struct config *config, struct setting_owner owner)
{
    switch (owner.level) {
    case LEVEL_SERVER: break;
    case LEVEL_HOST: return &config->hosts[owner.index];
    case LEVEL_LOCATION: return &config->locations[owner.index];
    }
    return config;
}

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

static void free_record(enum record_kind kind, void *record)
{
    for (size_t i = 0; i < schema_count(); i++) {
        if (schema_row(i)->record == kind)
            value_free(schema_row(i), record);
    }
}

void routes_free(struct config *config)
{
    for (size_t i = 0; i < config->host_count; i++) {
        free_record(RECORD_HOST, &config->hosts[i]);
        site_free(&config->hosts[i].site);
        free(config->hosts[i].name);
    }
    for (size_t i = 0; i < config->location_count; i++) {
        free_record(RECORD_LOCATION, &config->locations[i]);
        free(config->locations[i].name);
    }
    for (size_t i = 0; i < config->route_count; i++)
        site_free(&config->routes[i].site);
    free(config->hosts);
    free(config->locations);
    free(config->routes);
}
