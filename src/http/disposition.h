/* SPDX-License-Identifier: MIT */
/* disposition.h - files that browsers save instead of showing them (RFC 6266). */
#ifndef TINYWEB_HTTP_DISPOSITION_H
#define TINYWEB_HTTP_DISPOSITION_H

#include "base/writer.h"
#include "config/config.h"

/* The longest line: a name of 255 bytes, twice, once with each byte as three. */
#define DISPOSITION_SIZE 1100

/*
 * Content-Disposition with the name of the file, if @path is one that the site wants to be saved.
 * A name that is not plain ASCII stands there twice: for old clients with "_" in the place of what
 * they might not understand, and in UTF-8 (RFC 8187).
 */
void disposition_write(struct writer *w, const struct site_config *site, struct slice path);

#endif
