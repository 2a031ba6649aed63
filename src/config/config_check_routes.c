/* SPDX-License-Identifier: MIT */
/* config_check_routes.c - rules between hosts and locations. */

#include "config/config_check_routes.h"

#include "config/suggestion.h"

struct route_check {
    const struct config *config;
    const struct site_settings *settings;
    struct config_report *report;
};

static struct config_place place_in_host(const struct route_check *check, size_t index,
                                         const char *key)
{
    return settings_place(check->settings, (struct setting_owner){LEVEL_HOST, index}, key,
                          check->config->hosts[index].place);
}

static struct config_place place_in_location(const struct route_check *check, size_t index,
                                             const char *key)
{
    return settings_place(check->settings, (struct setting_owner){LEVEL_LOCATION, index}, key,
                          check->config->locations[index].place);
}

static bool has_name(const struct string_list *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0)
            return true;
    }
    return false;
}

/* A name of the host @index that the host @other has, too; NULL without one. */
static const char *common_name(const struct config *config, size_t index, size_t other)
{
    const struct host_config *host = &config->hosts[index], *first = &config->hosts[other];
    if (host->is_default && first->is_default)
        return "default";
    for (size_t i = 0; i < host->server_names.count; i++) {
        if (has_name(&first->server_names, host->server_names.items[i]))
            return host->server_names.items[i];
    }
    return NULL;
}

static void check_host(const struct route_check *check, size_t index)
{
    const struct host_config *host = &check->config->hosts[index];
    struct config_place place = place_in_host(check, index, "server_name");
    char where[PLACE_REFERENCE_SIZE];
    bool was_set = settings_find_own(check->settings, (struct setting_owner){LEVEL_HOST, index},
                                     "server_name", "") != NULL;
    if (!was_set && check->report->error_count == 0)
        report_error(check->report, place,
                     "[host %s] has no server_name: name what clients ask for, or default",
                     host->name);
    for (size_t other = 0; other < index; other++) {
        const char *name = common_name(check->config, index, other);
        if (name) {
            place_reference(where, place, check->config->hosts[other].place);
            report_error(check->report, report_place_of(check->report, place, name),
                         "server_name: \"%s\" belongs to [host %s], %s, already", name,
                         check->config->hosts[other].name, where);
            return;
        }
    }
}

static void check_host_of(const struct route_check *check, size_t index)
{
    const struct location_config *location = &check->config->locations[index];
    if (!location->host)
        return;
    struct suggestion suggestion = {.word = slice_from_string(location->host)};
    for (size_t i = 0; i < check->config->host_count; i++) {
        const struct host_config *host = &check->config->hosts[i];
        if (strcmp(host->name, location->host) == 0)
            return;
        if (has_name(&host->server_names, location->host))
            suggestion.best = host->name;
        else
            suggestion_try(&suggestion, slice_from_string(host->name), host->name);
    }
    report_no_section(check->report, place_in_location(check, index, "host"), "host", "host",
                      location->host, suggestion.best);
}

static const char *prefix_of(const struct location_config *location)
{
    return location->prefix ? location->prefix : "";
}

/* A pattern of whole paths that starts elsewhere than the prefix. */
static bool is_outside(const char *glob, const char *prefix)
{
    if (glob[0] != '/')
        return false;
    size_t literal = strcspn(++glob, "*?");
    size_t len = MIN(literal, strlen(prefix));
    if (strncmp(glob, prefix, len) != 0)
        return true;
    return len < literal && len > 0 && glob[len] != '/';
}

static void check_globs(const struct route_check *check, size_t index)
{
    const struct location_config *location = &check->config->locations[index];
    for (size_t i = 0; i < location->globs.count; i++) {
        if (is_outside(location->globs.items[i], prefix_of(location)))
            report_warning(check->report, place_in_location(check, index, "glob"),
                           "glob: nothing below the prefix /%s/ is like \"%s\"", location->prefix,
                           location->globs.items[i]);
    }
}

static bool same_scope(const struct location_config *a, const struct location_config *b)
{
    bool same_host = a->host && b->host ? strcmp(a->host, b->host) == 0 : a->host == b->host;
    return same_host && strcmp(prefix_of(a), prefix_of(b)) == 0;
}

/* Whether @first takes all that @location is for. */
static bool covers(const struct location_config *first, const struct location_config *location)
{
    if (!same_scope(first, location) || (first->globs.count == 0) != (location->globs.count == 0))
        return false;
    for (size_t i = 0; i < location->globs.count; i++) {
        if (!has_name(&first->globs, location->globs.items[i]))
            return false;
    }
    return true;
}

static void check_reachable(const struct route_check *check, size_t index)
{
    const struct location_config *location = &check->config->locations[index];
    for (size_t other = 0; other < index; other++) {
        const struct location_config *first = &check->config->locations[other];
        char where[PLACE_REFERENCE_SIZE];
        if (!covers(first, location))
            continue;
        place_reference(where, location->place, first->place);
        if (location->globs.count == 0)
            report_error(check->report, place_in_location(check, index, "prefix"),
                         "prefix: /%s belongs to [location %s], %s, already", prefix_of(location),
                         first->name, where);
        else
            report_warning(check->report, place_in_location(check, index, "glob"),
                           "glob: [location %s], %s, takes all of it: [location %s] is "
                           "never reached",
                           first->name, where, location->name);
        return;
    }
}

/* A target below the prefix is redirected again, and again. */
static bool leads_to_itself(const struct location_config *location)
{
    const char *target = location->redirect.target, *prefix = prefix_of(location);
    size_t len = strlen(prefix);
    if (!target || target[0] != '/' || location->globs.count > 0)
        return false;
    return len == 0 || (strncmp(target + 1, prefix, len) == 0 &&
                        strchr("/?#", target[1 + len])); /* or its end */
}

static void check_answer(const struct route_check *check, size_t index)
{
    const struct location_config *location = &check->config->locations[index];
    if (location->redirect.status != 0 && location->status != 0)
        report_error(check->report, place_in_location(check, index, "status"),
                     "status: [location %s] has a redirect, too: which of them is it?",
                     location->name);
    if (leads_to_itself(location))
        report_warning(check->report, place_in_location(check, index, "redirect"),
                       "redirect: \"%s\" is for [location %s] again, unless another has it",
                       location->redirect.target, location->name);
}

static void check_location(const struct route_check *check, size_t index)
{
    const struct location_config *location = &check->config->locations[index];
    struct setting_owner owner = {LEVEL_LOCATION, index};
    bool was_set = settings_find_own(check->settings, owner, "prefix", "") ||
                   settings_find_own(check->settings, owner, "glob", "");
    if (!was_set && check->report->error_count == 0)
        report_error(check->report, place_in_location(check, index, "prefix"),
                     "[location %s] has neither prefix nor glob: for which paths is it?%s%s",
                     location->name, location->name[0] == '/' ? " Write below it prefix = " : "",
                     location->name[0] == '/' ? location->name : "");
    if (!was_set)
        return;
    check_host_of(check, index);
    check_globs(check, index);
    check_reachable(check, index);
    check_answer(check, index);
    if (location->strip_prefix && prefix_of(location)[0] == '\0')
        report_warning(check->report, place_in_location(check, index, "strip_prefix"),
                       "strip_prefix: there is no prefix that could be left out");
}

void check_routes(const struct config *config, const struct site_settings *settings,
                  struct config_report *report)
{
    const struct route_check check = {config, settings, report};
    for (size_t i = 0; i < config->host_count; i++)
        check_host(&check, i);
    for (size_t i = 0; i < config->location_count; i++)
        check_location(&check, i);
}
