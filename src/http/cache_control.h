/* SPDX-License-Identifier: MIT */
/* cache_control.h - the directives of Cache-Control (RFC 9111 section 5.2, RFC 5861, RFC 8246). */
#ifndef TINYWEB_HTTP_CACHE_CONTROL_H
#define TINYWEB_HTTP_CACHE_CONTROL_H

#include "base/macros.h"
#include "base/slice.h"

#include <stdint.h>

/* Seconds; what is larger means this much (RFC 9111 section 1.2.2). */
#define DELTA_SECONDS_MAX 2147483648U

enum cache_directive {
    /* those with a number of seconds */
    CC_MAX_AGE,
    CC_S_MAXAGE,
    CC_STALE_WHILE_REVALIDATE,
    CC_STALE_IF_ERROR,
    CC_MAX_STALE, /* without a number: any */
    CC_MIN_FRESH,
    /* those without */
    CC_NO_STORE,
    CC_NO_CACHE,
    CC_PRIVATE,
    CC_PUBLIC,
    CC_MUST_REVALIDATE,
    CC_PROXY_REVALIDATE,
    CC_MUST_UNDERSTAND,
    CC_ONLY_IF_CACHED,
    CC_NO_TRANSFORM,
};
#define CC_SECONDS_COUNT (CC_MIN_FRESH + 1)
#define CC_COUNT (CC_NO_TRANSFORM + 1)

struct cache_control {
    uint32_t present; /* bit per cache_directive */
    uint32_t broken;  /* the same of those whose number is none, or which came twice and differ */
    uint32_t seconds[CC_SECONDS_COUNT]; /* where the bit of `present` is set; 0 where `broken` is */
};

static inline bool cache_control_has(const struct cache_control *control,
                                     enum cache_directive directive)
{
    return (control->present & BIT(directive)) != 0;
}

/*
 * Add the directives of one field line to @control, which is zero at the start. Names are compared
 * without case; numbers may stand in quotes; no-cache="…" and private="…", which mean single
 * fields, count as if they meant the whole (sections 5.2.2.4 and 5.2.2.7 allow it). What is not
 * known is passed over, what a quote holds is never taken for a directive.
 */
void cache_control_add(struct cache_control *control, struct slice value);

/* 1*DIGIT, DELTA_SECONDS_MAX at most; 0 or -EINVAL. */
MUST_CHECK int delta_seconds_parse(struct slice text, uint32_t *ret_seconds);

#endif
