/* SPDX-License-Identifier: MIT */
/* config_print.c - the configuration in effect as text that config_load reads back to the same. */

#include "config/config.h"
#include "config/config_origin.h"
#include "config/config_schema.h"
#include "config/directive_text.h"
#include "config/ini_scanner.h"
#include "config/value_expand.h"
#include "config/value_text.h"
#include "config/value_upstream.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* Where the comments start that say where a value came from. */
#define ORIGIN_COLUMN 44

/* A longer one is cut, and left out where the line has no room for it. */
#define ORIGIN_MAX 200

static void format_origin(const struct config_place *place, char out[ORIGIN_MAX])
{
    if (!place)
        (void)snprintf(out, ORIGIN_MAX, "default");
    else if (place->line > 0)
        (void)snprintf(out, ORIGIN_MAX, "%.*s:%u", ORIGIN_MAX - 16, place->file, place->line);
    else
        (void)snprintf(out, ORIGIN_MAX, "%s", place->file);
}

/* @value as a file has to say it, @place NULL: a default. */
static void print_literal(const char *key, const char *value, const struct config_place *place,
                          FILE *out)
{
    char origin[ORIGIN_MAX];
    const char *quote = value[0] == '\0' ? "" : value_quote_for(value);
    format_origin(place, origin);
    if (!quote) {
        fprintf(out, "; %s has a value that cannot be written in a file, from %s\n", key, origin);
        return;
    }
    int len = fprintf(out, "%s = %s%s%s", key, quote, value, quote);
    if (len > INI_LINE_MAX - ORIGIN_MAX)
        fprintf(out, "\n");
    else
        fprintf(out, "%*s ; %s\n", MAX(ORIGIN_COLUMN - len, 0), "", origin);
}

static void print_line(const char *key, const char *value, const struct config_place *place,
                       FILE *out)
{
    char *literal = NULL;
    size_t len = 0;
    FILE *text = open_memstream(&literal, &len);
    if (text)
        value_write_literal(value, text);
    if (text && fclose(text) == 0)
        print_literal(key, literal, place, out);
    else
        print_literal(key, value, place, out); /* without memory for the doubling of a "$" */
    free(literal);
}

/* "location " and a name. */
#define SECTION_NAME_SIZE (INI_NAME_MAX + 16)

/* One that is printed, with those whose values it inherits. */
struct printed_section {
    const struct config *config;
    const struct site_config *site;
    const struct host_config *host;
    const struct location_config *location;
    const struct upstream_config *upstream;
    const struct reply_cache_config *reply_cache;
    const char *names[3]; /* outermost first: "server", "host www", "location api" */
    size_t name_count;
};

static const void *record_of(const struct printed_section *section, enum record_kind kind)
{
    switch (kind) {
    case RECORD_CONFIG: break;
    case RECORD_SITE: return section->site;
    case RECORD_HOST: return section->host;
    case RECORD_LOCATION: return section->location;
    case RECORD_UPSTREAM: return section->upstream;
    case RECORD_REPLY_CACHE: return section->reply_cache;
    }
    return section->config;
}

/* What is inherited is printed as a comment: it follows from the other sections. */
static void print_value(const struct printed_section *section, const char *key, const char *value,
                        FILE *out)
{
    const char *own_name = section->names[section->name_count - 1];
    const struct config_place *origin = origin_find(section->config, own_name, key);
    bool is_inherited = !origin && section->name_count > 1;
    for (size_t i = section->name_count; i > 1 && !origin; i--)
        origin = origin_find(section->config, section->names[i - 2], key);
    if (is_inherited)
        fputs("; ", out);
    print_line(key, value, origin, out);
}

static void print_levels(const struct config *config, const struct directive *row, FILE *out)
{
    for (unsigned module = 0; module < LOG_MODULE_COUNT; module++) {
        char key[INI_NAME_MAX];
        (void)snprintf(key, sizeof(key), "log_level.%s", log_module_name((enum log_module)module));
        const struct config_place *origin = origin_find(config, row->section, key);
        print_line(key, log_level_name(config->server.log_level[module]),
                   origin ? origin : origin_find(config, row->section, "log_level"), out);
    }
}

static void print_pages(const struct printed_section *section, FILE *out)
{
    for (size_t i = 0; i < section->site->error_page_count; i++) {
        const struct error_page_config *page = &section->site->error_pages[i];
        char key[INI_NAME_MAX], path[4096 + 2] = "";
        (void)snprintf(key, sizeof(key), "error_page.%u", page->status);
        if (page->path || page->file)
            (void)snprintf(path, sizeof(path), "/%s", page->path ? page->path : page->file + 1);
        print_value(section, key, path, out);
    }
}

static void print_headers(const struct printed_section *section, const char *family,
                          const struct header_config *headers, size_t count, FILE *out)
{
    for (size_t i = 0; i < count; i++) {
        char key[INI_NAME_MAX + 1];
        (void)snprintf(key, sizeof(key), "%s.%s", family, headers[i].name);
        for (char *c = key; *c; c++)
            *c = ascii_lower(*c); /* as a key is known */
        print_value(section, key, headers[i].value, out);
    }
}

static int print_labelled_servers(const struct printed_section *section, FILE *out)
{
    const struct upstream_config *upstream = section->upstream;
    assert(upstream); /* the row is one of no other section */
    for (size_t i = 0; i < upstream->server_count; i++) {
        char key[INI_NAME_MAX + 1], *value = NULL;
        size_t len = 0;
        if (!upstream->servers[i].label)
            continue;
        FILE *text = open_memstream(&value, &len);
        if (!text)
            return -ENOMEM;
        server_write(&upstream->servers[i], text);
        int err = fclose(text) == 0 ? 0 : -ENOMEM;
        (void)snprintf(key, sizeof(key), "server.%s", upstream->servers[i].label);
        if (!err)
            print_value(section, key, value, out);
        free(value);
        if (err)
            return err;
    }
    return 0;
}

/* As comments: what they say is part of what is printed. */
static void print_includes(const struct config *config, FILE *out)
{
    const struct string_list *files = &config->server.include;
    for (size_t i = 0; i < files->count; i++)
        fprintf(out, "; include = %s\n", files->items[i]);
}

static int print_row(const struct printed_section *section, const struct directive *row, FILE *out)
{
    if (row->type == CFG_MODULE_LEVELS) {
        print_levels(section->config, row, out);
        return 0;
    }
    if (row->type == CFG_INCLUDES) {
        print_includes(section->config, out);
        return 0;
    }
    if (row->type == CFG_ERROR_PAGES) {
        print_pages(section, out);
        return 0;
    }
    if (row->type == CFG_HEADERS) {
        print_headers(section, "header", section->site->headers, section->site->header_count, out);
        return 0;
    }
    if (row->type == CFG_SET_HEADERS) {
        assert(section->location);
        const struct forward_config *forward = &section->location->forward;
        print_headers(section, "set_header", forward->set_fields, forward->set_count, out);
        return 0;
    }
    if (row->type == CFG_SERVER)
        return print_labelled_servers(section, out);
    char *value = NULL;
    size_t len = 0;
    FILE *text = open_memstream(&value, &len);
    if (!text)
        return -ENOMEM;
    int err = value_write(row, record_of(section, row->record), text);
    if (fclose(text) != 0)
        err = -ENOMEM;
    if (!err && (len > 0 || row->def || row->record == RECORD_SITE))
        print_value(section, row->key, value, out);
    free(value);
    return err;
}

/* @kind: of the section, as it stands in the table. */
static int print_section(const struct printed_section *section, const char *kind, FILE *out)
{
    int err = 0;
    fprintf(out, "\n[%s]\n", section->names[section->name_count - 1]);
    for (size_t i = 0; i < schema_count() && !err; i++) {
        const struct directive *row = schema_row(i);
        bool is_inherited = row->record == RECORD_SITE && section->name_count > 1;
        if (is_inherited || strcmp(row->section, kind) == 0)
            err = print_row(section, row, out);
    }
    return err;
}

static int print_host(const struct config *config, const struct host_config *host, FILE *out)
{
    char name[SECTION_NAME_SIZE];
    const struct printed_section section = {
        .config = config,
        .site = &host->site,
        .host = host,
        .names = {"server", name},
        .name_count = 2,
    };
    (void)snprintf(name, sizeof(name), "host %s", host->name);
    return print_section(&section, "host", out);
}

/* Of a location in several hosts, that of [server]. */
static int print_location(const struct config *config, const struct location_config *location,
                          FILE *out)
{
    char host[SECTION_NAME_SIZE], name[SECTION_NAME_SIZE];
    size_t i = 0;
    while (i < config->route_count && config->routes[i].location != location)
        i++;
    if (i == config->route_count)
        return 0; /* its host is unknown: not loaded */
    struct printed_section section = {
        .config = config,
        .site = &config->routes[i].site,
        .location = location,
        .names = {"server"},
        .name_count = 1,
    };
    (void)snprintf(host, sizeof(host), "host %s", location->host ? location->host : "");
    (void)snprintf(name, sizeof(name), "location %s", location->name);
    if (location->host)
        section.names[section.name_count++] = host;
    section.names[section.name_count++] = name;
    return print_section(&section, "location", out);
}

static int print_upstream(const struct config *config, const struct upstream_config *upstream,
                          FILE *out)
{
    char name[SECTION_NAME_SIZE];
    const struct printed_section section = {
        .config = config, .upstream = upstream, .names = {name}, .name_count = 1};
    (void)snprintf(name, sizeof(name), "upstream %s", upstream->name);
    return print_section(&section, "upstream", out);
}

static int print_reply_cache(const struct config *config, const struct reply_cache_config *cache,
                             FILE *out)
{
    char name[SECTION_NAME_SIZE];
    const struct printed_section section = {
        .config = config, .reply_cache = cache, .names = {name}, .name_count = 1};
    (void)snprintf(name, sizeof(name), "cache %s", cache->name);
    return print_section(&section, "cache NAME", out);
}

int config_print(const struct config *config, FILE *out)
{
    static const char *const kinds[] = {"server", "mime", "cache"};
    int err = 0;
    for (size_t i = 0; i < COUNT_OF(kinds) && !err; i++) {
        const struct printed_section section = {
            .config = config, .site = &config->site, .names = {kinds[i]}, .name_count = 1};
        err = print_section(&section, kinds[i], out);
    }
    for (size_t i = 0; i < config->host_count && !err; i++)
        err = print_host(config, &config->hosts[i], out);
    for (size_t i = 0; i < config->location_count && !err; i++)
        err = print_location(config, &config->locations[i], out);
    for (size_t i = 0; i < config->upstream_count && !err; i++)
        err = print_upstream(config, &config->upstreams[i], out);
    for (size_t i = 0; i < config->reply_cache_count && !err; i++)
        err = print_reply_cache(config, &config->reply_caches[i], out);
    if (err)
        return err;
    fprintf(out, "\n; %zu extensions have a media type\n", config->mime.count);
    return fflush(out) == 0 && !ferror(out) ? 0 : -EIO;
}

void config_print_schema(FILE *out)
{
    for (size_t i = 0; i < schema_count(); i++) {
        const struct directive *row = schema_row(i);
        char expected[DIRECTIVE_TEXT_SIZE];
        directive_expected(row, expected);
        fprintf(out, "%s.%s\t%s\t%s\t%s\t%s\n", row->section, row->key,
                directive_type_name(row->type), row->def ? row->def : "-", expected, row->help);
    }
}
