/* SPDX-License-Identifier: MIT */
/*
 * config_file.h - the pairs of an INI file with their places; the only user of iniparser.
 *
 * The text is scanned first (ini_scanner.h); iniparser is then given only what was accepted, and
 * its values are the ones that count. That both agree is checked for each pair.
 */
#ifndef TINYWEB_CONFIG_CONFIG_FILE_H
#define TINYWEB_CONFIG_CONFIG_FILE_H

#include "base/macros.h"
#include "config/config_report.h"

#include <stdint.h>

struct config_entry {
    char *section, *key; /* in lower case */
    uint64_t name_hash;  /* of both */
    char *value;         /* NULL: unusable, which has been reported */
    unsigned line;
    unsigned key_column, value_column;
};

/* The header of a [host] or a [location], in lower case. */
struct config_section {
    char *name;
    unsigned line, column;
};

struct config_entries {
    struct config_entry *items;
    size_t count, capacity;
    struct config_section *sections;
    size_t section_count;
    unsigned server_line; /* of the first [server], 0 without one */
    bool is_blank;        /* nothing but comments */
};

/* Larger files are not configurations. */
#define CONFIG_FILE_SIZE_MAX (1U << 20)

/*
 * Read, scan, parse. Mistakes go to @report with @path as the name of the file. False when it
 * could not be read at all, which is reported too: at @included_at, unless NULL.
 */
MUST_CHECK bool config_file_load(const char *path, const struct config_place *included_at,
                                 struct config_report *report, struct config_entries *ret_entries);

/* The same for a text in memory, called @name in messages. */
void config_file_parse(const char *name, struct slice text, struct config_report *report,
                       struct config_entries *ret_entries);

void config_entry_done(struct config_entry *entry);
void config_entries_done(struct config_entries *entries);

#endif
