/* SPDX-License-Identifier: MIT */
/*
 * ini_scanner.h - reads INI text line by line and knows the place of everything in it.
 *
 * iniparser keeps no line numbers and silently accepts much that is a mistake (unterminated
 * quotes, text behind a closing quote, values cut at ";" or "#"). So this scanner reads first and
 * only what it accepts goes on; what it accepts, iniparser reads the same way.
 *
 *   [section]            ; comment
 *   key = value          # comment
 *   key = "a ; kept"     'single quotes' too; there are no escapes
 */
#ifndef TINYWEB_CONFIG_INI_SCANNER_H
#define TINYWEB_CONFIG_INI_SCANNER_H

#include "base/slice.h"

#include <stdbool.h>

/* iniparser reads lines into 1024 bytes, with the newline and a terminator. */
#define INI_LINE_MAX 1022
/* Of a section or key: keeps "section:key" far below what iniparser cuts. */
#define INI_NAME_MAX 64

/* All slices point into the scanned text, names as they are written. */
struct ini_pair {
    struct slice section, key;
    struct slice value;     /* without its quotes; NULL data: not usable, and already reported */
    struct slice raw_value; /* with them */
    unsigned line, key_column, value_column;
};

/* Called in the order of the text. @text of a problem is one sentence without place. */
struct ini_sink {
    void (*section)(void *context, struct slice name, unsigned line, unsigned column);
    void (*pair)(void *context, const struct ini_pair *pair);
    void (*problem)(void *context, bool is_error, unsigned line, unsigned column, const char *text);
    void *context;
};

/* Line ends are LF or CRLF; a UTF-8 byte order mark is skipped. */
void ini_scan(struct slice text, const struct ini_sink *sink);

#endif
