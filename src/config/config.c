/* SPDX-License-Identifier: MIT */
/* config.c - load: defaults, files, the environment, the command line; then checks. */

#include "config/config.h"

#include "config/auth_file.h"
#include "config/config_check_caches.h"
#include "config/config_check_files.h"
#include "config/config_check_upstreams.h"
#include "config/config_environment.h"
#include "config/config_files.h"
#include "config/config_origin.h"
#include "config/config_override.h"
#include "config/config_report.h"
#include "config/config_routes.h"
#include "config/config_schema.h"
#include "config/config_sections.h"
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
    struct config_store store;
    struct config_files files;
    char own_dir[PATH_MAX]; /* the current one: overrides start there */
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

/* Where the file is, absolute, for a later reload. A link in its last part is kept: it may point
 * to another file then. */
static void note_path(struct loader *loader)
{
    const struct config_input *first = &loader->files.items[0];
    const char *slash = strrchr(first->name, '/');
    if (first->folder &&
        asprintf(&loader->config->path, "%s/%s", first->folder[1] ? first->folder : "",
                 slash ? slash + 1 : first->name) == -1)
        loader->report.out_of_memory = true;
}

/* Of hosts and locations also those without a key. */
static void add_sections(struct loader *loader, const struct config_input *input)
{
    struct setting_owner owner;
    for (size_t i = 0; i < input->entries.section_count; i++) {
        const struct config_section *section = &input->entries.sections[i];
        struct slice name, kind = section_kind(slice_from_string(section->name), &name);
        struct config_place place = {input->name, section->line, section->column};
        (void)!sections_enter(loader->config, kind, name, place, &loader->report, &owner);
    }
}

static bool is_ancestor(const struct config_files *files, const char *name, size_t number)
{
    while (files->items[number].parent != number) {
        number = files->items[number].parent;
        if (strcmp(files->items[number].name, name) == 0)
            return true;
    }
    return strcmp(files->items[number].name, name) == 0;
}

/* A file may replace what those that include it say: that is what it is for. What two files say
 * that do not know of each other is more likely a mistake. */
static void warn_of_replaced(struct loader *loader, size_t number, const struct config_entry *entry)
{
    const struct config_place *before = origin_find(loader->config, entry->section, entry->key);
    char where[PLACE_REFERENCE_SIZE];
    struct config_place place = {loader->files.items[number].name, entry->line, entry->key_column};
    if (!before || is_ancestor(&loader->files, before->file, number))
        return;
    place_reference(where, place, *before);
    report_warning(&loader->report, place, "\"%s\" replaces that of %s", entry->key, where);
}

/* False: there is no file to go on with. */
static bool load_files(struct loader *loader, const struct config_source *source)
{
    bool is_read = config_files_load(source->path, source->environment, loader->config,
                                     &loader->report, &loader->files);
    if (loader->files.count > 0)
        note_path(loader);
    for (size_t number = 0; number < loader->files.count; number++) {
        const struct config_input *input = &loader->files.items[number];
        const struct entry_source from = {input->name, input->folder, false};
        add_sections(loader, input);
        for (size_t i = 0; i < input->entries.count && input->folder; i++) {
            if (number > 0)
                warn_of_replaced(loader, number, &input->entries.items[i]);
            store_entry(&loader->store, &input->entries.items[i], &from);
        }
    }
    return is_read;
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

/* Where [server] itself is misspelled, or written as other servers have it, so may be the root. */
static bool has_server_section(const struct config_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        if (files->items[i].entries.server_line > 0)
            return true;
    }
    return files->count == 0;
}

static void check(struct loader *loader, struct config_place whole)
{
    const struct config_files *files = &loader->files;
    const struct config_check check = {
        .config = loader->config,
        .report = &loader->report,
        .places = loader->store.places,
        .settings = &loader->store.settings,
        .whole = whole,
        .is_root_named = loader->store.is_root_named ||
                         (loader->report.error_count > 0 && !has_server_section(files)),
        .is_blank = files->count == 1 && files->items[0].entries.is_blank,
    };
    check_values(&check);
    check_files(&check);
}

static void load(struct loader *loader, const struct config_source *source)
{
    struct config_place whole = {.file = source->path, .line = 1};
    loader->store.environment = source->environment;
    store_defaults(loader);
    if (source->path && !load_files(loader, source))
        return;
    if (loader->files.count > 0)
        whole.line = MAX(loader->files.items[0].entries.server_line, 1U);
    environment_apply(&loader->store, loader->own_dir);
    for (size_t i = 0; i < source->override_count; i++)
        override_apply(&loader->store, &source->overrides[i], loader->own_dir);
    resolve_levels(loader);
    struct site_chain chain = settings_chain_of_server();
    settings_apply(&loader->store.settings, &chain, &loader->report, &loader->config->site);
    routes_build(loader->config, &loader->store.settings, whole, &loader->report);
    check_upstreams(loader->config, &loader->store.settings, &loader->report);
    check_caches(loader->config, &loader->store.settings, &loader->report);
    check(loader, whole);
}

static int init(struct loader *loader)
{
    loader->config = calloc(1, sizeof(*loader->config));
    loader->store = (struct config_store){
        .config = loader->config,
        .report = &loader->report,
        .places = calloc(schema_count(), sizeof(struct config_place)),
    };
    if (!loader->config || !loader->store.places)
        return -ENOMEM;
    /* Removed, or outside of where we are confined to: whole paths are fine all the same. */
    if (!getcwd(loader->own_dir, sizeof(loader->own_dir)) || loader->own_dir[0] != '/')
        (void)snprintf(loader->own_dir, sizeof(loader->own_dir), "/");
    return 0;
}

int config_load(const struct config_source *source, const struct config_reporter *reporter,
                struct config **ret_config)
{
    struct loader loader = {.config = NULL};
    int err = init(&loader);
    if (!err) {
        load(&loader, source);
        if (loader.report.error_count == 0 && !loader.report.out_of_memory && reporter->advise)
            reporter->advise(loader.config, &loader.report);
        report_flush(&loader.report, reporter);
        if (loader.report.out_of_memory)
            err = -ENOMEM;
        else if (loader.report.error_count > 0)
            err = -EINVAL;
    }
    report_done(&loader.report);
    settings_done(&loader.store.settings);
    config_files_done(&loader.files);
    free(loader.store.places);
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
    sections_free(config);
    page_files_free(config);
    auth_files_free(config);
    for (size_t i = 0; i < config->root_count; i++)
        free(config->roots[i]);
    free(config->roots);
    mime_table_clear(&config->mime);
    origins_free(config);
    free(config->path);
    free(config);
}
