/* SPDX-License-Identifier: MIT */
/* test_basic_credentials.c - what is user and password, and what is none. */
#include "support/unit.h"

#include "http/basic_credentials.h"

struct row {
    const char *field, *user, *password; /* NULL: refused */
};

static void a_user_ends_at_the_first_colon(void **state)
{
    static const struct row rows[] = {
        {"Basic dXNlcjpwYXNz", "user", "pass"},
        {"basic dXNlcjpwYXNz", "user", "pass"},
        {"BASIC   dXNlcjpwYXNz", "user", "pass"},
        {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame"}, /* RFC 7617 section 2 */
        {"Basic dGVzdDoxMjPCow==", "test", "123\xc2\xa3"},                /* section 2.1 */
        {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ", "Aladdin", "open sesame"},
        {"Basic YTpiOmM=", "a", "b:c"},
        {"Basic YTo=", "a", ""},
        {"Basic Ojox", "", ":1"},
        {"Basic Og==", "", ""},
        {"Basic fn5+Ojw/Pz8+", "~~~",
         "<?"
         "?"
         "?>"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct basic_credentials credentials;

        if (!basic_credentials_read(slice_from_string(rows[i].field), &credentials))
            fail_msg("'%s' is refused", rows[i].field);
        assert_true(slice_equal(credentials.user, slice_from_string(rows[i].user)));
        assert_string_equal(credentials.password.data, rows[i].password);
        assert_int_equal(credentials.password.len, strlen(rows[i].password));
    }
}

static void what_is_no_credentials_is_refused(void **state)
{
    static const char *const fields[] = {
        "",
        "Basic",
        "Basic ",
        "Basicd XNlcjpwYXNz",
        "BasicdXNlcjpwYXNz",
        "Basic\tdXNlcjpwYXNz",
        "Bearer dXNlcjpwYXNz",
        "Digest username=\"a\"",
        "Basic dXNlcg==",          /* no colon */
        "Basic dXNlcjpwYXNz=====", /* too much padding */
        "Basic =dXNlcjpwYXNz",
        "Basic dXNl=cjpwYXNz",
        "Basic dXNl cjpwYXNz",
        "Basic dXNlcjpwYXNz, Basic dXNlcjpwYXNz",
        "Basic dXNlcjpwYXN-",
        "Basic dXNlcjpwYXN_",
        "Basic dXNlcjpwYXNza",
        "Basic YQA6Yg==", /* a NUL, a line feed, a DEL */
        "Basic YTpiAGM=",
        "Basic YQo6Yg==",
        "Basic YTpiCg==",
        "Basic YTp/",
    };
    struct basic_credentials credentials;

    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        if (basic_credentials_read(slice_from_string(fields[i]), &credentials))
            fail_msg("'%s' is taken", fields[i]);
    }
}

/* @count times "YTph": "a:a". */
static bool is_taken(size_t count)
{
    static char field[6 + 4 * BASIC_CREDENTIALS_MAX] = "Basic ";
    struct basic_credentials credentials;

    for (size_t i = 0; i < count; i++)
        memcpy(field + 6 + 4 * i, "YTph", 4);
    return basic_credentials_read(slice_of(field, 6 + 4 * count), &credentials);
}

static void long_ones_are_refused_and_not_cut(void **state)
{
    assert_true(is_taken(BASIC_CREDENTIALS_MAX / 3));
    assert_false(is_taken(BASIC_CREDENTIALS_MAX / 3 + 1));
    assert_false(is_taken(BASIC_CREDENTIALS_MAX));
}

static void nothing_is_left_of_what_was_wiped(void **state)
{
    struct basic_credentials credentials;

    assert_true(basic_credentials_read(SLICE_LITERAL("Basic YTpi"), &credentials));
    basic_credentials_wipe(&credentials);
    for (size_t i = 0; i < sizeof(credentials.space); i++)
        assert_int_equal(credentials.space[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_ends_at_the_first_colon),
        cmocka_unit_test(what_is_no_credentials_is_refused),
        cmocka_unit_test(long_ones_are_refused_and_not_cut),
        cmocka_unit_test(nothing_is_left_of_what_was_wiped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
