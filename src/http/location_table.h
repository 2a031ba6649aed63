/* SPDX-License-Identifier: MIT */
/* location_table.h - the locations of one host, found by the decoded path (see router.h). */
#ifndef TINYWEB_HTTP_LOCATION_TABLE_H
#define TINYWEB_HTTP_LOCATION_TABLE_H

#include "http/http_site.h"
#include "http/path_glob.h"

struct location_table;

/* Of @count routes; @globs: for each location of the configuration its compiled patterns. Borrows
 * all of it. 0 or -ENOMEM. */
MUST_CHECK int location_table_create(const struct http_context *http,
                                     const struct route_config *routes, size_t count,
                                     struct path_glob *const *globs,
                                     struct location_table **ret_table);
void location_table_destroy(struct location_table *table); /* NULL is fine */

/* NULL: no location claims the path. */
const struct http_site *location_table_find(const struct location_table *table, struct slice name);

#endif
