/* SPDX-License-Identifier: MIT */
/* name_watch.c - compares numbers twice a second, and oftener while a name is not known yet. */
#include "upstream/name_watch.h"

#include <errno.h>
#include <stdlib.h>

#define LOOK_MS 500
#define FIRST_LOOK_MS 20
/* For so many looks; a name that is unknown for longer is no matter of milliseconds. */
#define FIRST_LOOKS 250

struct watched_name {
    struct upstream_group *group;
    const struct upstream_server_config *server;
    uint32_t version; /* that the group has; 0: none yet */
};

struct name_watch {
    const struct name_table *table;
    struct event_loop *loop;
    struct timer timer;
    unsigned looks;
    size_t count;
    struct watched_name names[];
};

/* True: it is known. */
static bool look_at(const struct name_watch *watch, struct watched_name *name)
{
    struct address addresses[NAME_ADDRESSES_MAX];
    int count = nametable_read(watch->table, name->server->host, &name->version, addresses);
    for (int i = 0; i < count; i++)
        address_set_port(&addresses[i], name->server->port);
    if (count >= 0)
        group_set_addresses(name->group, name->server, addresses, (size_t)count);
    return name->version != 0;
}

static void look(struct name_watch *watch)
{
    bool is_all_known = true;
    for (size_t i = 0; i < watch->count; i++)
        is_all_known = look_at(watch, &watch->names[i]) && is_all_known;
    bool is_hurried = !is_all_known && watch->looks < FIRST_LOOKS;
    watch->looks += is_hurried;
    /* Without memory for the timer the addresses stay as they are. */
    (void)loop_set_timer(watch->loop, &watch->timer,
                         loop_now_ms(watch->loop) + (is_hurried ? FIRST_LOOK_MS : LOOK_MS));
}

static void on_timer(struct timer *timer)
{
    look(container_of(timer, struct name_watch, timer));
}

int namewatch_create(struct upstream_group *const *groups, size_t count,
                     const struct name_table *table, struct event_loop *loop,
                     struct name_watch **ret_watch)
{
    struct name_watch *watch = calloc(1, sizeof(*watch) +
                                             UPSTREAM_SERVERS_TOTAL * sizeof(watch->names[0]));
    *ret_watch = NULL;
    if (!watch)
        return -ENOMEM;
    watch->table = table;
    watch->loop = loop;
    timer_init(&watch->timer, on_timer);
    for (size_t i = 0; i < count; i++) {
        const struct upstream_config *config = groups[i]->config;
        for (size_t k = 0; k < config->server_count; k++) {
            if (config->servers[k].host && watch->count < UPSTREAM_SERVERS_TOTAL)
                watch->names[watch->count++] = (struct watched_name){groups[i], &config->servers[k],
                                                                     0};
        }
    }
    if (watch->count == 0) {
        free(watch);
        return 0;
    }
    look(watch);
    *ret_watch = watch;
    return 0;
}

void namewatch_destroy(struct name_watch *watch)
{
    if (!watch)
        return;
    loop_cancel_timer(watch->loop, &watch->timer);
    free(watch);
}
