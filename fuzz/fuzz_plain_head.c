/* SPDX-License-Identifier: MIT */
/*
 * fuzz_plain_head.c - the shortcut beside llhttp: what plain_head.h takes, the parser takes, and says
 * the same of it, field by field.
 */

#include "http/http_parser.h"

#include <stdlib.h>

static const struct http_parser_limits limits = {
    .max_header_size = 2048, .max_uri_size = 256, .max_header_count = 24};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
    if (!is_true)
        abort();
}

/* The same bytes, in the same place. */
static void check_slices(struct slice a, struct slice b)
{
    check(a.len == b.len && a.data == b.data);
}

static void check_tables(const struct header_table *a, const struct header_table *b)
{
    check(a->count == b->count && a->present == b->present);
    for (unsigned id = 0; id < HEADER_ID_COUNT; id++)
        check(!header_table_has(a, (enum header_id)id) || a->first[id] == b->first[id]);
    for (unsigned i = 0; i < a->count; i++) {
        check_slices(a->rows[i].name, b->rows[i].name);
        check_slices(a->rows[i].value, b->rows[i].value);
        check(a->rows[i].id == b->rows[i].id);
    }
}

static void check_requests(const struct request *a, const struct request *b)
{
    check_slices(a->line, b->line);
    check_slices(a->target, b->target);
    check_slices(a->host, b->host);
    check(slice_equal(a->path, b->path) && slice_equal(a->name, b->name));
    check(slice_equal(a->query, b->query) && a->stripped == b->stripped);
    check(a->method == b->method && a->framing == b->framing);
    check(a->path_is_plain == b->path_is_plain && a->is_masked == b->is_masked);
    check(a->is_http10 == b->is_http10 && a->keep_alive == b->keep_alive);
    check(a->expects_continue == b->expects_continue && a->content_length == b->content_length);
    check_tables(&a->headers, &b->headers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_parser_limits slow_limits = limits;
    struct http_parser *quick, *slow;
    struct slice text = slice_of((const char *)data, size);
    struct request quick_req, slow_req;
    size_t quick_len = 0, slow_len = 0;
    unsigned result;

    slow_limits.no_shortcut = true;
    quick = http_parser_create(&limits);
    slow = http_parser_create(&slow_limits);
    check(quick && slow);
    result = http_parser_head(slow, text, &slow_req, &slow_len);
    check(http_parser_head(quick, text, &quick_req, &quick_len) == result);
    if (result == HTTP_HEAD_COMPLETE) {
        check(quick_len == slow_len);
        check_requests(&quick_req, &slow_req);
    }
    http_parser_destroy(quick);
    http_parser_destroy(slow);
    return 0;
}
