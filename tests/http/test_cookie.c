/* SPDX-License-Identifier: MIT */
/* test_cookie.c - cookies by name. */
#include "support/unit.h"

#include "http/cookie.h"

static void the_first_of_a_name_counts(void **state)
{
    static const struct {
        const char *first, *second, *name, *value; /* value NULL: none */
    } rows[] = {
        {"a=1", NULL, "a", "1"},         {"a=1; b=2", NULL, "b", "2"},
        {"a=1;b=2;a=3", NULL, "a", "1"}, {"a=1", "b=2; c=3", "c", "3"},
        {"A=1", NULL, "a", NULL},        {"aa=1; ba=2", NULL, "a", NULL},
        {" a = 1 ", NULL, "a", "1"},     {"a=\"x y\"", NULL, "a", "\"x y\""},
        {"a=b=c", NULL, "a", "b=c"},     {"a=", NULL, "a", ""},
        {"a", NULL, "a", NULL},          {"=x", NULL, "a", NULL},
        {";;; ;a=1", NULL, "a", "1"},    {"", NULL, "a", NULL},
        {NULL, NULL, "a", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct header space[3];
        struct header_table headers;
        struct slice value = {.len = 0};
        header_table_init(&headers, space, COUNT_OF(space));
        assert_int_equal(header_table_add(&headers, SLICE_LITERAL("X"), SLICE_LITERAL("a=9")), 0);
        const char *const lines[] = {rows[i].first, rows[i].second};
        for (size_t k = 0; k < COUNT_OF(lines); k++) {
            if (lines[k])
                assert_int_equal(header_table_add(&headers, SLICE_LITERAL("Cookie"),
                                                  slice_from_string(lines[k])),
                                 0);
        }
        bool found = cookie_find(&headers, slice_from_string(rows[i].name), &value);
        if (found != (rows[i].value != NULL) ||
            (found && !slice_equal(value, slice_from_string(rows[i].value))))
            fail_msg("row %zu: \"%.*s\"", i, SLICE_PRINTF(value));
    }
}

static void one_is_taken_out_and_the_others_stay(void **state)
{
    static const struct {
        const char *line, *name, *rest; /* NULL: it is not there */
    } rows[] = {
        {"a=1", "a", ""},
        {"a=1; b=2; a=3", "a", "b=2"},
        {"b=2;a=1;  c=\"x; y\"", "a", "b=2; c=\"x; y\""},
        {" b = 2 ;; a = 1", "a", "b = 2"},
        {"x; a=1; =y", "a", "x; =y"},
        {"b=a=1", "a", NULL},
        {"A=1; aa=2; a", "a", NULL},
        {"", "a", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[64];
        struct writer w = writer_on(text, sizeof(text));
        bool is_there = cookie_write_without(&w, slice_from_string(rows[i].line),
                                             slice_from_string(rows[i].name));
        assert_int_equal(is_there, rows[i].rest != NULL);
        if (!slice_equal(writer_content(&w), slice_from_string(is_there ? rows[i].rest : "")))
            fail_msg("row %zu: \"%.*s\"", i, SLICE_PRINTF(writer_content(&w)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_of_a_name_counts),
        cmocka_unit_test(one_is_taken_out_and_the_others_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
