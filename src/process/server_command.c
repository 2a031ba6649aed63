/* SPDX-License-Identifier: MIT */
/* server_command.c - finds servers by their names, and says how they are. */

#include "process/server_command.h"

#include "base/log.h"
#include "upstream/server_order.h"

#include <inttypes.h>

static void say_names(const struct server_walk *all, struct control_client *client)
{
    struct server_walk walk = *all;
    struct walked_server server;
    if (walk.config->upstream_count == 0) {
        control_say(client, "there is no [upstream]");
        return;
    }
    control_say(client, "there is no server \"%.*s\", but:", SLICE_PRINTF(client->argument));
    while (serverwalk_next(&walk, &server))
        control_say(client, "  %s/%s", server.upstream->name, server.name);
}

void server_command(const struct config *config, struct shared_state *shared,
                    struct control_client *client, enum server_order order, int64_t now_ms)
{
    const struct server_walk all = {.config = config, .names = &shared->names};
    int count = serverorder_give(&all, &shared->servers, client->argument, order, now_ms);
    if (count == 0)
        say_names(&all, client);
    else if (count < 0)
        control_say(client, "the table of servers is full: try again in a minute");
    else
        log_notice(LOG_PROCESS, "%s from pid %d: upstream server %.*s", serverorder_word(order),
                   client->peer, SLICE_PRINTF(client->argument));
    control_end(client, count > 0);
}

/* What is known of one: nothing yet, before the first worker has looked. */
struct knowledge {
    uint64_t word;
    struct server_sum sum;
};

static struct knowledge look_up(const struct server_table *table, uint64_t key)
{
    int entry = servertable_lookup(table, key);
    if (entry < 0)
        return (struct knowledge){0};
    return (struct knowledge){.word = atomic_load(&table->entries[entry].health),
                              .sum = servertable_sum(table, (unsigned)entry)};
}

void server_command_list(const struct config *config, const struct shared_state *shared,
                         struct control_client *client, int64_t now_ms)
{
    struct server_walk walk = {.config = config, .names = &shared->names};
    struct walked_server server;
    uint64_t word_of_name = 0;
    if (config->upstream_count > 0)
        control_say(client, "%-40s %-8s %9s %10s %9s", "server", "state", "under_way", "requests",
                    "failures");
    while (serverwalk_next(&walk, &server)) {
        struct knowledge known = look_up(&shared->servers, server.key);
        int rest = (int)MAX(39 - (ptrdiff_t)strlen(server.upstream->name), 0); /* of the column */
        if (server.is_name) { /* its addresses follow */
            word_of_name = known.word;
            control_say(client, "%s/%-*s %s", server.upstream->name, rest, server.name,
                        serverorder_word(health_unpack(known.word).order));
            continue;
        }
        if (server.config->host)
            known.word = health_with_order(known.word, word_of_name);
        const struct server_health health = health_of_word(known.word, server.upstream);
        control_say(client, "%s/%-*s %-8s %9" PRIu64 " %10" PRIu64 " %9" PRIu64,
                    server.upstream->name, rest, server.name, health_word(&health, now_ms),
                    known.sum.in_flight, known.sum.requests, known.sum.failures);
    }
}
