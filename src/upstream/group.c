/* SPDX-License-Identifier: MIT */
/* group.c - servers, their addresses, and what came of requests. */
#include "upstream/group_private.h"

#include "base/log.h"
#include "os/shared_memory.h"
#include "upstream/http_client.h"
#include "upstream/name_table.h"
#include "upstream/sticky.h"

#include <errno.h>
#include <stdlib.h>

/* How often a worker says that it uses its entries. */
#define SEEN_EVERY_MS (SERVER_UNUSED_MS / 4)

static uint64_t key_of(const struct upstream_group *group, const struct endpoint *endpoint)
{
    char text[ENDPOINT_TEXT_SIZE];
    size_t len = endpoint_format(endpoint, text);
    return servertable_key(group->config->name, slice_of(text, len));
}

/* Of servers with an address, but no backups: these are chosen otherwise. */
static int build_ring(struct upstream_group *group)
{
    struct ring_member members[UPSTREAM_SERVERS_MAX];
    size_t count = 0;
    if (group->config->balance != BALANCE_HASH)
        return 0;
    for (unsigned i = 0; i < group->count; i++) {
        const struct upstream_server *server = &group->servers[i];
        if (server_is_there(server) && !server->config->is_backup)
            members[count++] = (struct ring_member){
                .key = key_of(group, &server->endpoint),
                .weight = server->config->weight,
                .number = (uint8_t)i,
            };
    }
    return hashring_build(&group->ring, members, count);
}

static void name_server(struct upstream_server *server)
{
    char text[ENDPOINT_TEXT_SIZE];
    const char *label = server->config->label;
    (void)endpoint_format(&server->endpoint, text);
    if (!server->config->host)
        (void)snprintf(server->name, sizeof(server->name), "%.*s", SERVER_NAME_SIZE - 1,
                       label ? label : text);
    else if (server_is_there(server))
        (void)snprintf(server->name, sizeof(server->name), "%.*s", SERVER_NAME_SIZE - 1, text);
    else
        (void)snprintf(server->name, sizeof(server->name), "%.*s", SERVER_NAME_SIZE - 1,
                       server->config->text);
}

static void set_sticky_id(struct upstream_server *server)
{
    char text[ENDPOINT_TEXT_SIZE];
    size_t len = endpoint_format(&server->endpoint, text);
    server->sticky_id = sticky_id(server->group->config, server->config, slice_of(text, len));
}

/* -ENOSPC: the table is full, and the server stays as it was. */
static int set_endpoint(struct upstream_server *server, const struct endpoint *endpoint)
{
    struct upstream_group *group = server->group;
    int entry = servertable_find(group->table, key_of(group, endpoint), loop_now_ms(group->loop));
    if (entry < 0)
        return entry;
    http_clients_close_kept(&server->idle); /* some may have come back from a former one */
    server->endpoint = *endpoint;
    server->entry = (unsigned)entry;
    server->generation++;
    http_clients_close_kept(&server->idle);
    name_server(server);
    set_sticky_id(server);
    return 0;
}

/* Where an admin's word for all addresses of its name is. */
static int set_name_entry(struct upstream_server *server)
{
    const struct upstream_group *group = server->group;
    uint64_t key = servertable_key(group->config->name, slice_from_string(server->config->text));
    int entry = servertable_find(group->table, key, loop_now_ms(group->loop));
    if (entry < 0)
        return entry;
    server->name_entry = (unsigned)entry;
    return 0;
}

/* How many addresses each name may have: those that are left over by servers with one. */
static unsigned addresses_of_name(const struct upstream_config *config)
{
    unsigned names = 0, fixed = 0;
    for (size_t i = 0; i < config->server_count; i++) {
        names += config->servers[i].host != NULL;
        fixed += config->servers[i].host == NULL;
    }
    return names == 0 ? 0
                      : MAX(MIN((UPSTREAM_SERVERS_MAX - fixed) / names, NAME_ADDRESSES_MAX), 1U);
}

static int add_servers(struct upstream_group *group)
{
    const struct upstream_config *config = group->config;
    unsigned of_name = addresses_of_name(config);
    group->servers = calloc(UPSTREAM_SERVERS_MAX, sizeof(*group->servers));
    if (!group->servers)
        return -ENOMEM;
    for (size_t i = 0; i < config->server_count; i++) {
        unsigned places = config->servers[i].host ? of_name : 1;
        for (unsigned k = 0; k < places; k++) {
            struct upstream_server *server = &group->servers[group->count];
            server->group = group;
            server->config = &config->servers[i];
            server->index = group->count++;
            idle_pool_init(&server->idle);
            name_server(server);
            int err = server->config->host ? set_name_entry(server)
                                           : set_endpoint(server, &server->config->endpoint);
            if (err)
                return err;
        }
    }
    return 0;
}

static void on_seen_timer(struct timer *timer)
{
    struct upstream_group *group = container_of(timer, struct upstream_group, seen_timer);
    int64_t now_ms = loop_now_ms(group->loop);
    for (unsigned i = 0; i < group->count; i++) {
        const struct upstream_server *server = &group->servers[i];
        if (server_is_there(server))
            atomic_store(&server_entry_of(server)->seen_ms, now_ms);
        if (server->config->host)
            atomic_store(&group->table->entries[server->name_entry].seen_ms, now_ms);
    }
    (void)loop_set_timer(group->loop, timer, now_ms + SEEN_EVERY_MS);
}

/* Workers that take turns must not all begin with the same server. */
static void take_first_turn(struct upstream_group *group)
{
    for (unsigned i = 0; i < group->count; i++)
        group->servers[i].turn = -(int64_t)((i + group->slot) % group->count);
}

/* For programs with one process that has nothing to share. */
static int create_own_table(struct upstream_group *group)
{
    void *block;
    int err = shared_memory_create(sizeof(*group->own_table), &block);
    if (err)
        return err;
    group->table = group->own_table = block;
    servertable_enter(group->table, group->slot);
    return 0;
}

int group_create(const struct group_settings *settings, struct upstream_group **ret_group)
{
    struct upstream_group *group = calloc(1, sizeof(*group));
    if (!group)
        return -ENOMEM;
    group->config = settings->config;
    group->loop = settings->loop;
    group->table = settings->table;
    group->slot = settings->slot;
    group->random = ((uint64_t)loop_clock_us() << 10 | settings->slot) | 1;
    groupqueue_init(group);
    timer_init(&group->seen_timer, on_seen_timer);
    int err = 0;
    if (!group->table)
        err = create_own_table(group);
    if (!err)
        err = add_servers(group);
    if (!err)
        err = build_ring(group);
    if (!err)
        err = loop_set_timer(group->loop, &group->seen_timer,
                             loop_now_ms(group->loop) + SEEN_EVERY_MS);
    if (err) {
        group_destroy(group);
        return err;
    }
    take_first_turn(group);
    *ret_group = group;
    return 0;
}

void group_destroy(struct upstream_group *group)
{
    if (!group)
        return;
    groupqueue_done(group);
    loop_cancel_timer(group->loop, &group->seen_timer);
    hashring_done(&group->ring);
    free(group->servers);
    shared_memory_destroy(group->own_table, sizeof(*group->own_table));
    free(group);
}

static bool apply_failure(struct server_health *health, const struct health_event *event)
{
    return health_failed(health, event->began_ms, event->now_ms, event->config);
}

static bool apply_success(struct server_health *health, const struct health_event *event)
{
    return health_succeeded(health, event->began_ms, event->now_ms, event->config);
}

static bool apply_check(struct server_health *health, const struct health_event *event)
{
    return health_checked(health, event->result, event->now_ms, event->config);
}

static void note_failure(const struct upstream_server *server, int64_t began_ms)
{
    struct server_health health;
    const struct upstream_config *config = server->group->config;
    const struct health_event event = {.apply = apply_failure,
                                       .config = config,
                                       .began_ms = began_ms,
                                       .now_ms = loop_now_ms(server->group->loop)};
    counter_add(&server_load_of(server)->failures, 1);
    if (health_change(&server_entry_of(server)->health, &event, &health))
        log_warn(LOG_HTTP, "upstream %s: %s is left out for %lld ms after %u failures in a row",
                 config->name, server->name, (long long)(health.until_ms - event.now_ms),
                 health.fails);
}

static void note_success(const struct upstream_server *server, int64_t began_ms)
{
    struct server_health health;
    const struct upstream_config *config = server->group->config;
    const struct health_event event = {.apply = apply_success,
                                       .config = config,
                                       .began_ms = began_ms,
                                       .now_ms = loop_now_ms(server->group->loop)};
    /* Nothing changes for one that was well: the word is only read. */
    health = health_unpack(
        atomic_load_explicit(&server_entry_of(server)->health, memory_order_relaxed));
    if (health.fails == 0 && !health.is_ejected)
        return;
    if (health_change(&server_entry_of(server)->health, &event, &health))
        log_notice(LOG_HTTP, "upstream %s: %s is back", config->name, server->name);
}

/* An eighth of each new one; writers that meet lose one of theirs. */
static void note_latency(_Atomic uint32_t *smoothed, uint32_t latency_us)
{
    uint32_t former = atomic_load_explicit(smoothed, memory_order_relaxed);
    int64_t change = former == 0 ? latency_us : ((int64_t)latency_us - former) / 8;
    atomic_store_explicit(smoothed, (uint32_t)(former + change), memory_order_relaxed);
}

/* Its name has no such address any more, and nothing is under way there. */
static void forget_endpoint(struct upstream_server *server)
{
    server->is_leaving = false;
    server->endpoint = (struct endpoint){.any.sa_family = AF_UNSPEC};
    server->generation++;
    http_clients_close_kept(&server->idle);
    name_server(server);
}

void server_release(struct upstream_server *server, enum fetch_outcome outcome, uint32_t latency_us)
{
    struct upstream_group *group = server->group;
    int64_t began_ms = loop_now_ms(group->loop) - latency_us / 1000;

    server_give_place(server);
    switch (outcome) {
    case OUTCOME_OK:
        note_latency(&server_entry_of(server)->latency_us, latency_us);
        note_success(server, began_ms);
        break;
    case OUTCOME_ERROR:
        if (group->config->retry_on & (RETRY_ON_502 | RETRY_ON_503 | RETRY_ON_504))
            note_failure(server, began_ms);
        else
            note_success(server, began_ms);
        break;
    case OUTCOME_CONNECT:
    case OUTCOME_RESET:
    case OUTCOME_TIMEOUT:
    case OUTCOME_BAD_REPLY: note_failure(server, began_ms); break;
    case OUTCOME_OURS: break;
    }
    if (server->is_leaving && server->under_way == 0)
        forget_endpoint(server);
    if (group->waiting_count > 0)
        groupqueue_wake(group);
}

void server_checked(struct upstream_server *server, enum check_result result, unsigned status,
                    uint32_t latency_us)
{
    struct server_entry *entry = server_entry_of(server);
    struct server_health health;
    const struct upstream_config *config = server->group->config;
    const struct health_event event = {.apply = apply_check,
                                       .config = config,
                                       .now_ms = loop_now_ms(server->group->loop),
                                       .result = result};
    atomic_store(&entry->check_status, status);
    atomic_store(&entry->check_latency_us, latency_us);
    if (!health_change(&server_entry_of(server)->health, &event, &health))
        return;
    switch (health.check) {
    case CHECK_UP:
        log_notice(LOG_HTTP, "upstream %s: %s is up, its check says %u", config->name, server->name,
                   status);
        break;
    case CHECK_DOWN:
        if (status > 0)
            log_warn(LOG_HTTP, "upstream %s: %s is down, its check says %u", config->name,
                     server->name, status);
        else
            log_warn(LOG_HTTP, "upstream %s: %s is down, its check has no answer", config->name,
                     server->name);
        break;
    case CHECK_DRAIN:
        log_notice(LOG_HTTP, "upstream %s: %s wants no new work, its check says %u", config->name,
                   server->name, status);
        break;
    }
    if (server->group->waiting_count > 0)
        groupqueue_wake(server->group);
}

static bool has_address(const struct upstream_server *server, const struct address *addresses,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct endpoint endpoint = endpoint_of_address(&addresses[i]);
        if (endpoint_equal(&server->endpoint, &endpoint))
            return true;
    }
    return false;
}

/* The place of an address among those of its name: where it is, else a free one; NULL: neither. */
static struct upstream_server *place_of(struct upstream_group *group,
                                        const struct upstream_server_config *config,
                                        const struct endpoint *endpoint)
{
    struct upstream_server *unused = NULL;
    for (unsigned i = 0; i < group->count; i++) {
        struct upstream_server *server = &group->servers[i];
        if (server->config != config)
            continue;
        if (endpoint_equal(&server->endpoint, endpoint))
            return server;
        if (!unused && server->endpoint.any.sa_family == AF_UNSPEC)
            unused = server;
    }
    return unused;
}

static void leave_endpoint(struct upstream_server *server)
{
    log_info(LOG_HTTP, "upstream %s: %s is no address of %s any more", server->group->config->name,
             server->name, server->config->host);
    http_clients_close_kept(&server->idle);
    server->is_leaving = true;
    if (server->under_way == 0)
        forget_endpoint(server);
}

void group_set_addresses(struct upstream_group *group, const struct upstream_server_config *config,
                         const struct address *addresses, size_t count)
{
    bool has_changed = false;
    for (unsigned i = 0; i < group->count; i++) {
        struct upstream_server *server = &group->servers[i];
        if (server->config == config && server_is_there(server) &&
            !has_address(server, addresses, count)) {
            leave_endpoint(server);
            has_changed = true;
        }
    }
    for (size_t i = 0; i < count; i++) {
        struct endpoint endpoint = endpoint_of_address(&addresses[i]);
        struct upstream_server *server = place_of(group, config, &endpoint);
        if (!server || server_is_there(server))
            continue;
        if (server->is_leaving)
            server->is_leaving = false; /* it has come back meanwhile */
        else if (set_endpoint(server, &endpoint) != 0)
            continue;
        log_info(LOG_HTTP, "upstream %s: %s is an address of %s", group->config->name, server->name,
                 config->host);
        has_changed = true;
    }
    if (has_changed && build_ring(group) != 0)
        log_warn(LOG_HTTP, "upstream %s: no memory for new addresses", group->config->name);
}
