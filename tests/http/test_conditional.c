/* SPDX-License-Identifier: MIT */
/* test_conditional.c - preconditions, in the order of RFC 9110 section 13.2.2. */
#include "support/unit.h"

#include "http/conditional.h"

#define MTIME 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */
#define NOW (MTIME + 86400)
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define EXACT "Sun, 06 Nov 1994 08:49:37 GMT"
#define AFTER "Sun, 06 Nov 1994 08:49:38 GMT"
#define FUTURE "Tue, 08 Nov 1994 08:49:37 GMT"

#define STRONG "\"abc\""
#define WEAK "W/\"abc\""

struct message {
    struct header rows[12];
    struct header_table table;
};

/* @lines: "Name: value" with a newline after each but the last. */
static void message_init(struct message *message, const char *lines)
{
    struct slice rest = slice_from_string(lines);
    struct slice line;

    header_table_init(&message->table, message->rows, COUNT_OF(message->rows));
    while (rest.len > 0 && slice_next(&rest, '\n', &line)) {
        size_t colon = (size_t)slice_find(line, ':');

        assert_int_equal(header_table_add(&message->table, slice_of(line.data, colon),
                                          slice_from(line, colon + 1)),
                         0);
    }
}

struct row {
    const char *lines;
    unsigned status;
    const char *reason;
};

static void check_with(const struct row *rows, size_t count, enum http_method method,
                       const struct validators *validators)
{
    for (size_t i = 0; i < count; i++) {
        struct message message;
        const char *reason = NULL;
        unsigned status;

        message_init(&message, rows[i].lines);
        status = conditional_check(&message.table, method, validators, NOW, &reason);
        if (status != rows[i].status)
            fail_msg("'%s': %u, expected %u", rows[i].lines, status, rows[i].status);
        if (rows[i].reason)
            assert_string_equal(reason, rows[i].reason);
        else
            assert_null(reason);
    }
}

static void check(const struct row *rows, size_t count)
{
    check_with(rows, count, METHOD_GET,
               &(struct validators){.etag = SLICE_LITERAL(STRONG), .mtime = MTIME});
}

static void without_preconditions_the_content_is_sent(void **state)
{
    static const struct row rows[] = {
        {"", 0, NULL},
        {"Host: x", 0, NULL},
        {"If-Range: \"abc\"\nRange: bytes=0-1", 0, NULL},
    };
    struct message message;

    check(rows, COUNT_OF(rows));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        message_init(&message, rows[i].lines);
        assert_false(conditional_is_present(&message.table));
    }
    message_init(&message, "if-none-match: x");
    assert_true(conditional_is_present(&message.table));
    message_init(&message, "If-Unmodified-Since: x");
    assert_true(conditional_is_present(&message.table));
}

static void if_none_match_compares_weakly(void **state)
{
    static const struct row rows[] = {
        {"If-None-Match: \"abc\"", 304, "etag"},
        {"If-None-Match: W/\"abc\"", 304, "etag"},
        {"If-None-Match: *", 304, "etag"},
        {"If-None-Match:  * \t", 304, "etag"},
        {"If-None-Match: \"x\", \"abc\"", 304, "etag"},
        {"If-None-Match: \"x\",\"abc\",\"y\"", 304, "etag"},
        {"If-None-Match: \"x\"\t,\t W/\"abc\" , \"y\"", 304, "etag"},
        {"If-None-Match: ,, ,\"abc\",,", 304, "etag"},
        {"If-None-Match: \"x\"\nIf-None-Match: \"abc\"", 304, "etag"},
        {"If-None-Match: \"ab\"", 0, NULL},
        {"If-None-Match: \"ABC\"", 0, NULL},
        {"If-None-Match: \"abcd\"", 0, NULL},
        {"If-None-Match: \"\"", 0, NULL},
        {"If-None-Match: \"x\", \"y\"", 0, NULL},
        {"If-None-Match: \"x,\\\"abc\"", 0, NULL}, /* malformed: a backslash escapes nothing */
        {"If-None-Match: \"x,y\", \"abc\"", 304, "etag"}, /* a comma within a tag */
        {"If-None-Match: \"\\\", \"abc\"", 304, "etag"},
        {"If-None-Match: \"\xc3\xa9\", \"abc\"", 304, "etag"},
    };
    struct validators weak = {.etag = SLICE_LITERAL(WEAK), .mtime = MTIME};

    check(rows, COUNT_OF(rows));
    check_with(rows, COUNT_OF(rows), METHOD_HEAD, &weak);
}

static void malformed_tag_lists_match_nothing(void **state)
{
    static const char *const lists[] = {
        "abc",           "\"abc",
        "abc\"",         "W/abc",
        "w/\"abc\"",     "W/ \"abc\"",
        "W\"abc\"",      "/\"abc\"",
        "\"abc\" x",     "\"abc\"\"abc\"",
        "\"abc\" \"x\"", "x, \"abc\"",
        "\"abc\", x",    "\"abc\", *",
        "*, \"abc\"",    "**",
        "* *",           "\"a bc\", \"abc\"",
        "'abc'",         "\"abc\";q=1",
        "\"abc\", \"",   "\"abc\", W/",
        "\"abc\", W",    "\"a\x7f\", \"abc\"",
        "*,*",           "\"a\tb\", \"abc\"",
    };
    char lines[128];

    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        strcpy(lines, "If-None-Match: ");
        strcat(lines, lists[i]);
        check(&(struct row){lines, 0, NULL}, 1);
        strcpy(lines, "If-Match: ");
        strcat(lines, lists[i]);
        check(&(struct row){lines, 412, "if-match"}, 1);
    }
    check(&(struct row){"If-None-Match: ", 0, NULL}, 1);
    check(&(struct row){"If-None-Match: ,", 0, NULL}, 1);
    check(&(struct row){"If-None-Match: *\nIf-None-Match: \"abc\"", 0, NULL}, 1);
    check(&(struct row){"If-None-Match: \"abc\"\nIf-None-Match: *", 0, NULL}, 1);
    check(&(struct row){"If-None-Match: *\nIf-None-Match: *", 0, NULL}, 1);
    check(&(struct row){"If-None-Match: \"abc\"\nIf-None-Match: oops", 0, NULL}, 1);
    check(&(struct row){"If-Match: ", 412, "if-match"}, 1);
}

static void if_match_compares_strongly(void **state)
{
    static const struct row rows[] = {
        {"If-Match: \"abc\"", 0, NULL},
        {"If-Match: *", 0, NULL},
        {"If-Match: \"x\", \"abc\"", 0, NULL},
        {"If-Match: \"x\"\nIf-Match: \"abc\"", 0, NULL},
        {"If-Match: W/\"abc\"", 412, "if-match"},
        {"If-Match: \"x\"", 412, "if-match"},
        {"If-Match: W/\"abc\", \"abc\"", 0, NULL},
    };
    static const struct row weak_rows[] = {
        {"If-Match: \"abc\"", 412, "if-match"},
        {"If-Match: W/\"abc\"", 412, "if-match"},
        {"If-Match: *", 0, NULL},
    };
    struct validators weak = {.etag = SLICE_LITERAL(WEAK), .mtime = MTIME};

    check(rows, COUNT_OF(rows));
    check_with(weak_rows, COUNT_OF(weak_rows), METHOD_GET, &weak);
}

static void a_representation_without_a_tag_is_matched_by_star_only(void **state)
{
    static const struct row rows[] = {
        {"If-Match: \"abc\"", 412, "if-match"},
        {"If-Match: \"\"", 412, "if-match"},
        {"If-Match: *", 0, NULL},
        {"If-None-Match: \"abc\"", 0, NULL},
        {"If-None-Match: \"\"", 0, NULL},
        {"If-None-Match: *", 304, "etag"},
    };

    check_with(rows, COUNT_OF(rows), METHOD_GET, &(struct validators){.mtime = MTIME});
}

static void if_modified_since_compares_dates(void **state)
{
    static const struct row rows[] = {
        {"If-Modified-Since: " EXACT, 304, "not-modified-since"},
        {"If-Modified-Since: " AFTER, 304, "not-modified-since"},
        {"If-Modified-Since: " BEFORE, 0, NULL},
        {"If-Modified-Since: Mon, 07 Nov 1994 08:49:37 GMT", 304, "not-modified-since"}, /* now */
        /* In the future. */
        {"If-Modified-Since: Mon, 07 Nov 1994 08:49:38 GMT", 304, "not-modified-since"},
        {"If-Modified-Since: " FUTURE, 304, "not-modified-since"},
        {"If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT", 304, "not-modified-since"},
        {"If-Modified-Since: Sun Nov  6 08:49:37 1994", 304, "not-modified-since"},
        {"If-Modified-Since: yesterday", 0, NULL},
        {"If-Modified-Since: ", 0, NULL},
        {"If-Modified-Since: " EXACT ", " EXACT, 0, NULL},
        {"If-Modified-Since: " EXACT "\nIf-Modified-Since: " EXACT, 0, NULL},
        {"If-Modified-Since: " EXACT "; length=3", 0, NULL},
        {"If-Modified-Since: 784111777", 0, NULL},
    };

    check(rows, COUNT_OF(rows));
    check_with(rows, COUNT_OF(rows), METHOD_HEAD, &(struct validators){.mtime = MTIME});
}

static void if_unmodified_since_compares_dates(void **state)
{
    static const struct row rows[] = {
        {"If-Unmodified-Since: " EXACT, 0, NULL},
        {"If-Unmodified-Since: " AFTER, 0, NULL},
        {"If-Unmodified-Since: " FUTURE, 0, NULL},
        {"If-Unmodified-Since: " BEFORE, 412, "if-unmodified-since"},
        {"If-Unmodified-Since: Mon, 01 Jan 1900 00:00:00 GMT", 412, "if-unmodified-since"},
        {"If-Unmodified-Since: nonsense", 0, NULL},
        {"If-Unmodified-Since: " BEFORE "\nIf-Unmodified-Since: " BEFORE, 0, NULL},
    };

    check(rows, COUNT_OF(rows));
}

static void without_a_date_dates_are_ignored(void **state)
{
    static const struct row rows[] = {
        {"If-Modified-Since: " EXACT, 0, NULL},
        {"If-Modified-Since: Wed, 31 Dec 1969 23:59:59 GMT", 0, NULL},
        {"If-Unmodified-Since: " BEFORE, 0, NULL},
        {"If-None-Match: \"abc\"", 304, "etag"},
    };
    struct validators dateless = {.etag = SLICE_LITERAL(STRONG), .mtime = -1};

    check_with(rows, COUNT_OF(rows), METHOD_GET, &dateless);
}

/* All combinations of the four fields absent, true or false, against section 13.2.2 as written. */
static void the_order_is_that_of_the_rfc(void **state)
{
    static const char *const match[] = {NULL, "If-Match: \"abc\"\n", "If-Match: \"x\"\n"};
    static const char *const unmodified[] = {NULL, "If-Unmodified-Since: " EXACT "\n",
                                             "If-Unmodified-Since: " BEFORE "\n"};
    static const char *const none_match[] = {NULL, "If-None-Match: \"x\"\n",
                                             "If-None-Match: \"abc\"\n"};
    static const char *const modified[] = {NULL, "If-Modified-Since: " BEFORE "\n",
                                           "If-Modified-Since: " EXACT "\n"};
    static const enum http_method methods[] = {METHOD_GET, METHOD_HEAD, METHOD_PUT};

    for (unsigned n = 0; n < 3 * 3 * 3 * 3 * 3; n++) {
        unsigned im = n % 3;
        unsigned ius = n / 3 % 3;
        unsigned inm = n / 9 % 3;
        unsigned ims = n / 27 % 3;
        enum http_method method = methods[n / 81];
        bool reading = method != METHOD_PUT;
        struct row row = {0};
        char lines[512] = "";

        strcat(lines, ims ? modified[ims] : ""); /* the order of lines does not count */
        strcat(lines, inm ? none_match[inm] : "");
        strcat(lines, ius ? unmodified[ius] : "");
        strcat(lines, im ? match[im] : "");
        if (lines[0] != '\0')
            lines[strlen(lines) - 1] = '\0';
        row.lines = lines;

        if (im == 2)
            row = (struct row){lines, 412, "if-match"};
        else if (im == 0 && ius == 2)
            row = (struct row){lines, 412, "if-unmodified-since"};
        else if (inm == 2)
            row = reading ? (struct row){lines, 304, "etag"}
                          : (struct row){lines, 412, "if-none-match"};
        else if (inm == 0 && ims == 2 && reading)
            row = (struct row){lines, 304, "not-modified-since"};
        check_with(&row, 1, method,
                   &(struct validators){.etag = SLICE_LITERAL(STRONG), .mtime = MTIME});
    }
}

static void if_range_wants_an_exact_strong_validator(void **state)
{
    static const struct {
        const char *lines, *etag;
        bool applies;
    } rows[] = {
        {"Range: bytes=0-1", STRONG, true},
        {"If-Range: \"abc\"", STRONG, true},
        {"If-Range: \"x\"", STRONG, false},
        {"If-Range: W/\"abc\"", STRONG, false},
        {"If-Range: W/\"abc\"", WEAK, false},
        {"If-Range: \"abc\"", WEAK, false},
        {"If-Range: \"abc\"", "", false},
        {"If-Range: *", STRONG, false},
        {"If-Range: \"abc\", \"abc\"", STRONG, false},
        {"If-Range: \"abc\" x", STRONG, false},
        {"If-Range: abc", STRONG, false},
        {"If-Range: \"abc", STRONG, false},
        {"If-Range: ", STRONG, false},
        {"If-Range: \"abc\"\nIf-Range: \"abc\"", STRONG, false},
        {"If-Range: " EXACT, STRONG, true},
        {"If-Range: Sunday, 06-Nov-94 08:49:37 GMT", STRONG, true},
        {"If-Range: Sun Nov  6 08:49:37 1994", "", true},
        {"If-Range: " BEFORE, STRONG, false},
        {"If-Range: " AFTER, STRONG, false}, /* exact, not "since" */
        {"If-Range: nonsense", STRONG, false},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct message message;
        struct validators validators = {.etag = slice_from_string(rows[i].etag), .mtime = MTIME};

        message_init(&message, rows[i].lines);
        if (conditional_range_applies(&message.table, &validators, NOW) != rows[i].applies)
            fail_msg("'%s' with '%s'", rows[i].lines, rows[i].etag);
    }
}

static void a_date_is_strong_once_its_second_is_over(void **state)
{
    struct validators validators = {.mtime = MTIME};
    struct message message;

    message_init(&message, "If-Range: " EXACT);
    assert_false(conditional_range_applies(&message.table, &validators, MTIME - 1));
    assert_false(conditional_range_applies(&message.table, &validators, MTIME));
    assert_true(conditional_range_applies(&message.table, &validators, MTIME + 1));
    validators.mtime = -1;
    message_init(&message, "If-Range: Wed, 31 Dec 1969 23:59:59 GMT");
    assert_false(conditional_range_applies(&message.table, &validators, NOW));
}

static void two_tags_match_weakly_or_are_none(void **state)
{
    static const struct {
        const char *one, *other;
        bool match;
    } rows[] = {
        {"\"a\"", "\"a\"", true},         {"W/\"a\"", "\"a\"", true}, {"\"a\"", "W/\"a\"", true},
        {"W/\"a\"", "W/\"a\"", true},     {"\"a\"", "\"b\"", false},  {"\"\"", "\"\"", true},
        {"\"a\"", "\"a\", \"b\"", false}, {"a", "a", false},          {"", "", false},
        {"w/\"a\"", "\"a\"", false},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (conditional_tags_match(slice_from_string(rows[i].one),
                                   slice_from_string(rows[i].other)) != rows[i].match)
            fail_msg("%s and %s", rows[i].one, rows[i].other);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_preconditions_the_content_is_sent),
        cmocka_unit_test(if_none_match_compares_weakly),
        cmocka_unit_test(malformed_tag_lists_match_nothing),
        cmocka_unit_test(if_match_compares_strongly),
        cmocka_unit_test(a_representation_without_a_tag_is_matched_by_star_only),
        cmocka_unit_test(if_modified_since_compares_dates),
        cmocka_unit_test(if_unmodified_since_compares_dates),
        cmocka_unit_test(without_a_date_dates_are_ignored),
        cmocka_unit_test(the_order_is_that_of_the_rfc),
        cmocka_unit_test(if_range_wants_an_exact_strong_validator),
        cmocka_unit_test(a_date_is_strong_once_its_second_is_over),
        cmocka_unit_test(two_tags_match_weakly_or_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
