/* SPDX-License-Identifier: MIT */
/*
 * site_lines.h - the header lines that the configuration adds to answers.
 *
 * Written once into the representation of a file; for errors and redirects each time.
 */
#ifndef TINYWEB_HTTP_SITE_LINES_H
#define TINYWEB_HTTP_SITE_LINES_H

#include "base/writer.h"
#include "config/config.h"
#include "http/disposition.h"

/* Bytes that all lines together have at most: header, cache_control, cors, attachment. */
#define SITE_LINES_SIZE (HEADER_LINES_MAX + 1100 + 600 + DISPOSITION_SIZE)

/* The lines of any answer. */
void site_lines_write(struct writer *w, const struct site_config *site);

/* Any answer goes without a line of the configuration. */
static inline bool site_lines_are_none(const struct site_config *site)
{
    return (site->header_count | site->cors.count) == 0 && !site->auth_file;
}

/* Those of a file besides, whose answer is 200, 206 or 304. @path as the file cache has it, of
 * what was encoded; @type is its media type. */
void site_lines_write_of_file(struct writer *w, const struct site_config *site, struct slice path,
                              struct slice type);

/* The line of an answer that is no file and says nothing about its keeping itself. */
void site_lines_write_privacy(struct writer *w, const struct site_config *site);

/* True when the configuration sets or unsets @name. */
bool site_lines_decide(const struct site_config *site, const char *name);

/* Room that they take, but for the name of a file that is to be saved. */
size_t site_lines_room(const struct site_config *site);

#endif
