/* SPDX-License-Identifier: MIT */
/*
 * cache_rules.h - which replies a shared cache may keep, and when it may use them (RFC 9111
 * sections 3 and 4, RFC 5861). Pure.
 */
#ifndef TINYWEB_HTTP_CACHE_RULES_H
#define TINYWEB_HTTP_CACHE_RULES_H

#include "http/freshness.h"
#include "http/method.h"

/* What an administrator may choose. */
struct cache_rules {
    bool keeps_cookies;  /* replies with Set-Cookie */
    bool uses_heuristic; /* guesses a lifetime from Last-Modified */
    bool obeys_clients;  /* their max-age, min-fresh and no-cache */
    uint32_t errors_s;   /* for 404 and 410 that say nothing themselves; 0: not kept */
};

enum store_verdict {
    STORE_YES,
    STORE_NOT_GET,
    STORE_NOT_WHOLE, /* 206, 304 */
    STORE_FORBIDDEN, /* no-store, of either side */
    STORE_PRIVATE,
    STORE_AUTHORIZED, /* who asked has shown who he is, and nothing says it is for all */
    STORE_COOKIE,
    STORE_VARIES_ON_ALL, /* Vary: * */
    STORE_USELESS,       /* it says nothing of its lifetime, or is stale and cannot be validated */
};

/* One word for Cache-Status and logs. */
const char *store_verdict_name(enum store_verdict verdict);

struct store_question {
    enum http_method method;
    const struct header_table *request;
    unsigned status; /* of a final reply */
    const struct caching_fields *fields;
    const struct exchange_times *times;
};

/* *@ret_freshness is set for STORE_YES. */
enum store_verdict cache_rules_store(const struct cache_rules *rules,
                                     const struct store_question *question,
                                     struct freshness *ret_freshness);

/* The directives of a request. */
void cache_request_read(const struct header_table *headers, struct cache_control *ret_control);

enum reuse {
    REUSE_FRESH,
    REUSE_WHILE, /* stale, but may be sent while it is renewed */
    REUSE_NOT,   /* ask the server first */
};

/* Whether what is stored with @freshness answers a request with the directives @request now. */
enum reuse cache_rules_reuse(const struct cache_rules *rules, const struct freshness *freshness,
                             const struct cache_control *request, time_t now);

/* True for a method that may change things, and a status that says it did: what is stored of the
 * target is no longer true (section 4.4). */
bool cache_rules_invalidate(enum http_method method, unsigned status);

#endif
