/* SPDX-License-Identifier: MIT */
/* test_accept_encoding.c - what a client says it can decode, and what it gets. */
#include "support/unit.h"

#include "http/accept_encoding.h"

#define LINES_MAX 4
#define ALL (BIT(CODING_GZIP) | BIT(CODING_ZSTD) | BIT(CODING_BR))
#define GZIP BIT(CODING_GZIP)
#define NONE 0U

/* @lines: field lines, ends with NULL. */
static enum content_coding choose(const char *const *lines, unsigned available)
{
    struct header rows[LINES_MAX];
    struct header_table headers;
    struct coding_weights weights;

    header_table_init(&headers, rows, LINES_MAX);
    for (; *lines; lines++)
        assert_int_equal(
            header_table_add(&headers, SLICE_LITERAL("accept-encoding"), slice_from_string(*lines)),
            0);
    accept_encoding_read(&headers, &weights);
    return accept_encoding_choose(&weights, available);
}

struct row {
    const char *value;
    unsigned available;
    enum content_coding expected;
};

static void check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *lines[] = {rows[i].value, NULL};
        enum content_coding got = choose(lines, rows[i].available);

        if (got != rows[i].expected)
            fail_msg("'%s' of %x: %d, expected %d", rows[i].value, rows[i].available, (int)got,
                     (int)rows[i].expected);
    }
}

static void the_one_with_the_largest_weight_is_sent(void **state)
{
    static const struct row rows[] = {
        {"gzip", ALL, CODING_GZIP},
        {"gzip, deflate, br, zstd", ALL, CODING_BR},
        {"gzip, deflate, br, zstd", GZIP, CODING_GZIP},
        {"gzip, zstd", ALL, CODING_ZSTD},
        {"gzip;q=0.9, br;q=0.8, zstd;q=0.7", ALL, CODING_GZIP},
        {"gzip;q=0.123, zstd;q=0.124", ALL, CODING_ZSTD},
        {"gzip;q=0.001", ALL, CODING_GZIP},
        {"br;q=0", ALL, CODING_IDENTITY},
        {"br;q=0.000, gzip;q=0.5", ALL, CODING_GZIP},
        {"deflate, compress", ALL, CODING_IDENTITY},
        {"gzip, br", NONE, CODING_IDENTITY},
        {"X-GZIP", ALL, CODING_GZIP},
        {"GZIP;Q=1.000", ALL, CODING_GZIP},
        {"gzip ; q=0.5 , br\t;\tq=0.4", ALL, CODING_GZIP},
        {",, gzip,,", ALL, CODING_GZIP},
    };

    check(rows, COUNT_OF(rows));
}

static void identity_is_liked_as_much_as_the_client_says(void **state)
{
    static const struct row rows[] = {
        {"identity, gzip;q=0.5", ALL, CODING_IDENTITY},
        {"identity, gzip", ALL, CODING_GZIP},
        {"identity;q=0.5, gzip;q=0.4, *;q=0", ALL, CODING_IDENTITY},
        {"identity", ALL, CODING_IDENTITY},
        {"", ALL, CODING_IDENTITY},
    };
    const char *no_lines[] = {NULL};

    check(rows, COUNT_OF(rows));
    assert_int_equal(choose(no_lines, ALL), CODING_IDENTITY);
}

static void a_star_stands_for_all_that_is_not_named(void **state)
{
    static const struct row rows[] = {
        {"*", ALL, CODING_BR},
        {"*", GZIP, CODING_GZIP},
        {"*;q=0.5, br;q=0.1", ALL, CODING_ZSTD},
        {"gzip;q=0.5, *;q=0.8", GZIP, CODING_IDENTITY},
        {"*;q=0, gzip", ALL, CODING_GZIP},
        {"*;q=0, *;q=1", ALL, CODING_COUNT},
    };

    check(rows, COUNT_OF(rows));
}

static void nothing_is_sent_where_identity_is_refused_too(void **state)
{
    static const struct row rows[] = {
        {"identity;q=0", ALL, CODING_COUNT},
        {"*;q=0", ALL, CODING_COUNT},
        {"identity;q=0, gzip", ALL, CODING_GZIP},
        {"identity;q=0, br", GZIP, CODING_COUNT},
        {"*;q=0, identity", ALL, CODING_IDENTITY},
        {"*;q=0, identity;q=0.001", ALL, CODING_IDENTITY},
        {"identity;q=0, *", NONE, CODING_COUNT},
        {"identity;q=0, *", GZIP, CODING_GZIP},
    };

    check(rows, COUNT_OF(rows));
}

static void what_is_not_of_the_grammar_is_left_out(void **state)
{
    static const struct row rows[] = {
        {"gzip;q=2", ALL, CODING_IDENTITY},
        {"gzip;q=1.001", ALL, CODING_IDENTITY},
        {"gzip;q=0.1234", ALL, CODING_IDENTITY},
        {"gzip;q=", ALL, CODING_IDENTITY},
        {"gzip;q=.5", ALL, CODING_IDENTITY},
        {"gzip;q=0,5", ALL, CODING_IDENTITY},
        {"gzip;q=-1", ALL, CODING_IDENTITY},
        {"gzip;q=1.0x", ALL, CODING_IDENTITY},
        {"gzip;q =1", ALL, CODING_IDENTITY},
        {"gzip;level=9", ALL, CODING_IDENTITY},
        {"gzip;q=1;x=2", ALL, CODING_IDENTITY},
        {";q=1", ALL, CODING_IDENTITY},
        {"gzip br", ALL, CODING_IDENTITY},
        {"gzip;", ALL, CODING_IDENTITY},
        {"identity;q=00", ALL, CODING_IDENTITY},
        {"gzip;q=1., br;q=0.", ALL, CODING_GZIP}, /* no digits are "up to three" */
    };

    check(rows, COUNT_OF(rows));
}

static void several_lines_are_one_list_and_the_first_mention_counts(void **state)
{
    const char *lines[] = {"gzip;q=0.5", "br;q=0.6, gzip", NULL};
    const char *twice[] = {"gzip;q=0", "gzip", NULL};

    assert_int_equal(choose(lines, ALL), CODING_BR);
    assert_int_equal(choose(twice, ALL), CODING_IDENTITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_one_with_the_largest_weight_is_sent),
        cmocka_unit_test(identity_is_liked_as_much_as_the_client_says),
        cmocka_unit_test(a_star_stands_for_all_that_is_not_named),
        cmocka_unit_test(nothing_is_sent_where_identity_is_refused_too),
        cmocka_unit_test(what_is_not_of_the_grammar_is_left_out),
        cmocka_unit_test(several_lines_are_one_list_and_the_first_mention_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
