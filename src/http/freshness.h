/* SPDX-License-Identifier: MIT */
/*
 * freshness.h - how long a stored reply may be used, and how old it is (RFC 9111 section 4.2, RFC
 * 5861). Pure: the time is always given, in seconds since the epoch.
 */
#ifndef TINYWEB_HTTP_FRESHNESS_H
#define TINYWEB_HTTP_FRESHNESS_H

#include "http/cache_control.h"
#include "http/header_table.h"

#include <time.h>

/* What the fields of a reply say of its keeping; slices are borrowed from them. */
struct caching_fields {
    struct cache_control control;
    time_t date;          /* -1: none that can be read */
    time_t expires;       /* -1: as `date`; see has_expires */
    time_t last_modified; /* -1: as `date` */
    uint32_t age;         /* Age, or 0 */
    bool has_expires;     /* with a time that cannot be read: it has expired */
    bool has_set_cookie;
    bool varies;        /* there is a Vary … */
    bool varies_on_all; /* … and it has a "*" */
    struct slice etag;
};

/* Read the fields of a reply that came at @now. */
void caching_fields_read(const struct header_table *headers, time_t now,
                         struct caching_fields *ret_fields);

struct freshness {
    time_t stored_at;
    uint32_t age;      /* at that time */
    uint32_t lifetime; /* seconds; 0: stale from its birth */
    uint32_t swr;      /* for so long after it is stale it may be used while it is renewed … */
    uint32_t sie;      /* … and when the server fails */
};

/* When the request left and when its reply came. */
struct exchange_times {
    time_t requested_at, received_at;
};

/* Lifetime and age of a reply with @status. @uses_heuristic: 10 % of the time since it was last
 * changed where nothing is said, a day at most (section 4.2.2). */
struct freshness freshness_of(const struct caching_fields *fields, unsigned status,
                              const struct exchange_times *times, bool uses_heuristic);

/* How old it is now: what its Age says. A clock that was put back makes nothing younger. */
uint32_t freshness_age(const struct freshness *freshness, time_t now);

/* Seconds until it is stale; negative: since then. */
int64_t freshness_ttl(const struct freshness *freshness, time_t now);

static inline bool freshness_may_serve_while(const struct freshness *freshness, time_t now)
{
    return freshness_ttl(freshness, now) + freshness->swr > 0;
}

static inline bool freshness_may_serve_on_error(const struct freshness *freshness, time_t now)
{
    return freshness_ttl(freshness, now) + freshness->sie > 0;
}

/* True when a reply says itself how long it may be kept (section 3, the last point). */
bool freshness_is_explicit(const struct caching_fields *fields);

#endif
