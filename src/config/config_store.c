/* SPDX-License-Identifier: MIT */
/* config_store.c - finds the row of an entry and stores its value. */

#include "config/config_store.h"

#include "config/config_origin.h"
#include "config/config_schema.h"
#include "config/config_sections.h"
#include "config/foreign_key.h"

#include <stdlib.h>

static void report_unknown(const struct config_store *store, struct slice section, struct slice key,
                           struct config_place place)
{
    const char *near = schema_suggest_key(section, key);
    const char *other = schema_other_section(section, key);
    const char *remedy = foreign_key_remedy(key);
    if (other)
        report_error(store->report, place, "\"%.*s\" belongs in the section [%s]",
                     REPORT_VALUE(key), other);
    else if (remedy)
        report_error(store->report, place, "unknown key \"%.*s\": %s", REPORT_VALUE(key), remedy);
    else
        report_error(store->report, place, "unknown key \"%.*s\"%s%s%s", REPORT_VALUE(key),
                     near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* A site that nobody has: where a value is tried, so that its mistakes are reported once. */
static void try_value(const struct config_store *store, const struct config_value *value)
{
    struct site_config site = {.root = NULL};
    value_store(value, store->report, &site);
    site_free(&site);
}

static void store_value(struct config_store *store, const struct config_entry *entry,
                        struct setting_owner owner, struct config_value *value)
{
    const struct directive *row = value->row;
    unsigned errors = store->report->error_count;
    value->may_unset = owner.level != LEVEL_SERVER && row->record == RECORD_SITE;
    if (row->record == RECORD_SITE)
        try_value(store, value);
    else
        value_store(value, store->report, sections_record(store->config, owner));
    if (store->report->error_count > errors)
        return;
    if (owner.level == LEVEL_SERVER)
        store->places[schema_index(row)] = value->place;
    if (owner.level != LEVEL_SERVER || row->record == RECORD_SITE)
        settings_add(&store->settings, owner, value, store->report);
    origin_note(store->config, entry->section, entry->key, value->place, store->report);
}

static void store_text(struct config_store *store, const struct config_entry *entry,
                       const struct entry_source *source, struct setting_owner owner,
                       struct config_value *value)
{
    char *expanded = NULL;
    if (entry->value_column > 0)
        value->place.column = entry->value_column;
    value->text = slice_from_string(entry->value);
    if (!source->is_literal && strstr(entry->value, "${")) {
        expanded = value_expand(value->text, value->place, store->environment, store->report);
        if (!expanded)
            return;
        value->text = slice_trim(slice_from_string(expanded));
        value->is_expanded = true;
    }
    store_value(store, entry, owner, value);
    free(expanded);
}

void store_entry(struct config_store *store, const struct config_entry *entry,
                 const struct entry_source *source)
{
    struct slice name, kind = section_kind(slice_from_string(entry->section), &name);
    struct slice key = slice_from_string(entry->key);
    struct setting_owner owner = {LEVEL_SERVER, 0};
    struct config_value value = {
        .base_dir = source->base_dir,
        .place = {.file = source->file, .line = entry->line, .column = entry->key_column},
    };
    bool is_named = schema_is_named_section(kind);
    if (!schema_has_section(kind) || is_named != (name.len > 0))
        return; /* reported with its header */
    if (is_named && !sections_enter(store->config, kind, name, value.place, store->report, &owner))
        return;

    value.row = schema_find(kind, key, &value.member);
    if (!value.row && !entry->value)
        return; /* a broken line of an unknown key: one message is enough */
    if (!value.row) {
        report_unknown(store, kind, key, value.place);
        return;
    }
    if (value.row->type == CFG_DIRECTORY && !is_named)
        store->is_root_named = true;
    if (entry->value)
        store_text(store, entry, source, owner, &value);
}
