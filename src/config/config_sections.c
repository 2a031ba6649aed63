/* SPDX-License-Identifier: MIT */
/* config_sections.c - one table of the kinds; their records begin alike. */

#include "config/config_sections.h"

#include "config/config_origin.h"

#include <stdlib.h>

struct section_kind {
    const char *word;  /* in the schema */
    const char *label; /* in front of the name */
    enum setting_level level;
    enum record_kind record;
    size_t size;                 /* of a record */
    size_t items_off, count_off; /* in struct config */
};

#define KIND(word_, label_, level_, record_, type, items, count)                                   \
    {                                                                                              \
        word_, label_, level_, record_, sizeof(type), offsetof(struct config, items),              \
            offsetof(struct config, count)                                                         \
    }

static const struct section_kind kinds[] = {
    KIND("host", "host", LEVEL_HOST, RECORD_HOST, struct host_config, hosts, host_count),
    KIND("location", "location", LEVEL_LOCATION, RECORD_LOCATION, struct location_config, locations,
         location_count),
    KIND("upstream", "upstream", LEVEL_UPSTREAM, RECORD_UPSTREAM, struct upstream_config, upstreams,
         upstream_count),
    KIND("cache NAME", "cache", LEVEL_REPLY_CACHE, RECORD_REPLY_CACHE, struct reply_cache_config,
         reply_caches, reply_cache_count),
};

#define BEGINS_ALIKE(type)                                                                         \
    static_assert(offsetof(type, name) == offsetof(struct section_head, name) &&                   \
                      offsetof(type, place) == offsetof(struct section_head, place),               \
                  "a record of a section begins with its head")
BEGINS_ALIKE(struct host_config);
BEGINS_ALIKE(struct location_config);
BEGINS_ALIKE(struct upstream_config);
BEGINS_ALIKE(struct reply_cache_config);

static const struct section_kind *find_kind(struct slice word)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (slice_equal(slice_from_string(kinds[i].word), word))
            return &kinds[i];
    }
    return NULL;
}

static size_t *count_of(const struct section_kind *kind, struct config *config)
{
    return (size_t *)((char *)config + kind->count_off);
}

/* The array is a pointer to some record or other. */
static char *items_of(const struct section_kind *kind, const struct config *config)
{
    char *items;
    memcpy(&items, (const char *)config + kind->items_off, sizeof(items));
    return items;
}

static struct section_head *head_of(const struct section_kind *kind, const struct config *config,
                                    size_t index)
{
    return (struct section_head *)(items_of(kind, config) + index * kind->size);
}

/* With room for one more, the next one zeroed; NULL without memory. */
static struct section_head *grow(const struct section_kind *kind, struct config *config,
                                 struct config_report *report)
{
    size_t count = *count_of(kind, config);
    char *former = items_of(kind, config), *items = former;
    if ((count & (count + 1)) == 0) /* 0, 1, 3, 7 …: full */
        items = realloc(former, (2 * count + 1) * kind->size);
    if (!items) {
        report->out_of_memory = true;
        return NULL;
    }
    memcpy((char *)config + kind->items_off, &items, sizeof(items));
    memset(items + count * kind->size, 0, kind->size);
    return head_of(kind, config, count);
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

bool sections_enter(struct config *config, struct slice word, struct slice name,
                    struct config_place place, struct config_report *report,
                    struct setting_owner *ret_owner)
{
    const struct section_kind *kind = find_kind(word);
    assert(kind);
    size_t *count = count_of(kind, config);
    for (size_t i = 0; i < *count; i++) {
        if (slice_equal(slice_from_string(head_of(kind, config, i)->name), name)) {
            *ret_owner = (struct setting_owner){kind->level, i};
            return true;
        }
    }
    struct section_head *head = grow(kind, config, report);
    place.file = head ? origin_name(config, place.file, report) : NULL;
    char *copy = place.file ? report_copy(report, name) : NULL;
    if (!copy)
        return false;
    *head = (struct section_head){copy, place};
    *ret_owner = (struct setting_owner){kind->level, (*count)++};
    store_defaults(kind->record, head, report);
    return true;
}

void *sections_record(struct config *config, struct setting_owner owner)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (kinds[i].level == owner.level)
            return head_of(&kinds[i], config, owner.index);
    }
    return config;
}

bool sections_next(const struct config *config, struct section_walk *at, const char **ret_kind,
                   const struct section_head **ret_head)
{
    for (; at->kind < COUNT_OF(kinds); at->kind++, at->index = 0) {
        const struct section_kind *kind = &kinds[at->kind];
        size_t count;
        memcpy(&count, (const char *)config + kind->count_off, sizeof(count));
        if (at->index == count)
            continue;
        *ret_kind = kind->label;
        *ret_head = head_of(kind, config, at->index++);
        return true;
    }
    return false;
}

static void free_record(enum record_kind kind, void *record)
{
    for (size_t i = 0; i < schema_count(); i++) {
        if (schema_row(i)->record == kind)
            value_free(schema_row(i), record);
    }
}

void sections_free(struct config *config)
{
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        const struct section_kind *kind = &kinds[k];
        for (size_t i = 0; i < *count_of(kind, config); i++) {
            struct section_head *head = head_of(kind, config, i);
            free_record(kind->record, head);
            free(head->name);
        }
        free(items_of(kind, config));
    }
}
