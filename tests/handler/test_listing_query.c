/* SPDX-License-Identifier: MIT */
/* test_listing_query.c - queries and Accept fields, and what they ask for. */
#include "support/unit.h"

#include "base/macros.h"
#include "handler/listing_query.h"

static struct listing_query read_query(const char *query, const char *accept)
{
    struct header rows[4];
    struct header_table headers;

    header_table_init(&headers, rows, COUNT_OF(rows));
    if (accept)
        assert_int_equal(
            header_table_add(&headers, SLICE_LITERAL("Accept"), slice_from_string(accept)), 0);
    return listing_query_read(slice_from_string(query), &headers);
}

static void expect_order(const char *query, enum listing_key key, bool is_descending)
{
    struct listing_query read = read_query(query, NULL);

    if (read.key != key || read.is_descending != is_descending)
        fail_msg("'%s': %d, %d", query, read.key, read.is_descending);
}

static void the_query_chooses_the_order(void **state)
{
    expect_order("", LISTING_BY_NAME, false);
    expect_order("?", LISTING_BY_NAME, false);
    expect_order("?sort=name", LISTING_BY_NAME, false);
    expect_order("?sort=size", LISTING_BY_SIZE, false);
    expect_order("?sort=date&order=desc", LISTING_BY_DATE, true);
    expect_order("?order=asc&sort=date", LISTING_BY_DATE, false);
    expect_order("?order=desc", LISTING_BY_NAME, true);
}

static void what_is_unknown_is_ignored(void **state)
{
    expect_order("?sort=", LISTING_BY_NAME, false);
    expect_order("?sort=colour&order=up", LISTING_BY_NAME, false);
    expect_order("?sort=SIZE", LISTING_BY_NAME, false);
    expect_order("?sort=sizes", LISTING_BY_NAME, false);
    expect_order("?sorted=size", LISTING_BY_NAME, false);
    expect_order("?&&x=1&=&sort=size&", LISTING_BY_SIZE, false);
    expect_order("?sort=none&sort=date&sort=size", LISTING_BY_DATE, false);
}

static void expect_format(const char *query, const char *accept, enum listing_format format)
{
    struct listing_query read = read_query(query, accept);

    if (read.format != format)
        fail_msg("'%s', Accept '%s': %d", query, accept ? accept : "none", read.format);
}

static void accept_chooses_the_format(void **state)
{
    expect_format("", NULL, LISTING_HTML);
    expect_format("", "", LISTING_HTML);
    expect_format("", "*/*", LISTING_HTML);
    expect_format("", "text/*", LISTING_HTML);
    expect_format("", "application/json", LISTING_JSON);
    expect_format("", "APPLICATION/JSON", LISTING_JSON);
    expect_format("", "application/*", LISTING_JSON);
    expect_format("", "text/plain", LISTING_TEXT);
    expect_format("", "image/png", LISTING_HTML);
    expect_format("", "application/json5, text/plainer", LISTING_HTML);
    expect_format("", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                  LISTING_HTML);
}

static void the_higher_weight_wins_and_then_the_more_exact_range(void **state)
{
    expect_format("", "application/json, text/plain, */*", LISTING_JSON);
    expect_format("", "*/*, text/plain", LISTING_TEXT);
    expect_format("", "text/html;q=0.5, application/json", LISTING_JSON);
    expect_format("", "text/html, application/json;q=0.9", LISTING_HTML);
    expect_format("", "text/html;q=0.1, text/plain;q=0.3, application/json;q=0.25", LISTING_TEXT);
    expect_format("", "text/html;q=0, */*;q=0.1", LISTING_JSON);
    expect_format("", "application/json;charset=utf-8;q=0.7, text/html ; Q=0.6", LISTING_JSON);
    expect_format("", "application/json;q=1.000,text/html;q=0.999", LISTING_JSON);
    expect_format("", "application/json;q=0,text/plain;q=0.000,text/html;q=0", LISTING_HTML);
    expect_format("", ";,;q=,application/json;q=", LISTING_JSON);
}

static void the_query_wins_over_accept(void **state)
{
    expect_format("?format=json", "text/html", LISTING_JSON);
    expect_format("?format=text", NULL, LISTING_TEXT);
    expect_format("?format=html", "application/json", LISTING_HTML);
    expect_format("?format=xml", "application/json", LISTING_JSON);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_query_chooses_the_order),
        cmocka_unit_test(what_is_unknown_is_ignored),
        cmocka_unit_test(accept_chooses_the_format),
        cmocka_unit_test(the_higher_weight_wins_and_then_the_more_exact_range),
        cmocka_unit_test(the_query_wins_over_accept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
