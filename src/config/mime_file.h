/* SPDX-License-Identifier: MIT */
/*
 * mime_file.h - reads files of media types in two grammars into the rows of struct mime_config.
 *
 *   types {                          text/html    html htm
 *       text/html  html htm;         # a comment
 *       include more.types;          include more.types
 *   }
 *
 * Left is that of nginx, right that of /etc/mime.types; a file is in one of them, which its first
 * word decides. An include is relative to the file that names it and may be in the other grammar;
 * MIME_DEPTH_MAX files may include each other, and none itself.
 */
#ifndef TINYWEB_CONFIG_MIME_FILE_H
#define TINYWEB_CONFIG_MIME_FILE_H

#include "base/slice.h"
#include "config/config.h"
#include "config/config_report.h"

#define MIME_DEPTH_MAX 8
#define MIME_FILE_SIZE_MAX (1U << 20)

/*
 * Append the rows of the file @path, and of what it includes, to @mime. Mistakes are reported at
 * their place in these files; that @path itself cannot be read is reported at @place.
 */
void mime_file_load(const char *path, struct config_place place, struct config_report *report,
                    struct mime_config *mime);

/* The rows of a text in memory, called @name in messages; includes are refused. */
void mime_file_parse(const char *name, struct slice text, struct config_report *report,
                     struct mime_config *mime);

#endif
