/* SPDX-License-Identifier: MIT */
/* fetch_private.h - what the fetch*.c files share. */
#ifndef TINYWEB_UPSTREAM_FETCH_PRIVATE_H
#define TINYWEB_UPSTREAM_FETCH_PRIVATE_H

#include "net/proxy_header.h"
#include "upstream/fetch.h"
#include "upstream/fetcher.h"
#include "upstream/group.h"
#include "upstream/http_client.h"

struct fetcher {
    struct fetcher_settings settings;
    struct list_node fetches; /* all that are under way */
    struct fetch *spare;
    unsigned spare_count;
    bool is_closing;
    struct timer tunnel_timer; /* once drained */
    int64_t drained_ms;
    char head_space[];
};

/* Content of the request that is at hand still, for another attempt. */
struct replay {
    char *bytes; /* NULL: none */
    uint32_t len, capacity;
    uint32_t sent;   /* to the server of this attempt */
    bool is_partial; /* some that was sent is not here */
};

struct fetch {
    struct client_user client; /* of the attempt's connection */
    struct client_user kept_client;
    struct list_node node; /* among those under way */
    struct fetch *next_spare;
    struct task soon;           /* a failure that is told after fetch_start() */
    struct group_waiter waiter; /* for a server, as long as is_waiting */
    struct fetcher *fetcher;
    struct fetch_user *user;
    struct fetch_request request;
    uint64_t key;
    uint64_t sticky_id; /* what the client has; 0: nothing */
    uint64_t tried;
    uint8_t prologue_len; /* 0: connections have none, and may be kept */
    char prologue[PROXY_HEADER_WRITTEN_MAX];
    /* The attempt. */
    struct upstream_server *server; /* picked, and not released */
    struct http_client *connection;
    bool is_reused;
    bool is_connected; /* the head has been given to it */
    /* An answer that is given if no other one comes: its connection is paused at its head. */
    struct upstream_server *kept_server;
    struct http_client *kept;
    /* The whole. */
    unsigned attempts;
    bool in_call; /* to the user: what ends now is given back afterwards */
    bool is_over;
    bool is_waiting;
    bool had_head; /* the user has one */
    bool is_tunnel;
    bool refuses_content; /* the server has said no before the request was complete */
    bool request_is_complete;
    bool user_wants_room;
    bool content_was_wanted; /* of a request that expects_continue */
    bool was_stale;          /* a kept connection was: not a failure of the server */
    bool takes_any;          /* the kept answer is given: there is no better one */
    struct replay replay;
    enum fetch_ender ended_by;
    enum fetch_outcome outcome;
    const struct failure_kind *failure; /* that is told soon */
    int64_t started_us, attempt_us;
    uint32_t connect_us, first_byte_us;
    uint64_t sent_bytes, content_bytes;
    struct upstream_server *last_server;
};

static inline int64_t now_us_of(const struct fetch *fetch)
{
    return loop_now_us(fetch->fetcher->settings.loop);
}

/* fetch_attempt.c */
/* Ask a server, one that was not asked yet where there is one. What goes wrong is told soon. */
void fetch_begin(struct fetch *fetch);
/* The server has been asked, or will not be: it is told what came of it. */
void fetch_release(struct fetch *fetch, enum fetch_outcome outcome);
/* The kept answer is not wanted any more. */
void fetch_drop_kept(struct fetch *fetch);

/* fetch_replay.c */
/* Add as much as may be kept: returns how much. With -ENOMEM, or beyond the limit, less. */
size_t replay_add(struct fetch *fetch, struct slice bytes);
/* What is not sent yet goes to the connection; true: all is. */
bool replay_send(struct fetch *fetch);
void replay_free(struct fetch *fetch);

/* It is not waiting any more, if it was. */
void fetch_leave_queue(struct fetch *fetch);
/* Of `soon`. */
void fetch_fail_now(struct task *task);
/* The worker leaves. */
void fetch_shut_down(struct fetch *fetch);

/* fetch.c */
/* A call to the user has returned; @fetch may be gone behind this. */
void fetch_leave_call(struct fetch *fetch);
/* No reply, or no whole one; NULL: it is complete. The last that is done with @fetch. */
void fetch_end(struct fetch *fetch, const struct fetch_failure *failure);

/* fetch_failure.c */
struct failure_kind {
    const char *reason;
    unsigned status;
    enum fetch_outcome outcome;
    enum fetch_ender ended_by;
    enum retry_reason retry; /* 0: never by itself */
};
const struct failure_kind *failure_kind_of(enum client_end end);

#endif
