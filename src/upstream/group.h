/* SPDX-License-Identifier: MIT */
/*
 * group.h - the servers of one [upstream], and which of them is asked next.
 *
 * Of one worker. Whether a server works and how busy it is lies in memory that all workers share
 * (server_table.h). A server that was picked has a place taken there until server_release().
 */
#ifndef TINYWEB_UPSTREAM_GROUP_H
#define TINYWEB_UPSTREAM_GROUP_H

#include "base/endpoint.h"
#include "base/list.h"
#include "config/config.h"
#include "event/event_loop.h"
#include "http/request.h"
#include "upstream/hash_ring.h"
#include "upstream/idle_pool.h"
#include "upstream/retry.h"
#include "upstream/server_health.h"
#include "upstream/server_table.h"

struct checker;
struct http_clients;
struct upstream_group;

#define SERVER_NAME_SIZE 64

/* An address; of a server that is a name, one of several. Others read, and do not write. */
struct upstream_server {
    struct upstream_group *group;
    const struct upstream_server_config *config;
    unsigned index;           /* a bit in the mask of those that were tried */
    struct endpoint endpoint; /* AF_UNSPEC: the name has no such address, and nobody picks it */
    unsigned generation; /* of `endpoint`: what is connected to a former one is not used again */
    char name[SERVER_NAME_SIZE]; /* in logs: the label, or the address */
    uint64_t sticky_id;          /* of its address now */
    struct idle_pool idle;       /* connections that are kept */
    /* Private. */
    unsigned entry;      /* in the table, where it has an endpoint */
    unsigned name_entry; /* of its name, if it has one: what an admin says of all its addresses */
    unsigned under_way; /* requests of this worker: as long as there are some, the endpoint stays */
    bool is_leaving;    /* its name has other addresses now: it is not picked any more */
    int64_t turn;
};

struct upstream_group {
    const struct upstream_config *config;
    struct http_clients *clients; /* whoever made the group may keep these here */
    struct checker *checker;      /* NULL: none */
    struct upstream_server *servers;
    unsigned count;
    /* Private. */
    struct event_loop *loop;
    struct server_table *table;
    struct server_table *own_table; /* of nobody else */
    unsigned slot;
    bool is_full; /* the last pick found nothing but max_conns in its way */
    struct hash_ring ring;
    struct retry_budget budget;
    uint64_t random;
    struct list_node waiting; /* in the order of their coming */
    unsigned waiting_count;
    struct timer queue_timer;
    struct timer seen_timer; /* so that nobody takes our entries for unused */
};

struct group_settings {
    const struct upstream_config *config; /* borrowed, as all of these */
    struct event_loop *loop;
    struct server_table *table; /* NULL: one of its own */
    unsigned slot;              /* of this worker, entered in the table */
};

/* 0 or -ENOMEM; -ENOSPC when the table is full. */
MUST_CHECK int group_create(const struct group_settings *settings,
                            struct upstream_group **ret_group);
void group_destroy(struct upstream_group *group); /* NULL is fine */

/* What decides among servers that are equal otherwise; 0: nothing does. Of HASH_KEY_CLIENT alone @client
 * counts; it may be NULL. */
uint64_t group_key(const struct upstream_group *group, const struct request *req,
                   const struct address *client);

/*
 * A server that is not among @tried, with a place taken; NULL: there is none. With @tried it is a
 * repetition, for which the group's budget has to have room. A server that is out is never picked while
 * another one is in, but for the request that tries it when its time has come.
 */
struct upstream_server *group_pick(struct upstream_group *group, uint64_t key, uint64_t tried);

/* For a request that was not tried yet: the server with that sticky_id, unless it is out or full; else, and
 * with 0, as group_pick(). A server that wants no new work keeps those who have it already. */
struct upstream_server *group_pick_sticky(struct upstream_group *group, uint64_t sticky_id,
                                          uint64_t key);

/* The one that the next request with that key would get; nothing is taken. For those who explain. */
const struct upstream_server *group_preview(struct upstream_group *group, uint64_t key);

/* After group_pick() gave NULL: there are servers that work, but all have max_conns. */
bool group_is_full(const struct upstream_group *group);

/* What came of a request, as far as it tells something of the server. */
enum fetch_outcome {
    OUTCOME_OK,
    OUTCOME_CONNECT, /* it could not be connected */
    OUTCOME_RESET,
    OUTCOME_TIMEOUT,
    OUTCOME_BAD_REPLY,
    OUTCOME_ERROR, /* a status of 5xx: a failure only where retry_on has one of them */
    OUTCOME_OURS,  /* the client left, or a limit of ours: nothing of the server */
};
/* A word for counters. */
const char *fetch_outcome_name(enum fetch_outcome outcome);

/* @latency_us is the time since the pick. */
void server_release(struct upstream_server *server, enum fetch_outcome outcome,
                    uint32_t latency_us);

/* Whoever waits for a place, embedded. */
struct group_waiter {
    /* From the loop, once: with a server, picked as by group_pick; NULL: queue_timeout is over. */
    void (*served)(struct group_waiter *waiter, struct upstream_server *server);
    uint64_t sticky_id, key, tried;
    struct list_node node; /* private */
    int64_t deadline_ms;   /* private */
};
/* 0 or -EAGAIN: `queue` of them wait already. */
MUST_CHECK int group_wait(struct upstream_group *group, struct group_waiter *waiter);
void group_leave(struct upstream_group *group, struct group_waiter *waiter);

/* The name of servers[i].config has these addresses from now on, of which some may be known already. */
void group_set_addresses(struct upstream_group *group, const struct upstream_server_config *config,
                         const struct address *addresses, size_t count);

/* A result of a check; @status is what it said, 0: no answer. */
void server_checked(struct upstream_server *server, enum check_result result, unsigned status,
                    uint32_t latency_us);

static inline struct server_entry *server_entry_of(const struct upstream_server *server)
{
    return &server->group->table->entries[server->entry];
}

/* Its health in the shared word, with what an admin says of it or its name: to read. */
static inline uint64_t server_health_word(const struct upstream_server *server)
{
    const struct server_entry *entries = server->group->table->entries;
    uint64_t word = atomic_load_explicit(&entries[server->entry].health, memory_order_relaxed);
    if (!server->config->host)
        return word;
    return health_with_order(
        word, atomic_load_explicit(&entries[server->name_entry].health, memory_order_relaxed));
}

/* What it is called in a Host field: as the configuration has it; a Unix socket has no name. */
static inline struct slice server_host(const struct upstream_server *server)
{
    return server->endpoint.any.sa_family == AF_UNIX ? SLICE_LITERAL("localhost")
                                                     : slice_from_string(server->config->text);
}

/* It has an address, so that it can be picked. */
static inline bool server_is_there(const struct upstream_server *server)
{
    return server->endpoint.any.sa_family != AF_UNSPEC && !server->is_leaving;
}

#endif
