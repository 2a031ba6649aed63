/* SPDX-License-Identifier: MIT */
/* config_check_upstreams.c - servers that are there twice, settings without effect, unknown names. */

#include "config/config_check_upstreams.h"

#include "config/config_schema.h"
#include "config/suggestion.h"

struct upstream_check {
    struct config *config;
    const struct site_settings *settings;
    struct config_report *report;
};

/* NULL: the key of the upstream was not set. */
static const struct site_setting *setting_of(const struct upstream_check *check, size_t index,
                                             const char *key, const char *member)
{
    return settings_find_own(check->settings, (struct setting_owner){LEVEL_UPSTREAM, index}, key,
                             member);
}

static struct config_place place_in_upstream(const struct upstream_check *check, size_t index,
                                             const char *key)
{
    return settings_place(check->settings, (struct setting_owner){LEVEL_UPSTREAM, index}, key,
                          check->config->upstreams[index].place);
}

static struct config_place place_of_server(const struct upstream_check *check, size_t index,
                                           const struct upstream_server_config *server)
{
    const struct site_setting *setting = NULL;
    if (server->label)
        setting = setting_of(check, index, "server.NAME", server->label);
    return setting ? setting->place : place_in_upstream(check, index, "servers");
}

static bool is_same_server(const struct upstream_server_config *a,
                           const struct upstream_server_config *b)
{
    if (a->host || b->host)
        return a->host && b->host && strcmp(a->host, b->host) == 0 && a->port == b->port;
    return endpoint_equal(&a->endpoint, &b->endpoint);
}

static void check_servers(const struct upstream_check *check, size_t index)
{
    const struct upstream_config *upstream = &check->config->upstreams[index];
    size_t backups = 0;
    for (size_t i = 0; i < upstream->server_count; i++) {
        backups += upstream->servers[i].is_backup;
        for (size_t k = 0; k < i; k++) {
            if (!is_same_server(&upstream->servers[k], &upstream->servers[i]))
                continue;
            report_error(check->report, place_of_server(check, index, &upstream->servers[i]),
                         "servers: %s stands there twice", upstream->servers[i].text);
            break;
        }
    }
    if (upstream->server_count == 0 && check->report->error_count == 0)
        report_error(check->report, upstream->place,
                     "[upstream %s] has no servers: servers = 127.0.0.1:8000, or a name, or "
                     "unix:/run/app.sock",
                     upstream->name);
    else if (upstream->server_count > 0 && backups == upstream->server_count)
        report_error(check->report, place_in_upstream(check, index, "servers"),
                     "servers: all of them are a backup: of what?");
}

static void check_total(const struct upstream_check *check)
{
    size_t total = 0;
    for (size_t i = 0; i < check->config->upstream_count; i++) {
        total += check->config->upstreams[i].server_count;
        if (total <= UPSTREAM_SERVERS_TOTAL)
            continue;
        report_error(check->report, check->config->upstreams[i].place,
                     "all upstreams together have more than %d servers", UPSTREAM_SERVERS_TOTAL);
        return;
    }
}

static void warn_without_effect(const struct upstream_check *check, size_t index, const char *key,
                                const char *reason)
{
    const struct site_setting *setting = setting_of(check, index, key, "");
    if (setting)
        report_warning(check->report, setting->place, "%s: has no effect %s", key, reason);
}

static bool has_limit(const struct upstream_config *upstream)
{
    for (size_t i = 0; i < upstream->server_count; i++) {
        if (upstream->servers[i].max_conns > 0)
            return true;
    }
    return false;
}

static void check_effects(const struct upstream_check *check, size_t index)
{
    static const char *const check_keys[] = {"check_interval", "check_timeout", "check_fall",
                                             "check_rise",     "check_status",  "check_host"};
    const struct upstream_config *upstream = &check->config->upstreams[index];
    if (upstream->balance != BALANCE_HASH) {
        warn_without_effect(check, index, "hash_key", "without balance = hash");
        warn_without_effect(check, index, "hash_bound", "without balance = hash");
    }
    if (!upstream->sticky_cookie)
        warn_without_effect(check, index, "sticky_age", "without sticky_cookie");
    for (size_t i = 0; i < COUNT_OF(check_keys) && !upstream->check; i++)
        warn_without_effect(check, index, check_keys[i], "without check, the path to ask for");
    if (!has_limit(upstream))
        warn_without_effect(check, index, "queue", "as no server has max_conns");
    if (upstream->queue == 0)
        warn_without_effect(check, index, "queue_timeout", "without queue");
    if (upstream->prologue != UPSTREAM_PROLOGUE_NONE)
        warn_without_effect(check, index, "keepalive",
                            "with proxy_protocol: a connection is for one client");
    if (upstream->keepalive == 0)
        warn_without_effect(check, index, "keepalive_timeout", "without keepalive");
}

/* Each would take the cookie of the other one for none, and give its own in its place. */
static void check_sticky(const struct upstream_check *check, size_t index)
{
    const struct upstream_config *upstreams = check->config->upstreams;
    const char *cookie = upstreams[index].sticky_cookie;
    for (size_t i = 0; i < index && cookie; i++) {
        const struct site_setting *setting = setting_of(check, index, "sticky_cookie", "");
        if (setting && upstreams[i].sticky_cookie &&
            strcmp(upstreams[i].sticky_cookie, cookie) == 0)
            report_warning(
                check->report, setting->place,
                "sticky_cookie: [upstream %s] has the same name: clients of both would stay "
                "with neither, unless they are of different hosts",
                upstreams[i].name);
    }
}

/* Node, gunicorn and others close after as little: a request would go into a closed connection. */
#define USUAL_KEEPALIVE_MS 5000

static void check_keepalive(const struct upstream_check *check, size_t index)
{
    const struct upstream_config *upstream = &check->config->upstreams[index];
    const struct site_setting *setting = setting_of(check, index, "keepalive_timeout", "");
    if (upstream->keepalive > 0 && setting && upstream->keepalive_timeout_ms >= USUAL_KEEPALIVE_MS)
        report_warning(check->report, setting->place,
                       "keepalive_timeout: many servers close idle connections after 5s: keep "
                       "it below what these do");
}

static bool is_used(const struct config *config, size_t index)
{
    for (size_t i = 0; i < config->location_count; i++) {
        const char *proxy = config->locations[i].proxy;
        if (proxy && strcmp(proxy, config->upstreams[index].name) == 0)
            return true;
    }
    return false;
}

static void check_upstream(const struct upstream_check *check, size_t index)
{
    const struct upstream_config *upstream = &check->config->upstreams[index];
    check_servers(check, index);
    check_effects(check, index);
    check_sticky(check, index);
    check_keepalive(check, index);
    if (!is_used(check->config, index))
        report_warning(check->report, upstream->place, "[upstream %s]: no location has proxy = %s",
                       upstream->name, upstream->name);
}

static struct config_place place_in_location(const struct upstream_check *check, size_t index,
                                             const char *key)
{
    return settings_place(check->settings, (struct setting_owner){LEVEL_LOCATION, index}, key,
                          check->config->locations[index].place);
}

/* The number of the upstream that the location names. */
static void find_upstream(const struct upstream_check *check, size_t index)
{
    struct location_config *location = &check->config->locations[index];
    struct suggestion suggestion = {.word = slice_from_string(location->proxy)};
    for (size_t i = 0; i < check->config->upstream_count; i++) {
        const char *name = check->config->upstreams[i].name;
        location->upstream = i;
        if (strcmp(name, location->proxy) == 0)
            return;
        suggestion_try(&suggestion, slice_from_string(name), name);
    }
    location->upstream = 0;
    report_no_section(check->report, place_in_location(check, index, "proxy"), "proxy", "upstream",
                      location->proxy, suggestion.best);
}

/* Those that only make sense with another key of the location. */
static void check_forward_keys(const struct upstream_check *check, size_t index)
{
    for (size_t i = 0; i < check->settings->count; i++) {
        const struct site_setting *setting = &check->settings->items[i];
        size_t offset = setting->row->offset;
        if (setting->owner.level == LEVEL_LOCATION && setting->owner.index == index &&
            setting->row->record == RECORD_LOCATION &&
            offset >= offsetof(struct location_config, forward))
            report_warning(check->report, setting->place, "%.*s%s: has no effect without proxy",
                           (int)strcspn(setting->row->key, "N"), setting->row->key,
                           setting->member);
    }
}

static void check_location(const struct upstream_check *check, size_t index)
{
    const struct location_config *location = &check->config->locations[index];
    if (!location->proxy) {
        check_forward_keys(check, index);
        return;
    }
    find_upstream(check, index);
    if (location->redirect.status != 0 || location->status != 0)
        report_error(check->report, place_in_location(check, index, "proxy"),
                     "proxy: [location %s] has a %s, too: which of them is it?", location->name,
                     location->status != 0 ? "status" : "redirect");
}

void check_upstreams(struct config *config, const struct site_settings *settings,
                     struct config_report *report)
{
    const struct upstream_check check = {config, settings, report};
    for (size_t i = 0; i < config->upstream_count; i++)
        check_upstream(&check, i);
    for (size_t i = 0; i < config->location_count; i++)
        check_location(&check, i);
    check_total(&check);
}
