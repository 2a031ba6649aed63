/* SPDX-License-Identifier: MIT */
/* group_private.h - what the group*.c files share. */
#ifndef TINYWEB_UPSTREAM_GROUP_PRIVATE_H
#define TINYWEB_UPSTREAM_GROUP_PRIVATE_H

#include "upstream/group.h"

/* Keys have to be the same in all workers and generations. */
#define GROUP_KEY_SEED UINT64_C(0x74696e7977656200)

/* group_pick.c: whoever waits, and whatever the budget says. */
struct upstream_server *group_pick_now(struct upstream_group *group, uint64_t sticky_id,
                                       uint64_t key, uint64_t tried);

/* group_queue.c */
void groupqueue_init(struct upstream_group *group);
void groupqueue_done(struct upstream_group *group);
/* A place is free. */
void groupqueue_wake(struct upstream_group *group);

static inline struct server_load *server_load_of(const struct upstream_server *server)
{
    return servertable_load(server->group->table, server->group->slot, server->entry);
}

/* What is under way is known twice: to us, and to the other workers. */
static inline void server_take_place(struct upstream_server *server)
{
    server->under_way++;
    counter_set(&server_load_of(server)->in_flight, server->under_way);
}

static inline void server_give_place(struct upstream_server *server)
{
    assert(server->under_way > 0);
    server->under_way--;
    counter_set(&server_load_of(server)->in_flight, server->under_way);
}

#endif
