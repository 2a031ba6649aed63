/* SPDX-License-Identifier: MIT */
/* name_watch.h - a worker's look at the table of names: what is new there goes to its groups. */
#ifndef TINYWEB_UPSTREAM_NAME_WATCH_H
#define TINYWEB_UPSTREAM_NAME_WATCH_H

#include "upstream/group.h"
#include "upstream/name_table.h"

struct name_watch;

/* Of the groups that have names; *@ret_watch is NULL when none has. Borrows all. The first look is made at
 * once. 0 or -ENOMEM. */
MUST_CHECK int namewatch_create(struct upstream_group *const *groups, size_t count,
                                const struct name_table *table, struct event_loop *loop,
                                struct name_watch **ret_watch);
void namewatch_destroy(struct name_watch *watch); /* NULL is fine */

#endif
