/* SPDX-License-Identifier: MIT */
/* site_settings.c - keeps values, and stores them again for each site. */

#include "config/site_settings.h"

#include <stdlib.h>

static bool is_same_owner(struct setting_owner a, struct setting_owner b)
{
    return a.level == b.level && a.index == b.index;
}

static bool make_room(struct site_settings *settings, struct config_report *report)
{
    if (settings->count < settings->capacity)
        return true;
    size_t capacity = settings->capacity ? settings->capacity * 2 : 32;
    struct site_setting *items = realloc(settings->items, capacity * sizeof(*items));
    if (!items) {
        report->out_of_memory = true;
        return false;
    }
    settings->items = items;
    settings->capacity = capacity;
    return true;
}

void settings_add(struct site_settings *settings, struct setting_owner owner,
                  const struct config_value *value, struct config_report *report)
{
    struct site_setting setting = {
        .owner = owner,
        .row = value->row,
        .member = report_copy(report, value->member),
        .text = report_copy(report, value->text),
        .place = value->place,
        .base_dir = value->base_dir,
    };
    if (setting.member && setting.text && make_room(settings, report)) {
        settings->items[settings->count++] = setting;
        return;
    }
    free(setting.member);
    free(setting.text);
}

void settings_done(struct site_settings *settings)
{
    for (size_t i = 0; i < settings->count; i++) {
        free(settings->items[i].member);
        free(settings->items[i].text);
    }
    free(settings->items);
}

struct site_chain settings_chain_of_server(void)
{
    return (struct site_chain){.owners = {{LEVEL_SERVER, 0}}, .count = 1};
}

struct site_chain settings_chain_of_host(size_t host)
{
    struct site_chain chain = settings_chain_of_server();
    if (host > 0)
        chain.owners[chain.count++] = (struct setting_owner){LEVEL_HOST, host - 1};
    return chain;
}

struct site_chain settings_chain_of_route(const struct config *config,
                                          const struct route_config *route)
{
    struct site_chain chain = settings_chain_of_host(route->host);
    size_t location = (size_t)(route->location - config->locations);
    chain.owners[chain.count++] = (struct setting_owner){LEVEL_LOCATION, location};
    return chain;
}

static void store_defaults(struct config_report *report, struct site_config *site)
{
    for (size_t i = 0; i < schema_count(); i++) {
        const struct directive *row = schema_row(i);
        struct config_value value = {.row = row, .place = {.file = "default"}, .base_dir = "/"};
        if (row->record != RECORD_SITE || !row->def)
            continue;
        value.text = slice_from_string(row->def);
        value_store(&value, report, site);
    }
}

void settings_apply(const struct site_settings *settings, const struct site_chain *chain,
                    struct config_report *report, struct site_config *site)
{
    struct config_report ignored = {.messages = NULL};
    store_defaults(&ignored, site);
    for (size_t level = 0; level < chain->count; level++) {
        for (size_t i = 0; i < settings->count; i++) {
            const struct site_setting *setting = &settings->items[i];
            struct config_value value = {
                .row = setting->row,
                .member = slice_from_string(setting->member),
                .text = slice_from_string(setting->text),
                .place = setting->place,
                .base_dir = setting->base_dir,
                .may_unset = level > 0,
            };
            if (setting->row->record == RECORD_SITE &&
                is_same_owner(setting->owner, chain->owners[level]))
                value_store(&value, &ignored, site);
        }
    }
    report->out_of_memory |= ignored.out_of_memory;
    report_done(&ignored);
}

void site_free(struct site_config *site)
{
    for (size_t i = 0; i < schema_count(); i++) {
        if (schema_row(i)->record == RECORD_SITE)
            value_free(schema_row(i), site);
    }
}

const struct site_setting *settings_find_own(const struct site_settings *settings,
                                             struct setting_owner owner, const char *key,
                                             const char *member)
{
    for (size_t i = settings->count; i > 0; i--) {
        const struct site_setting *setting = &settings->items[i - 1];
        if (is_same_owner(setting->owner, owner) && strcmp(setting->row->key, key) == 0 &&
            strcmp(setting->member, member) == 0)
            return setting;
    }
    return NULL;
}

struct config_place settings_place(const struct site_settings *settings, struct setting_owner owner,
                                   const char *key, struct config_place section)
{
    const struct site_setting *setting = settings_find_own(settings, owner, key, "");
    return setting ? setting->place : section;
}

const struct site_setting *settings_find(const struct site_settings *settings,
                                         const struct site_chain *chain, const char *key,
                                         const char *member)
{
    const struct site_setting *found = NULL;
    for (size_t level = chain->count; level > 0 && !found; level--)
        found = settings_find_own(settings, chain->owners[level - 1], key, member);
    return found;
}
