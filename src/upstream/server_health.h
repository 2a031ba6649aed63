/* SPDX-License-Identifier: MIT */
/*
 * server_health.h - whether a server is asked: what requests and checks say of it.
 *
 *   requests:  UP ─ max_fails ─► EJECTED until a time ─► one request tries it ─► UP, or EJECTED for longer
 *   checks:    UP ─ check_fall ─► DOWN ─ check_rise ─► UP;   UP ◄─► DRAIN, as the server asks for
 *   an admin:  READY ◄─► DRAIN ◄─► MAINT, whatever the others say
 *
 * All of it is one word, so that processes share it without a lock: read, change by the pure functions
 * here, and compare and exchange. Times are milliseconds of the monotonic clock.
 */
#ifndef TINYWEB_UPSTREAM_SERVER_HEALTH_H
#define TINYWEB_UPSTREAM_SERVER_HEALTH_H

#include "config/config.h"

enum check_state { CHECK_UP, CHECK_DOWN, CHECK_DRAIN };
/* What an admin wants; the greater one wins where two are about the same server. */
enum server_order {
    SERVER_READY,
    SERVER_DRAIN, /* no new work */
    SERVER_MAINT, /* nothing at all, whoever else is out */
};
enum check_result { CHECK_RESULT_GOOD, CHECK_RESULT_BAD, CHECK_RESULT_DRAIN };

/* Zeroed: a server of which nothing is known, which is asked. */
struct server_health {
    bool is_ejected;
    bool in_trial;      /* ejected, and a request is on its way to see whether it is well again */
    unsigned fails;     /* one after the other */
    unsigned ejections; /* since it was well for some time */
    int64_t until_ms;   /* ejected: when it may be tried, again; else since when it is back, or 0 */
    enum check_state check;
    unsigned check_run; /* results, one after the other, that speak against `check` */
    enum server_order order;
};

uint64_t health_pack(const struct server_health *health);
struct server_health health_unpack(uint64_t word);
/* What it means by @config: without checks, or without max_fails, what those said of it, by an earlier
 * configuration, is nothing to go by any more. */
struct server_health health_of_word(uint64_t word, const struct upstream_config *config);

/* The same word with the order of another one, where that is the greater. */
uint64_t health_with_order(uint64_t word, uint64_t other);

/* Whether it is to be asked without another look: the quick way. */
#define HEALTH_TROUBLE_MASK UINT64_C(0x100ce)
static inline bool health_is_plain(uint64_t word)
{
    return (word & HEALTH_TROUBLE_MASK) == 0;
}

/* The order is that in which servers are fallen back on. */
enum health_verdict {
    HEALTH_USABLE,
    HEALTH_TRIAL,   /* one request may try it: health_begin_trial() */
    HEALTH_DRAINED, /* only when there is no other */
    HEALTH_EJECTED, /* the same, after those */
    HEALTH_DOWN,
    HEALTH_MAINT, /* never */
};
enum health_verdict health_verdict(const struct server_health *health, int64_t now_ms);

/* The longest time that a server is left out. */
#define HEALTH_EJECTION_MAX_MS 60000

/*
 * Changes. Those that return a bool tell whether the server goes out or comes back, which the log says.
 * @began_ms is when the request began: what began before an ejection tells nothing of the time after it.
 */
void health_begin_trial(struct server_health *health, int64_t now_ms,
                        const struct upstream_config *config);
bool health_failed(struct server_health *health, int64_t began_ms, int64_t now_ms,
                   const struct upstream_config *config);
bool health_succeeded(struct server_health *health, int64_t began_ms, int64_t now_ms,
                      const struct upstream_config *config);
bool health_checked(struct server_health *health, enum check_result result, int64_t now_ms,
                    const struct upstream_config *config);

/* What an admin says: true when it is something new. Who comes back from MAINT starts anew, slowly if so
 * configured. */
bool health_order(struct server_health *health, enum server_order order, int64_t now_ms);

/* One of those, and what it needs to know. */
struct health_event {
    bool (*apply)(struct server_health *health, const struct health_event *event);
    const struct upstream_config *config;
    int64_t began_ms, now_ms;
    enum check_result result;
    enum server_order order;
};

/* @event in the shared @word, by compare and exchange until it is ours: as `apply` says of the last try.
 * *@ret_health is what it is afterwards. */
bool health_change(_Atomic uint64_t *word, const struct health_event *event,
                   struct server_health *ret_health);

/* The part of its weight that it has, of HEALTH_SHARE_WHOLE, at least 1. */
#define HEALTH_SHARE_WHOLE 256
unsigned health_share(const struct server_health *health, int64_t now_ms, uint32_t slow_start_ms);

/* In one word, for the status page: "up", "trial", "drained", "ejected", "down" or "maint". */
const char *health_word(const struct server_health *health, int64_t now_ms);

#endif
