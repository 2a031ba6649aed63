/* SPDX-License-Identifier: MIT */
/* listing_sort.h - brings the entries of a listing into order, a bounded part at a time. */
#ifndef TINYWEB_HANDLER_LISTING_SORT_H
#define TINYWEB_HANDLER_LISTING_SORT_H

#include "handler/listing_entries.h"
#include "handler/listing_query.h"

/* Private. Runs of `width` rows are in order; pairs of them are being merged from `from` to `to`. */
struct listing_sort {
    const struct listing_query *query;
    struct listing_entries *entries;
    struct listing_entry **from, **to;
    size_t width;
    size_t start;       /* of the pair */
    size_t left, right; /* taken from each run */
};

/* < 0, 0, > 0. Directories first in either direction; then by the key; then by name, upwards
 * unless the name is the key. */
int listing_compare(const struct listing_query *query, const struct listing_entry *a,
                    const struct listing_entry *b);

/* Takes memory for as many pointers again. Both are borrowed until it is done. 0 or -ENOMEM. */
MUST_CHECK int listing_sort_init(struct listing_sort *sort, struct listing_entries *entries,
                                 const struct listing_query *query);
/* Move up to @count rows. True when there is more to do; else the rows of the entries are in
 * order. */
bool listing_sort_step(struct listing_sort *sort, size_t count);

#endif
