/* SPDX-License-Identifier: MIT */
/* host_table.h - names of hosts, exact ones and "*.example.com", each with a number. */
#ifndef TINYWEB_HTTP_HOST_TABLE_H
#define TINYWEB_HTTP_HOST_TABLE_H

#include "base/macros.h"
#include "base/slice.h"

struct host_table;

struct host_table *host_table_create(void);        /* NULL: out of memory */
void host_table_destroy(struct host_table *table); /* NULL is fine */

/* Borrows @name, which is in lower case; the first of equal names counts. 0 or -ENOMEM. */
MUST_CHECK int host_table_add(struct host_table *table, struct slice name, size_t number);

/*
 * The number for the authority of a request: its port, letter case and final dot do not matter. An
 * exact name, else the longest wildcard that it ends in; false, and *@ret_number untouched, when
 * there is neither. At most one probe a label.
 */
bool host_table_find(const struct host_table *table, struct slice authority, size_t *ret_number);

#endif
