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

struct config_message {
    struct config_place place;
    struct config_place order; /* where it stands among the others */
    size_t rank;               /* of that file */
    bool is_error;
    char *text;
    size_t message_off; /* in the text */
};

/* The text of a file that places refer to. */
struct config_text {
    const char *name; /* borrowed: outlives the report */
    struct slice text;
};

struct config_report {
    char **names; /* of the files that messages and texts are of: they may outlive the reading */
    size_t name_count;
    struct config_text *texts; /* in the order of their messages */
    size_t text_count;
    struct config_message *messages;
    size_t count, capacity;
    unsigned error_count;
    struct config_place anchor; /* with a file: all messages stand there among the others */
    bool out_of_memory;         /* sticky: the load as a whole fails */
};

/* Values are quoted in messages up to this many bytes. */
#define REPORT_VALUE_MAX 80
#define REPORT_VALUE(s) (int)MIN((s).len, (size_t)REPORT_VALUE_MAX), (s).data

void report_error(struct config_report *report, struct config_place place, const char *format, ...)
    PRINTF_LIKE(3, 4);
void report_warning(struct config_report *report, struct config_place place, const char *format,
                    ...) PRINTF_LIKE(3, 4);

/* @key names a section [@kind @name] that is not there; @best: what may have been meant, or NULL. */
void report_no_section(struct config_report *report, struct config_place place, const char *key,
                       const char *kind, const char *name, const char *best);

/* Take the text of a file, from malloc, for as long as there are messages. False: it is still the
 * caller's, for lack of memory. Messages of files are in the order of these calls. */
MUST_CHECK bool report_keep_text(struct config_report *report, const char *name, struct slice text);

/* The place of @word within the line from @place on; @place when it does not stand there as it is. */
struct config_place report_place_of(const struct config_report *report, struct config_place place,
                                    const char *word);

/* Hand all to @reporter, sorted; the report is empty afterwards but remembers its count. */
void report_flush(struct config_report *report, const struct config_reporter *reporter);
void report_done(struct config_report *report);

/* Terminated copy; NULL and `out_of_memory` when there is no memory. */
char *report_copy(struct config_report *report, struct slice text);
char *report_copy_lower(struct config_report *report, struct slice text);

/* How a message at @from speaks of @to: "line 3", or "conf.d/a.conf:3" for another file. */
#define PLACE_REFERENCE_SIZE 128
void place_reference(char out[PLACE_REFERENCE_SIZE], struct config_place from,
                     struct config_place to);

#endif
