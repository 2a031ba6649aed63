/* SPDX-License-Identifier: MIT */
/* conditional.h - decides 304 and 412 from validators (RFC 9110 section 13). */
#ifndef TINYWEB_HTTP_CONDITIONAL_H
#define TINYWEB_HTTP_CONDITIONAL_H

#include "http/header_table.h"
#include "http/method.h"

#include <time.h>

/* What is known of the selected representation. */
struct validators {
    struct slice etag; /* quoted, with W/ where weak; borrowed; empty: none */
    time_t mtime;      /* Last-Modified in seconds; -1: none */
};

/* True when any field that conditional_check reads is there; one test of a bit mask. */
static inline bool conditional_is_present(const struct header_table *headers)
{
    return (headers->present & (BIT(HEADER_IF_MATCH) | BIT(HEADER_IF_NONE_MATCH) |
                                BIT(HEADER_IF_MODIFIED_SINCE) | BIT(HEADER_IF_UNMODIFIED_SINCE))) !=
           0;
}

/*
 * Evaluate the preconditions for an existing representation, in the order of section 13.2.2.
 * Returns 0 to send the content, or the status to answer instead (304, 412). *@ret_reason is a
 * word for the access log ("etag", "not-modified-since", "if-match" …) when it is not 0. Dates
 * that do not parse are ignored; years of two digits are near @now. A malformed entity-tag list
 * matches nothing.
 */
unsigned conditional_check(const struct header_table *headers, enum http_method method,
                           const struct validators *validators, time_t now,
                           const char **ret_reason);

/* The weak comparison of two entity-tags (section 8.8.3.2). What is none matches nothing. */
bool conditional_tags_match(struct slice one, struct slice other);

/* False when an If-Range field says that the range must be ignored (section 13.1.5): a strong
 * comparison of entity-tags, or an exact date that is a strong validator at @now. */
bool conditional_range_applies(const struct header_table *headers,
                               const struct validators *validators, time_t now);

#endif
