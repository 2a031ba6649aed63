/* SPDX-License-Identifier: MIT */
/*
 * fuzz_config.c - a configuration file: iniparser agrees with the scanner, and what was stored
 * prints as text that stores the same again. No file it names is looked at.
 */

#include "config/config_file.h"
#include "config/config_schema.h"
#include "config/config_value.h"
#include "config/value_text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
    if (!is_true)
        abort();
}

static void store(const struct directive *row, struct slice member, const char *text,
                  struct config_report *report, struct config *config)
{
    struct config_value value = {
        .row = row,
        .member = member,
        .text = slice_from_string(text),
        .place = {.file = "fuzz", .line = 1},
        .base_dir = "/base",
    };
    value_store(&value, report, config);
}

static void store_entries(const struct config_entries *entries, struct config_report *report,
                          struct config *config)
{
    for (size_t i = 0; i < entries->count; i++) {
        const struct config_entry *entry = &entries->items[i];
        struct slice section = slice_from_string(entry->section);
        struct slice key = slice_from_string(entry->key), member;
        const struct directive *row = schema_find(section, key, &member);
        if (!row)
            (void)schema_suggest_key(section, key);
        else if (entry->value)
            store(row, member, entry->value, report, config);
    }
}

/* The caller frees it. */
static char *text_of(const struct directive *row, const struct config *config)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    check(out && value_write(row, config, out) == 0);
    check(fclose(out) == 0);
    return text;
}

/* A second configuration out of the text of the first one. */
static void check_round_trip(const struct config *config)
{
    struct config *second = calloc(1, sizeof(*second));
    struct config_report report = {.messages = NULL};
    check(second != NULL);
    for (size_t i = 0; i < schema_count(); i++) {
        const struct directive *row = schema_row(i);
        if (directive_is_family(row))
            continue;
        char *text = text_of(row, config);
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
    config_free(second);
}

/* "fuzz:1:2: iniparser reads …" says that the two readers differ. */
static void check_message(const char *text)
{
    const char *sentence = strstr(text, ": ");
    check(sentence && strncmp(sentence + 2, "iniparser", strlen("iniparser")) != 0);
}

static void store_defaults(struct config_report *report, struct config *config)
{
    for (size_t i = 0; i < schema_count(); i++) {
        const struct directive *row = schema_row(i);
        if (row->def)
            store(row, SLICE_LITERAL(""), row->def, report, config);
    }
    check(report->error_count == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config *config = calloc(1, sizeof(*config));
    struct config_report report = {.messages = NULL};
    struct config_entries entries;
    if (!config)
        return 0;
    store_defaults(&report, config);
    config_file_parse("fuzz", slice_of((const char *)data, size), &report, &entries);
    for (size_t i = 0; i < report.count; i++)
        check_message(report.messages[i].text);
    store_entries(&entries, &report, config);
    check_round_trip(config);
    config_entries_done(&entries);
    report_done(&report);
    config_free(config);
    return 0;
}
