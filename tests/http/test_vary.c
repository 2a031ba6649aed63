/* SPDX-License-Identifier: MIT */
/* test_vary.c - the same choice is the same text, another choice another. */
#include "support/unit.h"

#include "http/header_lines.h"
#include "http/vary.h"

struct text {
    char bytes[256];
    struct writer writer;
};

static struct slice names_of(struct text *text, const char *reply)
{
    struct header_lines headers;

    header_lines_read(&headers, reply);
    text->writer = writer_on(text->bytes, sizeof(text->bytes));
    vary_write_names(&text->writer, &headers.table);
    return writer_content(&text->writer);
}

static struct slice values_of(struct text *text, const char *names, const char *request)
{
    struct header_lines headers;

    header_lines_read(&headers, request);
    text->writer = writer_on(text->bytes, sizeof(text->bytes));
    vary_write_values(&text->writer, slice_from_string(names), &headers.table);
    assert_false(text->writer.overflow);
    return writer_content(&text->writer);
}

static void names_are_brought_into_one_form(void **state)
{
    static const struct {
        const char *reply, *names;
    } rows[] = {
        {"Vary: Accept-Encoding", "accept-encoding"},
        {"vary: b, A ,, a\nVARY: c", "a,b,c"},
        {"Vary: c,b,a,b", "a,b,c"},
        {"Vary: ", ""},
        {"X: y", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text text;
        struct slice names = names_of(&text, rows[i].reply);

        assert_false(text.writer.overflow);
        if (!slice_equal(names, slice_from_string(rows[i].names)))
            fail_msg("'%s': %.*s", rows[i].reply, SLICE_PRINTF(names));
    }
}

static void too_many_or_too_long_names_are_refused(void **state)
{
    struct text text;

    (void)names_of(&text, "Vary: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p");
    assert_false(text.writer.overflow);
    (void)names_of(&text, "Vary: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,a");
    assert_false(text.writer.overflow);
    (void)names_of(&text, "Vary: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q");
    assert_true(text.writer.overflow);
    (void)names_of(&text,
                   "Vary: a23456789012345678901234567890123456789012345678901234567890abcde");
    assert_true(text.writer.overflow);
}

static void requests_with_the_same_values_have_the_same_text(void **state)
{
    static const struct {
        const char *names, *request, *values;
    } rows[] = {
        {"accept", "Accept: a", "accept:a\n"},
        {"accept", "Accept:   a  ", "accept:a\n"},
        {"accept", "Accept: a\nACCEPT: b", "accept:a, b\n"},
        {"accept", "Accept: a, b", "accept:a, b\n"},
        {"accept", "Accept: ", "accept:\n"},
        {"accept", "X: y", "accept\n"},
        {"accept", "Accept: A", "accept:A\n"},
        {"a,b", "B: 1\nA: 2", "a:2\nb:1\n"},
        {"", "B: 1\nA: 2", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text text;
        struct slice values = values_of(&text, rows[i].names, rows[i].request);

        if (!slice_equal(values, slice_from_string(rows[i].values)))
            fail_msg("'%s': %.*s", rows[i].request, SLICE_PRINTF(values));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_brought_into_one_form),
        cmocka_unit_test(too_many_or_too_long_names_are_refused),
        cmocka_unit_test(requests_with_the_same_values_have_the_same_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
