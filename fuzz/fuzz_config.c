/* SPDX-License-Identifier: MIT */
/*
 * fuzz_config.c - a configuration file: iniparser agrees with the scanner, and what was stored
 * prints as text that stores the same again. No file it names is looked at.
 */

#include "config/config_file.h"
#include "config/config_schema.h"
#include "config/config_value.h"
#include "config/value_expand.h"
#include "config/value_text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
    if (!is_true)
        abort();
}

/* What the rows of the table describe; plain, so that one host, one location and one upstream stand
 * for all. */
struct records {
    struct config config;
    struct site_config site;
    struct host_config host;
    struct location_config location;
    struct upstream_config upstream;
    struct reply_cache_config reply_cache;
};

static void *record_of(const struct directive *row, struct records *records)
{
    switch (row->record) {
    case RECORD_CONFIG: break;
    case RECORD_SITE: return &records->site;
    case RECORD_HOST: return &records->host;
    case RECORD_LOCATION: return &records->location;
    case RECORD_UPSTREAM: return &records->upstream;
    case RECORD_REPLY_CACHE: return &records->reply_cache;
    }
    return &records->config;
}

static void free_records(struct records *records)
{
    for (size_t i = 0; i < schema_count(); i++)
        value_free(schema_row(i), record_of(schema_row(i), records));
    free(records);
}

static void store(const struct directive *row, struct slice member, const char *text,
                  struct config_report *report, struct records *records)
{
    struct config_value value = {
        .row = row,
        .member = member,
        .text = slice_from_string(text),
        .place = {.file = "fuzz", .line = 1},
        .base_dir = "/base",
        .may_unset = row->record == RECORD_SITE,
    };
    value_store(&value, report, record_of(row, records));
}

/* What came out of a value, written so that it comes out again. */
static void check_expansion(const char *text, struct config_report *report)
{
    static const char *const environment[] = {"A=${B}", "B=", NULL};
    struct config_place place = {.file = "fuzz", .line = 1};
    char *literal = NULL,
         *value = value_expand(slice_from_string(text), place, environment, report);
    size_t len = 0;
    FILE *out = open_memstream(&literal, &len);
    check(out != NULL);
    value_write_literal(value ? value : text, out);
    check(fclose(out) == 0);
    char *again = value_expand(slice_from_string(literal), place, NULL, report);
    check(again && strcmp(again, value ? value : text) == 0);
    free(literal);
    free(value);
    free(again);
}

static void store_entries(const struct config_entries *entries, struct config_report *report,
                          struct records *records)
{
    for (size_t i = 0; i < entries->count; i++) {
        const struct config_entry *entry = &entries->items[i];
        struct slice name, section = section_kind(slice_from_string(entry->section), &name);
        struct slice key = slice_from_string(entry->key), member;
        const struct directive *row = schema_find(section, key, &member);
        if (!row)
            (void)schema_suggest_key(section, key);
        else if (entry->value)
            store(row, member, entry->value, report, records);
        if (entry->value)
            check_expansion(entry->value, report);
    }
}

/* The caller frees it. */
static char *text_of(const struct directive *row, struct records *records)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    check(out && value_write(row, record_of(row, records), out) == 0);
    check(fclose(out) == 0);
    return text;
}

/* A second configuration out of the text of the first one. */
static void check_round_trip(struct records *records)
{
    struct records *second = calloc(1, sizeof(*second));
    struct config_report report = {.messages = NULL};
    check(second != NULL);
    for (size_t i = 0; i < schema_count(); i++) {
        const struct directive *row = schema_row(i);
        if (directive_is_family(row))
            continue;
        char *text = text_of(row, records);
        if (text[0] != '\0') { /* not set and without a default */
            (void)value_quote_for(text);
            store(row, SLICE_LITERAL(""), text, &report, second);
            char *again = text_of(row, second);
            check(report.error_count == 0 && strcmp(text, again) == 0);
            free(again);
        }
        free(text);
    }
    report_done(&report);
    free_records(second);
}

/* "fuzz:1:2: iniparser reads …" says that the two readers differ. */
static void check_message(const char *text)
{
    const char *sentence = strstr(text, ": ");
    check(sentence && strncmp(sentence + 2, "iniparser", strlen("iniparser")) != 0);
}

static void store_defaults(struct config_report *report, struct records *records)
{
    for (size_t i = 0; i < schema_count(); i++) {
        const struct directive *row = schema_row(i);
        if (row->def)
            store(row, SLICE_LITERAL(""), row->def, report, records);
    }
    check(report->error_count == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct records *records = calloc(1, sizeof(*records));
    struct config_report report = {.messages = NULL};
    struct config_entries entries;
    if (!records)
        return 0;
    store_defaults(&report, records);
    config_file_parse("fuzz", slice_of((const char *)data, size), &report, &entries);
    for (size_t i = 0; i < report.count; i++)
        check_message(report.messages[i].text);
    store_entries(&entries, &report, records);
    check_round_trip(records);
    config_entries_done(&entries);
    report_done(&report);
    free_records(records);
    return 0;
}
