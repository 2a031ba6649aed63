/* SPDX-License-Identifier: MIT */
/* config_check_caches.c - folders that are none or two's, sizes that contradict, unknown names. */

#include "config/config_check_caches.h"

#include "config/suggestion.h"

struct cache_check {
    struct config *config;
    const struct site_settings *settings;
    struct config_report *report;
};

static struct config_place place_in_cache(const struct cache_check *check, size_t index,
                                          const char *key)
{
    return settings_place(check->settings, (struct setting_owner){LEVEL_REPLY_CACHE, index}, key,
                          check->config->reply_caches[index].place);
}

/* "/a" holds "/a" and "/a/b". */
static bool holds(const char *folder, const char *path)
{
    size_t len = strlen(folder);
    while (len > 1 && folder[len - 1] == '/')
        len--;
    return strncmp(folder, path, len) == 0 && (path[len] == '\0' || path[len] == '/' || len == 1);
}

/* What is removed from a cache must be nobody else's, and nobody is served its files. */
static void check_path(const struct cache_check *check, size_t index)
{
    const struct config *config = check->config;
    const struct reply_cache_config *cache = &config->reply_caches[index];
    struct config_place place = place_in_cache(check, index, "path");
    if (!cache->path || cache->path[0] == '\0') {
        if (check->report->error_count == 0)
            report_error(check->report, cache->place,
                         "[cache %s] has no path: path = /var/cache/tinyweb", cache->name);
        return;
    }
    for (size_t i = 0; i < index; i++) {
        const char *other = config->reply_caches[i].path;
        if (other && (holds(other, cache->path) || holds(cache->path, other)))
            report_error(check->report, place, "path: [cache %s] is there already: %s",
                         config->reply_caches[i].name, other);
    }
    for (size_t i = 0; i < config->root_count; i++) {
        if (config->roots[i] && holds(config->roots[i], cache->path))
            report_warning(check->report, place,
                           "path: it lies below the root %s: its files may be asked for",
                           config->roots[i]);
    }
}

static bool is_used(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->location_count; i++) {
        if (config->locations[i].cache && strcmp(config->locations[i].cache, name) == 0)
            return true;
    }
    return false;
}

static void check_cache(const struct cache_check *check, size_t index)
{
    const struct reply_cache_config *cache = &check->config->reply_caches[index];
    check_path(check, index);
    if (cache->max_object > cache->max_size)
        report_warning(check->report, place_in_cache(check, index, "max_size"),
                       "max_size: one answer of max_object may be larger than the whole cache");
    if (!is_used(check->config, cache->name))
        report_warning(check->report, cache->place, "[cache %s]: no location has cache = %s",
                       cache->name, cache->name);
}

static void check_location(const struct cache_check *check, size_t index)
{
    struct location_config *location = &check->config->locations[index];
    struct suggestion suggestion = {.word = slice_from_string(location->cache)};
    struct config_place place = settings_place(
        check->settings, (struct setting_owner){LEVEL_LOCATION, index}, "cache", location->place);
    if (!location->proxy)
        report_error(check->report, place,
                     "cache: keeps answers of an upstream, but [location %s] has no proxy",
                     location->name);
    for (size_t i = 0; i < check->config->reply_cache_count; i++) {
        const char *name = check->config->reply_caches[i].name;
        location->cache_number = i;
        if (strcmp(name, location->cache) == 0)
            return;
        suggestion_try(&suggestion, slice_from_string(name), name);
    }
    location->cache_number = 0;
    report_no_section(check->report, place, "cache", "cache", location->cache, suggestion.best);
}

void check_caches(struct config *config, const struct site_settings *settings,
                  struct config_report *report)
{
    const struct cache_check check = {config, settings, report};
    for (size_t i = 0; i < config->reply_cache_count; i++)
        check_cache(&check, i);
    for (size_t i = 0; i < config->location_count; i++) {
        if (config->locations[i].cache)
            check_location(&check, i);
    }
}
