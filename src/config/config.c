/* SPDX-License-Identifier: MIT */
/* config.c - load: defaults, then the file, then overrides, then checks. */

#include "config/config.h"

#include "config/config_check_files.h"
#include "config/config_file.h"
#include "config/config_origin.h"
#include "config/config_report.h"
#include "config/config_routes.h"
#include "config/config_schema.h"
#include "config/config_value.h"
#include "config/error_page_file.h"
#include "config/ini_scanner.h"
#include "config/mime_table.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

struct loader {
    struct config *config;
    struct config_report report;
    struct config_place *places; /* one a row of the schema */
    struct site_settings settings;
    unsigned server_line; /* of [server] in the file */
    bool is_root_named;
    bool is_blank;           /* there was a file, and nothing in it */
    char file_dir[PATH_MAX]; /* of the configuration, absolute */
    char own_dir[PATH_MAX];  /* the current one: overrides start there */
};

static void store_defaults(struct loader *loader)
{
    for (size_t i = 0; i < schema_count(); i++) {
        const struct directive *row = schema_row(i);
        if (!row->def || row->record != RECORD_CONFIG)
            continue;
        struct config_value value = {
            .row = row,
            .text = slice_from_string(row->def),
            .place = {.file = "default"},
            .base_dir = "/",
        };
        value_store(&value, &loader->report, loader->config);
    }
    if (mime_table_append_builtin(&loader->config->mime) != 0)
        loader->report.out_of_memory = true;
}

static void report_unknown(struct loader *loader, struct slice section, struct slice key,
                           struct config_place place)
{
    const char *near = schema_suggest_key(section, key);
    const char *other = schema_other_section(section, key);
    if (other)
        report_error(&loader->report, place, "\"%.*s\" belongs in the section [%s]",
                     REPORT_VALUE(key), other);
    else
        report_error(&loader->report, place, "unknown key \"%.*s\"%s%s%s", REPORT_VALUE(key),
                     near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* A site that nobody has: where a value is tried, so that its mistakes are reported once. */
static void try_value(struct loader *loader, const struct config_value *value)
{
    struct site_config site = {.root = NULL};
    value_store(value, &loader->report, &site);
    site_free(&site);
}

static void store_value(struct loader *loader, const struct config_entry *entry,
                        struct setting_owner owner, struct config_value *value)
{
    const struct directive *row = value->row;
    unsigned errors = loader->report.error_count;
    value->may_unset = owner.level != LEVEL_SERVER && row->record == RECORD_SITE;
    if (row->record == RECORD_SITE)
        try_value(loader, value);
    else
        value_store(value, &loader->report, routes_record(loader->config, owner));
    if (loader->report.error_count > errors)
        return;
    if (owner.level == LEVEL_SERVER)
        loader->places[schema_index(row)] = value->place;
    if (owner.level != LEVEL_SERVER || row->record == RECORD_SITE)
        settings_add(&loader->settings, owner, value, &loader->report);
    origin_note(loader->config, entry->section, entry->key, value->place, &loader->report);
}

static void store_entry(struct loader *loader, const struct config_entry *entry, const char *file,
                        const char *base_dir)
{
    struct slice name, kind = section_kind(slice_from_string(entry->section), &name);
    struct slice key = slice_from_string(entry->key);
    struct config_place place = {.file = file, .line = entry->line, .column = entry->key_column};
    struct setting_owner owner = {LEVEL_SERVER, 0};
    bool is_named = schema_is_named_section(kind);
    if (!schema_has_section(kind) || is_named != (name.len > 0))
        return; /* reported with its header */
    if (is_named &&
        !routes_section(loader->config, kind, name, entry->line, &loader->report, &owner))
        return;

    struct config_value value = {.base_dir = base_dir};
    value.row = schema_find(kind, key, &value.member);
    if (!value.row && !entry->value)
        return; /* a broken line of an unknown key: one message is enough */
    if (!value.row) {
        report_unknown(loader, kind, key, place);
        return;
    }
    if (value.row->type == CFG_DIRECTORY && !is_named)
        loader->is_root_named = true;
    if (!entry->value)
        return;
    if (entry->value_column > 0)
        place.column = entry->value_column;
    value.place = place;
    value.text = slice_from_string(entry->value);
    store_value(loader, entry, owner, &value);
}

/*
 * Where the file is, absolute, for a later reload. A link in its last part is kept: it may point
 * to another file then. Of a relative name the folder is resolved, so no ".." stays in it.
 */
static void locate_file(struct loader *loader, const char *path)
{
    struct slice name = slice_from_string(path);
    ptrdiff_t slash = slice_find_last(name, '/');
    char folder[PATH_MAX], absolute[2 * PATH_MAX];
    (void)snprintf(folder, sizeof(folder), "%.*s", slash > 0 ? (int)slash : 1,
                   slash < 0 ? "." : path);
    if (path[0] == '/')
        (void)snprintf(loader->file_dir, sizeof(loader->file_dir), "%s", folder);
    else if (!realpath(folder, loader->file_dir))
        return; /* what cannot be reached cannot be read either, which is reported then */
    (void)snprintf(absolute, sizeof(absolute), "%s/%s",
                   strcmp(loader->file_dir, "/") == 0 ? "" : loader->file_dir, path + slash + 1);
    loader->config->path = report_copy(&loader->report, slice_from_string(absolute));
}

/* Of hosts and locations also those without a key. */
static void add_sections(struct loader *loader, const struct config_entries *entries)
{
    struct setting_owner owner;
    for (size_t i = 0; i < entries->section_count; i++) {
        struct slice name, text = slice_from_string(entries->sections[i].name);
        struct slice kind = section_kind(text, &name);
        (void)!routes_section(loader->config, kind, name, entries->sections[i].line,
                              &loader->report, &owner);
    }
}

/* False: there is no file to go on with. */
static bool load_file(struct loader *loader, const char *path)
{
    struct config_entries entries;
    locate_file(loader, path);
    bool is_read = config_file_load(path, &loader->report, &entries);
    add_sections(loader, &entries);
    for (size_t i = 0; i < entries.count; i++)
        store_entry(loader, &entries.items[i], path, loader->file_dir);
    loader->server_line = entries.server_line;
    loader->is_blank = entries.is_blank;
    config_entries_done(&entries);
    return is_read;
}

static char *copy_lower(struct config_report *report, struct slice text)
{
    char *copy = report_copy(report, text);
    for (char *c = copy; c && *c; c++)
        *c = ascii_lower(*c);
    return copy;
}

static void report_unknown_section(struct loader *loader, const char *section,
                                   struct config_place place)
{
    const char *near = schema_suggest_section(slice_from_string(section));
    report_error(&loader->report, place, "unknown section \"%s\"%s%s%s", section,
                 near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* Of a host or a location: one that the file has. */
static bool is_section(const struct loader *loader, struct slice text)
{
    const struct config *config = loader->config;
    struct slice name, kind = section_kind(text, &name);
    if (!schema_is_named_section(kind))
        return name.len == 0 && schema_has_section(kind);
    bool is_host = slice_equal(kind, SLICE_LITERAL("host"));
    for (size_t i = 0; i < (is_host ? config->host_count : config->location_count); i++) {
        const char *known = is_host ? config->hosts[i].name : config->locations[i].name;
        if (slice_equal_nocase(slice_from_string(known), name))
            return true;
    }
    return false;
}

/* Where the section ends in "section.key": the names of hosts may have dots of their own. */
static ptrdiff_t section_end(const struct loader *loader, struct slice text)
{
    ptrdiff_t first = slice_find(text, '.');
    for (size_t i = text.len; i > 0; i--) {
        if (text.data[i - 1] == '.' && is_section(loader, slice_of(text.data, i - 1)))
            return (ptrdiff_t)i - 1;
    }
    return first;
}

static void apply_override(struct loader *loader, const struct config_override *override)
{
    struct config_place place = {.file = override->origin};
    struct slice text = slice_from_string(override->text);
    ptrdiff_t equals = slice_find(text, '=');
    struct slice name = slice_trim(slice_of(text.data, equals < 0 ? text.len : (size_t)equals));
    ptrdiff_t dot = section_end(loader, name);
    if (equals < 0 || dot <= 0) {
        const char *section = schema_other_section(SLICE_LITERAL(""), name);
        report_error(&loader->report, place, "\"%.*s\" is not of the form section.key=value%s%s%s",
                     REPORT_VALUE(text), section ? ": put \"" : "", section ? section : "",
                     section ? ".\" before it" : "");
        return;
    }
    struct config_entry entry = {
        .section = copy_lower(&loader->report, slice_of(name.data, (size_t)dot)),
        .key = copy_lower(&loader->report, slice_from(name, (size_t)dot + 1)),
        .value = report_copy(&loader->report, slice_trim(slice_from(text, (size_t)equals + 1))),
    };
    if (entry.section && !is_section(loader, slice_from_string(entry.section)))
        report_unknown_section(loader, entry.section, place);
    else if (entry.section && entry.key && entry.value)
        store_entry(loader, &entry, override->origin, loader->own_dir);
    free(entry.section);
    free(entry.key);
    free(entry.value);
}

/* Modules without a level of their own take the default. */
static void resolve_levels(struct loader *loader)
{
    struct server_config *server = &loader->config->server;
    for (unsigned module = 0; module < LOG_MODULE_COUNT; module++) {
        char key[INI_NAME_MAX];
        (void)snprintf(key, sizeof(key), "log_level.%s", log_module_name((enum log_module)module));
        if (!origin_find(loader->config, "server", key))
            server->log_level[module] = server->default_log_level;
    }
}

static void load(struct loader *loader, const struct config_source *source)
{
    store_defaults(loader);
    if (source->path && !load_file(loader, source->path))
        return;
    for (size_t i = 0; i < source->override_count; i++)
        apply_override(loader, &source->overrides[i]);
    resolve_levels(loader);
    struct site_chain chain = settings_chain_of_server();
    settings_apply(&loader->settings, &chain, &loader->report, &loader->config->site);
    routes_build(loader->config, &loader->settings, source->path, &loader->report);

    struct config_check check = {
        .config = loader->config,
        .report = &loader->report,
        .places = loader->places,
        .settings = &loader->settings,
        .whole = {.file = source->path, .line = MAX(loader->server_line, 1U)},
        .is_root_named = loader->is_root_named,
        .is_blank = loader->is_blank,
    };
    check_values(&check);
    check_files(&check);
}

static int init(struct loader *loader)
{
    loader->config = calloc(1, sizeof(*loader->config));
    loader->places = calloc(schema_count(), sizeof(*loader->places));
    if (!loader->config || !loader->places)
        return -ENOMEM;
    if (!getcwd(loader->own_dir, sizeof(loader->own_dir)))
        return -errno;
    memcpy(loader->file_dir, loader->own_dir, sizeof(loader->file_dir));
    return 0;
}

int config_load(const struct config_source *source, const struct config_reporter *reporter,
                struct config **ret_config)
{
    struct loader loader = {.config = NULL};
    int err = init(&loader);
    if (!err) {
        load(&loader, source);
        report_flush(&loader.report, reporter);
        if (loader.report.out_of_memory)
            err = -ENOMEM;
        else if (loader.report.error_count > 0)
            err = -EINVAL;
    }
    report_done(&loader.report);
    settings_done(&loader.settings);
    free(loader.places);
    if (err)
        config_free(loader.config);
    else
        *ret_config = loader.config;
    return err;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < schema_count(); i++) {
        if (schema_row(i)->record == RECORD_CONFIG)
            value_free(schema_row(i), config);
    }
    site_free(&config->site);
    routes_free(config);
    page_files_free(config);
    for (size_t i = 0; i < config->root_count; i++)
        free(config->roots[i]);
    free(config->roots);
    mime_table_clear(&config->mime);
    origins_free(config);
    free(config->path);
    free(config);
}
