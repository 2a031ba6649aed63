/* SPDX-License-Identifier: MIT */
/*
 * listing_page.h - a listing as text: a head, a row for each entry, a tail; and how names, sizes
 * and dates are written for people and for programs.
 */
#ifndef TINYWEB_HANDLER_LISTING_PAGE_H
#define TINYWEB_HANDLER_LISTING_PAGE_H

#include "base/writer.h"
#include "handler/listing_entries.h"
#include "handler/listing_query.h"

/* A row is never longer: a name of 255 bytes is escaped twice, and may grow sixfold. */
#define LISTING_ROW_MAX 4096

/* What a page is made of; all of it is borrowed. */
struct listing_page {
    struct slice path; /* of the directory, decoded: "" or ending in "/" */
    const struct listing_entries *entries;
    struct listing_query query;
    struct slice readme_name; /* empty: there is none */
    struct slice readme;      /* UTF-8 */
    bool readme_is_cut;
};

struct listing_format_ops {
    struct slice type; /* with its charset */
    bool only_utf8;    /* the format has no way to write other names */
    /* Enough room for what write_head and write_tail write. */
    size_t (*head_size)(const struct listing_page *page);
    size_t (*tail_size)(const struct listing_page *page);
    void (*write_head)(struct writer *w, const struct listing_page *page);
    void (*write_row)(struct writer *w, const struct listing_page *page, size_t number);
    void (*write_tail)(struct writer *w, const struct listing_page *page);
};

extern const struct listing_format_ops listing_html;
extern const struct listing_format_ops listing_json;
extern const struct listing_format_ops listing_text;

/* A name to look at: control characters become their pictures (U+2400 …), bytes that are not UTF-8
 * become \xHH. Not escaped for HTML yet, which changes neither. At most four times as long. */
void listing_write_name(struct writer *w, struct slice name);
/* "1994-11-06T08:49:37Z" (RFC 3339), from the year 0 to 9999. */
void listing_write_time(struct writer *w, int64_t seconds);

#endif
