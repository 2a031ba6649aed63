/* SPDX-License-Identifier: MIT */
/* test_header_table.c - field names, lines of one message, tokens in lists. */
#include "support/unit.h"

#include "http/header_table.h"

#include <ctype.h>
#include <errno.h>

static const struct {
    const char *name;
    enum header_id id;
} known[] = {
    {"Accept", HEADER_ACCEPT},
    {"Accept-Encoding", HEADER_ACCEPT_ENCODING},
    {"Access-Control-Request-Method", HEADER_ACCESS_CONTROL_REQUEST_METHOD},
    {"Authorization", HEADER_AUTHORIZATION},
    {"Connection", HEADER_CONNECTION},
    {"Content-Length", HEADER_CONTENT_LENGTH},
    {"Cookie", HEADER_COOKIE},
    {"Expect", HEADER_EXPECT},
    {"Forwarded", HEADER_FORWARDED},
    {"Host", HEADER_HOST},
    {"If-Match", HEADER_IF_MATCH},
    {"If-Modified-Since", HEADER_IF_MODIFIED_SINCE},
    {"If-None-Match", HEADER_IF_NONE_MATCH},
    {"If-Range", HEADER_IF_RANGE},
    {"If-Unmodified-Since", HEADER_IF_UNMODIFIED_SINCE},
    {"Origin", HEADER_ORIGIN},
    {"Range", HEADER_RANGE},
    {"Referer", HEADER_REFERER},
    {"TE", HEADER_TE},
    {"Trailer", HEADER_TRAILER},
    {"Transfer-Encoding", HEADER_TRANSFER_ENCODING},
    {"Upgrade", HEADER_UPGRADE},
    {"User-Agent", HEADER_USER_AGENT},
    {"Via", HEADER_VIA},
    {"X-Forwarded-For", HEADER_X_FORWARDED_FOR},
    {"X-Request-ID", HEADER_X_REQUEST_ID},
};
static_assert(COUNT_OF(known) == HEADER_ID_COUNT - 1, "a header without a test");

static struct slice slice(const char *text)
{
    return slice_from_string(text);
}

static void assert_slice(struct slice got, const char *expected)
{
    if (!slice_equal(got, slice(expected)))
        fail_msg("got '%.*s', expected '%s'", SLICE_PRINTF(got), expected);
}

static void every_known_name_is_known_in_any_case(void **state)
{
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        char name[32];
        size_t len = strlen(known[i].name);

        assert_int_equal(header_id_from_name(slice(known[i].name)), known[i].id);
        for (unsigned round = 0; round < 2; round++) {
            for (size_t at = 0; at < len; at++)
                name[at] = (char)(round ? toupper(known[i].name[at]) : tolower(known[i].name[at]));
            assert_int_equal(header_id_from_name(slice_of(name, len)), known[i].id);
        }
    }
}

/* Change one byte to every other value: the name is unknown unless only its case changed. */
static void a_name_that_differs_in_one_byte_is_another(void **state)
{
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        char name[32];
        size_t len = strlen(known[i].name);

        for (size_t at = 0; at < len; at++) {
            for (int c = 0; c < 256; c++) {
                memcpy(name, known[i].name, len);
                name[at] = (char)c;
                bool same = slice_equal_nocase(slice_of(name, len), slice(known[i].name));
                assert_int_equal(header_id_from_name(slice_of(name, len)),
                                 same ? known[i].id : HEADER_OTHER);
            }
        }
    }
}

static void other_names_are_other(void **state)
{
    static const char *const names[] = {
        "",
        "H",
        "Hos",
        "Hosts",
        "Accept-Language",
        "Accept-Charset",
        "Content-Type",
        "DNT",
        "Sec-Fetch-Mode",
        "Cache-Control",
        "Viz",
        "X",
        "Pragma",
        "If-Modified-Since-",
        "Keep-Alive",
        "Upgrade-Insecure-Requests",
        "X-Forwarded-Proto",
        "Sec-WebSocket-Key",
    };
    char longest[300];

    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_int_equal(header_id_from_name(slice(names[i])), HEADER_OTHER);
    assert_int_equal(header_id_from_name(slice_of(NULL, 0)), HEADER_OTHER);
    memset(longest, 'a', sizeof(longest));
    for (size_t len = 0; len < sizeof(longest); len++)
        assert_int_equal(header_id_from_name(slice_of(longest, len)), HEADER_OTHER);
}

static void lines_keep_their_order_and_lose_their_blanks(void **state)
{
    struct header rows[4];
    struct header_table table;

    header_table_init(&table, rows, COUNT_OF(rows));
    assert_int_equal(header_table_add(&table, slice("Host"), slice(" a.example \t")), 0);
    assert_int_equal(header_table_add(&table, slice("X-Y"), slice("1")), 0);
    assert_int_equal(header_table_add(&table, slice("hOST"), slice("\tb.example")), 0);
    assert_int_equal(header_table_add(&table, slice("Range"), slice("")), 0);
    assert_int_equal(table.count, 4);
    assert_int_equal(rows[0].id, HEADER_HOST);
    assert_int_equal(rows[1].id, HEADER_OTHER);
    assert_slice(rows[0].value, "a.example");
    assert_slice(rows[1].name, "X-Y");
    assert_slice(rows[2].name, "hOST");

    assert_slice(header_table_get(&table, HEADER_HOST), "a.example");
    assert_true(header_table_has(&table, HEADER_RANGE));
    assert_non_null(header_table_get(&table, HEADER_RANGE).data); /* there, and empty */
    assert_false(header_table_has(&table, HEADER_COOKIE));
    assert_null(header_table_get(&table, HEADER_COOKIE).data);
    assert_int_equal(header_table_get(&table, HEADER_COOKIE).len, 0);
}

static void a_full_table_takes_no_more(void **state)
{
    struct header rows[2];
    struct header_table table;

    header_table_init(&table, rows, COUNT_OF(rows));
    assert_int_equal(header_table_add(&table, slice("A"), slice("1")), 0);
    assert_int_equal(header_table_add(&table, slice("B"), slice("2")), 0);
    assert_int_equal(header_table_add(&table, slice("Host"), slice("3")), -ENOSPC);
    assert_int_equal(table.count, 2);
    assert_false(header_table_has(&table, HEADER_HOST));

    header_table_init(&table, rows, COUNT_OF(rows)); /* the next message */
    assert_false(header_table_has(&table, HEADER_OTHER));
    assert_int_equal(header_table_add(&table, slice("Host"), slice("3")), 0);
    assert_slice(header_table_get(&table, HEADER_HOST), "3");
}

static void lines_of_one_name_come_one_after_another(void **state)
{
    struct header rows[8];
    struct header_table table;
    static const char *const lines[][2] = {{"Cookie", "a"}, {"X", "-"},      {"Cookie", "b"},
                                           {"Host", "h"},   {"cookie", "c"}, {"Y", "-"}};
    struct slice value;
    unsigned position = 0;

    header_table_init(&table, rows, COUNT_OF(rows));
    assert_false(header_table_next(&table, HEADER_COOKIE, &position, &value));
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        assert_int_equal(header_table_add(&table, slice(lines[i][0]), slice(lines[i][1])), 0);
    for (const char *expected = "abc"; *expected; expected++) {
        assert_true(header_table_next(&table, HEADER_COOKIE, &position, &value));
        assert_true(slice_equal(value, slice_of(expected, 1)));
    }
    assert_false(header_table_next(&table, HEADER_COOKIE, &position, &value));
    assert_false(header_table_next(&table, HEADER_COOKIE, &position, &value));

    position = 0;
    assert_true(header_table_next(&table, HEADER_OTHER, &position, &value));
    assert_true(header_table_next(&table, HEADER_OTHER, &position, &value));
    assert_int_equal(position, 6);
    assert_false(header_table_next(&table, HEADER_OTHER, &position, &value));
}

static void a_name_without_a_number_is_found_in_any_case(void **state)
{
    struct header rows[4];
    struct header_table table;

    header_table_init(&table, rows, COUNT_OF(rows));
    assert_null(header_table_find(&table, slice("Via")).data);
    assert_int_equal(header_table_add(&table, slice("X-Via"), slice("0")), 0);
    assert_int_equal(header_table_add(&table, slice("via"), slice(" 1 ")), 0);
    assert_int_equal(header_table_add(&table, slice("Via"), slice("2")), 0);
    assert_int_equal(header_table_add(&table, slice("X-Drain"), slice("")), 0);
    assert_slice(header_table_find(&table, slice("VIA")), "1");
    assert_non_null(header_table_find(&table, slice("x-drain")).data); /* there, and empty */
    assert_null(header_table_find(&table, slice("Vi")).data);
    assert_true(header_is(&rows[1], slice("Via")));
    assert_false(header_is(&rows[0], slice("Via")));
}

static void tokens_are_found_in_all_lines(void **state)
{
    static const struct {
        const char *first, *second; /* NULL: no such line */
        bool has_close;
    } rows[] = {
        {"close", NULL, true},
        {"Close", NULL, true},
        {"keep-alive, close", NULL, true},
        {"keep-alive,close", NULL, true},
        {"keep-alive\t, \tCLOSE ,x", NULL, true},
        {",,close", NULL, true},
        {"keep-alive", "close", true},
        {"x, y", "z , close", true},
        {NULL, NULL, false},
        {"", NULL, false},
        {",", NULL, false},
        {"keep-alive", NULL, false},
        {"closed", NULL, false},
        {"clos", "e", false},
        {"not close", NULL, false},
        {"close;q=1", NULL, false},
        {"\"close\"", NULL, false},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct header storage[2];
        struct header_table table;

        header_table_init(&table, storage, COUNT_OF(storage));
        if (rows[i].first)
            assert_int_equal(header_table_add(&table, slice("Connection"), slice(rows[i].first)),
                             0);
        if (rows[i].second)
            assert_int_equal(header_table_add(&table, slice("Connection"), slice(rows[i].second)),
                             0);
        if (header_table_has_token(&table, HEADER_CONNECTION, SLICE_LITERAL("close")) !=
            rows[i].has_close)
            fail_msg("row %zu", i);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_known_name_is_known_in_any_case),
        cmocka_unit_test(a_name_that_differs_in_one_byte_is_another),
        cmocka_unit_test(other_names_are_other),
        cmocka_unit_test(lines_keep_their_order_and_lose_their_blanks),
        cmocka_unit_test(a_full_table_takes_no_more),
        cmocka_unit_test(lines_of_one_name_come_one_after_another),
        cmocka_unit_test(a_name_without_a_number_is_found_in_any_case),
        cmocka_unit_test(tokens_are_found_in_all_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
