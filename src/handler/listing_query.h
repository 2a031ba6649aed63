/* SPDX-License-Identifier: MIT */
/* listing_query.h - which listing a request asks for: its form by Accept, its order by the query. */
#ifndef TINYWEB_HANDLER_LISTING_QUERY_H
#define TINYWEB_HANDLER_LISTING_QUERY_H

#include "http/header_table.h"

enum listing_format { LISTING_HTML, LISTING_JSON, LISTING_TEXT, LISTING_FORMAT_COUNT };

enum listing_key { LISTING_BY_NAME, LISTING_BY_SIZE, LISTING_BY_DATE, LISTING_KEY_COUNT };

struct listing_query {
    enum listing_format format;
    enum listing_key key;
    bool is_descending;
};

/* The words of the query: "name", "size", "date". */
const char *listing_key_name(enum listing_key key);

/*
 * @query with its "?" or empty: sort=name|size|date, order=asc|desc, format=html|json|text; the
 * first of each that is known counts, all else is ignored. Without a format Accept decides (RFC
 * 9110 section 12.5.1): the highest weight, then the range that is more exact, then HTML. A client
 * that accepts none of them gets HTML.
 */
struct listing_query listing_query_read(struct slice query, const struct header_table *headers);

#endif
