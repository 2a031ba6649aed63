/* SPDX-License-Identifier: MIT */
/*
 * config_report.h - collects the mistakes of one configuration and hands them over in line order.
 *
 * The stages of loading (scan, parse, check) find mistakes in their own order; a reader wants them
 * from top to bottom. Control bytes in a message are shown as "?", so no value can fake a line.
 */
#ifndef TINYWEB_CONFIG_CONFIG_REPORT_H
#define TINYWEB_CONFIG_CONFIG_REPORT_H

#include "base/macros.h"
#include "base/slice.h"
#include "config/config.h"

#include <stdbool.h>

/* Where in which text; 0 for a line or a column that is not known. @file is borrowed. */
struct config_place {
    const char *file;
    unsigned line, column;
};

struct config_message {
    unsigned line, column; /* of the main file: they sort */
    bool is_error;
    char *text;
};

struct config_report {
    struct config_message *messages;
    size_t count, capacity;
    unsigned error_count;
    unsigned line;      /* when not 0: of the main file, for messages about an included one */
    bool out_of_memory; /* sticky: the load as a whole fails */
};

/* Values are quoted in messages up to this many bytes. */
#define REPORT_VALUE_MAX 80
#define REPORT_VALUE(s) (int)MIN((s).len, (size_t)REPORT_VALUE_MAX), (s).data

void report_error(struct config_report *report, struct config_place place, const char *format, ...)
    PRINTF_LIKE(3, 4);
void report_warning(struct config_report *report, struct config_place place, const char *format,
                    ...) PRINTF_LIKE(3, 4);

/* Hand all to @reporter, sorted; the report is empty afterwards but remembers its count. */
void report_flush(struct config_report *report, const struct config_reporter *reporter);
void report_done(struct config_report *report);

/* Terminated copy; NULL and `out_of_memory` when there is no memory. */
char *report_copy(struct config_report *report, struct slice text);

#endif
