/* SPDX-License-Identifier: MIT */
/*
 * group_pick.c - who may be asked, in the order in which servers are fallen back on:
 *
 *   1 a server that is out and whose time has come: one request tries it
 *   2 those that are well           3 backups that are well
 *   4 nobody is well: those that want no new work, then those that are out, whether their time has come
 *     or not; backups of both kinds behind the others
 *
 * Whom an admin has taken out is never asked.
 */
#include "upstream/group_private.h"

#include "upstream/balancer.h"

struct pick {
    struct upstream_group *group;
    uint64_t key, tried;
    int64_t now_ms;
    bool is_preview;
    bool saw_well; /* also among those that were tried, or are full */
    bool saw_full;
    unsigned count;
    struct candidate *candidates; /* UPSTREAM_SERVERS_MAX of them */
};

/* A server's verdict, by the quick way where nothing is wrong. */
static enum health_verdict verdict_of(const struct pick *pick, const struct upstream_server *server,
                                      uint32_t *ret_share)
{
    const struct upstream_config *config = pick->group->config;
    uint64_t word = server_health_word(server);
    *ret_share = HEALTH_SHARE_WHOLE;
    if (health_is_plain(word) && config->slow_start_ms == 0)
        return HEALTH_USABLE;
    struct server_health health = health_of_word(word, config);
    *ret_share = health_share(&health, pick->now_ms, config->slow_start_ms);
    return health_verdict(&health, pick->now_ms);
}

static bool was_tried(const struct pick *pick, const struct upstream_server *server)
{
    return (pick->tried >> server->index & 1) != 0;
}

static bool begin_trial(struct server_health *health, const struct health_event *event)
{
    if (health_verdict(health, event->now_ms) != HEALTH_TRIAL)
        return false; /* somebody else was faster */
    health_begin_trial(health, event->now_ms, event->config);
    return true;
}

/* False: it has as many as it may have. The place is taken before the others are counted: so two that
 * are at it at once may both go without, but never both too many. */
static bool take_place(struct pick *pick, struct upstream_server *server)
{
    unsigned max_conns = server->config->max_conns;
    uint64_t allowed = max_conns > 0 ? max_conns : UINT64_MAX;
    if (pick->is_preview)
        return max_conns == 0 || servertable_in_flight(pick->group->table, server->entry) < allowed;
    server_take_place(server);
    if (max_conns == 0 || servertable_in_flight(pick->group->table, server->entry) <= allowed)
        return true;
    server_give_place(server);
    pick->saw_full = true;
    return false;
}

/* One request for a server whose time has come; NULL: there is none, or others are at it. */
static struct upstream_server *pick_trial(struct pick *pick, struct upstream_server *server)
{
    struct server_health health;
    const struct health_event event = {
        .apply = begin_trial, .config = pick->group->config, .now_ms = pick->now_ms};
    if (pick->is_preview || !take_place(pick, server))
        return NULL;
    if (health_change(&server_entry_of(server)->health, &event, &health))
        return server;
    server_give_place(server);
    return NULL;
}

/* Candidates among primaries or backups: those that are well. A repetition tries nobody out. */
static struct upstream_server *collect_well(struct pick *pick, bool is_backup)
{
    struct upstream_group *group = pick->group;
    pick->count = 0;
    for (unsigned i = 0; i < group->count; i++) {
        struct upstream_server *server = &group->servers[i];
        struct upstream_server *tried_out;
        uint32_t share;
        if (server->config->is_backup != is_backup || !server_is_there(server))
            continue;
        enum health_verdict verdict = verdict_of(pick, server, &share);
        if (verdict == HEALTH_TRIAL && pick->tried == 0 && (tried_out = pick_trial(pick, server)))
            return tried_out;
        if (verdict != HEALTH_USABLE)
            continue;
        pick->saw_well = true;
        if (was_tried(pick, server))
            continue;
        pick->candidates[pick->count++] = (struct candidate){
            .number = (uint8_t)i,
            .weight = MAX(server->config->weight * share, 1U),
            .entry = server->entry,
            .turn = &server->turn,
        };
    }
    return NULL;
}

/* The same of those that are fallen back on. */
static void collect_fallback(struct pick *pick, bool is_backup, bool is_drained)
{
    struct upstream_group *group = pick->group;
    pick->count = 0;
    for (unsigned i = 0; i < group->count; i++) {
        struct upstream_server *server = &group->servers[i];
        uint32_t share;
        if (server->config->is_backup != is_backup || !server_is_there(server) ||
            was_tried(pick, server))
            continue;
        enum health_verdict verdict = verdict_of(pick, server, &share);
        bool is_wanted = is_drained ? verdict == HEALTH_DRAINED
                                    : verdict == HEALTH_EJECTED || verdict == HEALTH_TRIAL;
        if (is_wanted)
            pick->candidates[pick->count++] = (struct candidate){
                .number = (uint8_t)i,
                .weight = server->config->weight * HEALTH_SHARE_WHOLE,
                .entry = server->entry,
                .turn = &server->turn,
            };
    }
}

/* One of the candidates with a place taken; those that are full are left out one by one. */
static struct upstream_server *choose(struct pick *pick)
{
    struct upstream_group *group = pick->group;
    while (pick->count > 0) {
        const struct balance_input input = {
            .candidates = pick->candidates,
            .count = pick->count,
            .table = group->table,
            .ring = &group->ring,
            .key = pick->key,
            .hash_bound = group->config->hash_bound,
            .random = &group->random,
        };
        unsigned index = balancer_choose(group->config->balance, &input);
        struct upstream_server *server = &group->servers[pick->candidates[index].number];
        if (take_place(pick, server))
            return server;
        pick->candidates[index] = pick->candidates[--pick->count];
    }
    return NULL;
}

/* NULL: whoever the client had is not there, or must not, or cannot be asked. */
static struct upstream_server *pick_sticky(struct pick *pick, uint64_t sticky_id)
{
    struct upstream_group *group = pick->group;
    for (unsigned i = 0; i < group->count; i++) {
        struct upstream_server *server = &group->servers[i];
        uint32_t share;
        if (server->sticky_id != sticky_id || !server_is_there(server) || was_tried(pick, server))
            continue;
        enum health_verdict verdict = verdict_of(pick, server, &share);
        if ((verdict == HEALTH_USABLE || verdict == HEALTH_DRAINED) && take_place(pick, server))
            return server;
    }
    return NULL;
}

static struct upstream_server *pick_any(struct pick *pick)
{
    struct upstream_server *server = NULL;
    for (unsigned is_backup = 0; is_backup <= 1 && !server; is_backup++) {
        server = collect_well(pick, is_backup != 0);
        if (!server)
            server = choose(pick);
    }
    /* Groups with nobody in have nothing to lose. */
    for (unsigned step = 0; step < 4 && !server && !pick->saw_well; step++) {
        collect_fallback(pick, (step & 1) != 0, step < 2);
        server = choose(pick);
    }
    return server;
}

struct upstream_server *group_pick_now(struct upstream_group *group, uint64_t sticky_id,
                                       uint64_t key, uint64_t tried)
{
    struct candidate candidates[UPSTREAM_SERVERS_MAX];
    struct pick pick = {.group = group,
                        .key = key,
                        .tried = tried,
                        .now_ms = loop_now_ms(group->loop),
                        .candidates = candidates};
    struct upstream_server *server = sticky_id != 0 ? pick_sticky(&pick, sticky_id) : NULL;
    if (!server)
        server = pick_any(&pick);
    group->is_full = !server && pick.saw_full;
    if (server)
        counter_add(&server_load_of(server)->requests, 1);
    return server;
}

struct upstream_server *group_pick(struct upstream_group *group, uint64_t key, uint64_t tried)
{
    if (tried == 0)
        return group_pick_sticky(group, 0, key);
    group->is_full = group->waiting_count > 0; /* they were here before */
    if (group->is_full || !retry_budget_spend(&group->budget, loop_now_ms(group->loop)))
        return NULL;
    return group_pick_now(group, 0, key, tried);
}

struct upstream_server *group_pick_sticky(struct upstream_group *group, uint64_t sticky_id,
                                          uint64_t key)
{
    group->is_full = group->waiting_count > 0;
    retry_budget_earn(&group->budget, group->config);
    return group->is_full ? NULL : group_pick_now(group, sticky_id, key, 0);
}

const struct upstream_server *group_preview(struct upstream_group *group, uint64_t key)
{
    struct candidate candidates[UPSTREAM_SERVERS_MAX];
    struct pick pick = {.group = group,
                        .key = key,
                        .now_ms = loop_now_ms(group->loop),
                        .is_preview = true,
                        .candidates = candidates};
    return pick_any(&pick);
}

bool group_is_full(const struct upstream_group *group)
{
    return group->is_full;
}
