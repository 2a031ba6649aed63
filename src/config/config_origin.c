/* SPDX-License-Identifier: MIT */
/* config_origin.c - remembers where each value that is not a default came from. */

#include "config/config_origin.h"

#include "base/hash.h"
#include "config/ini_scanner.h"
#include "config/value_list.h"

#include <stdlib.h>

/* "section.key", terminated. */
#define NAME_SIZE (2 * INI_NAME_MAX + 2)

static uint64_t hash_of(const char *name)
{
    return hash_bytes(0, slice_from_string(name));
}

static struct config_origin *find(const struct config *config, const char *name)
{
    uint64_t hash = hash_of(name);
    for (size_t i = 0; i < config->origin_count; i++) {
        if (config->origins[i].hash == hash && strcmp(config->origins[i].name, name) == 0)
            return &config->origins[i];
    }
    return NULL;
}

static struct config_origin *append(struct config *config, const char *name,
                                    struct config_report *report)
{
    char *copy = report_copy(report, slice_from_string(name));
    if (!copy)
        return NULL;
    struct config_origin *origins = config->origins;
    if ((config->origin_count & (config->origin_count + 1)) == 0) /* 0, 1, 3, 7 …: full */
        origins = realloc(origins, (2 * config->origin_count + 1) * sizeof(*origins));
    if (!origins) {
        free(copy);
        report->out_of_memory = true;
        return NULL;
    }
    config->origins = origins;
    origins[config->origin_count] = (struct config_origin){.name = copy, .hash = hash_of(copy)};
    return &origins[config->origin_count++];
}

const char *origin_name(struct config *config, const char *file, struct config_report *report)
{
    struct string_list *names = &config->place_names;
    for (size_t i = names->count; i > 0; i--) {
        if (names->items[i - 1] == file || strcmp(names->items[i - 1], file) == 0)
            return names->items[i - 1];
    }
    return list_add(names, slice_from_string(file), report) ? names->items[names->count - 1] : NULL;
}

void origin_note(struct config *config, const char *section, const char *key,
                 struct config_place place, struct config_report *report)
{
    char name[NAME_SIZE];
    (void)snprintf(name, sizeof(name), "%s.%s", section, key);
    struct config_origin *origin = find(config, name);
    place.file = origin_name(config, place.file, report);
    if (!origin && place.file)
        origin = append(config, name, report);
    if (origin && place.file)
        origin->place = place;
}

const struct config_place *origin_find(const struct config *config, const char *section,
                                       const char *key)
{
    char name[NAME_SIZE];
    (void)snprintf(name, sizeof(name), "%s.%s", section, key);
    const struct config_origin *origin = find(config, name);
    return origin ? &origin->place : NULL;
}

void origins_free(struct config *config)
{
    for (size_t i = 0; i < config->origin_count; i++)
        free(config->origins[i].name);
    names_free(&config->place_names);
    free(config->origins);
    config->origins = NULL;
    config->origin_count = 0;
}
