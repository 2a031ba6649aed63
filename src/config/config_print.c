/* SPDX-License-Identifier: MIT */
/* config_print.c - the configuration in effect as text that config_load reads back to the same. */

#include "config/config.h"
#include "config/config_origin.h"
#include "config/config_schema.h"
#include "config/directive_text.h"
#include "config/ini_scanner.h"
#include "config/value_text.h"

#include <errno.h>
#include <stdlib.h>

/* Where the comments start that say where a value came from. */
#define ORIGIN_COLUMN 44

/* A longer one is cut, and left out where the line has no room for it. */
#define ORIGIN_MAX 200

/* @origin NULL: a default. */
static void print_line(const char *key, const char *value, const char *origin, FILE *out)
{
    const char *quote = value_quote_for(value);
    if (!quote) {
        fprintf(out, "; %s has a value that cannot be written in a file, from %s\n", key,
                origin ? origin : "a default");
        return;
    }
    int len = fprintf(out, "%s = %s%s%s", key, quote, value, quote);
    if (len > INI_LINE_MAX - ORIGIN_MAX)
        fprintf(out, "\n");
    else
        fprintf(out, "%*s ; %.*s\n", MAX(ORIGIN_COLUMN - len, 0), "", ORIGIN_MAX - 3,
                origin ? origin : "default");
}

static void print_levels(const struct config *config, const struct directive *row, FILE *out)
{
    for (unsigned module = 0; module < LOG_MODULE_COUNT; module++) {
        char key[INI_NAME_MAX];
        (void)snprintf(key, sizeof(key), "log_level.%s", log_module_name((enum log_module)module));
        const char *origin = origin_find(config, row->section, key);
        print_line(key, log_level_name(config->server.log_level[module]),
                   origin ? origin : origin_find(config, row->section, "log_level"), out);
    }
}

static void print_pages(const struct config *config, const struct directive *row, FILE *out)
{
    for (size_t i = 0; i < config->server.error_page_count; i++) {
        const struct error_page_config *page = &config->server.error_pages[i];
        char key[INI_NAME_MAX], path[4096 + 2];
        (void)snprintf(key, sizeof(key), "error_page.%u", page->status);
        (void)snprintf(path, sizeof(path), "/%s", page->path ? page->path : page->file + 1);
        print_line(key, path, origin_find(config, row->section, key), out);
    }
}

static int print_row(const struct config *config, const struct directive *row, FILE *out)
{
    if (row->type == CFG_MODULE_LEVELS) {
        print_levels(config, row, out);
        return 0;
    }
    if (row->type == CFG_ERROR_PAGES) {
        print_pages(config, row, out);
        return 0;
    }
    char *value = NULL;
    size_t len = 0;
    FILE *text = open_memstream(&value, &len);
    if (!text)
        return -ENOMEM;
    int err = value_write(row, config, text);
    if (fclose(text) != 0)
        err = -ENOMEM;
    if (!err)
        print_line(row->key, value, origin_find(config, row->section, row->key), out);
    free(value);
    return err;
}

int config_print(const struct config *config, FILE *out)
{
    const char *section = "";
    for (size_t i = 0; i < schema_count(); i++) {
        const struct directive *row = schema_row(i);
        if (strcmp(section, row->section) != 0)
            fprintf(out, "%s[%s]\n", i > 0 ? "\n" : "", row->section);
        section = row->section;
        int err = print_row(config, row, out);
        if (err)
            return err;
    }
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
