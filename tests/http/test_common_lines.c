/* SPDX-License-Identifier: MIT */
/* test_common_lines.c - status lines with and without a row, lengths and ranges at their limits. */
#include "support/unit.h"

#include "http/common_lines.h"

static char text[128];

static void assert_text(const struct writer *w, const char *expected)
{
    assert_false(w->overflow);
    if (!slice_equal(writer_content(w), slice_from_string(expected)))
        fail_msg("got '%.*s'", SLICE_PRINTF(writer_content(w)));
}

static void a_status_line_is_never_missing(void **state)
{
    static const struct {
        unsigned status;
        const char *line;
    } rows[] = {
        {200, "HTTP/1.1 200 OK\r\n"},      {404, "HTTP/1.1 404 Not Found\r\n"},
        {299, "HTTP/1.1 299 Unknown\r\n"}, {199, "HTTP/1.1 199 Unknown\r\n"},
        {599, "HTTP/1.1 599 Unknown\r\n"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct writer w = writer_on(text, sizeof(text));

        write_status_line(&w, rows[i].status);
        assert_text(&w, rows[i].line);
    }
}

static void lengths_are_of_any_size(void **state)
{
    struct writer w = writer_on(text, sizeof(text));

    write_content_length(&w, 0);
    write_content_length(&w, UINT64_MAX);
    assert_text(&w, "Content-Length: 0\r\nContent-Length: 18446744073709551615\r\n");
}

static void a_range_names_its_last_byte(void **state)
{
    const struct byte_range one = {.first = 9, .length = 1}, many = {.first = 0, .length = 10};
    struct writer w = writer_on(text, sizeof(text));

    write_content_range(&w, &one, 10);
    write_content_range(&w, &many, 10);
    assert_text(&w, "Content-Range: bytes 9-9/10\r\nContent-Range: bytes 0-9/10\r\n");

    w = writer_on(text, sizeof(text));
    write_unsatisfied_range(&w, 10);
    assert_text(&w, "Content-Range: bytes */10\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_line_is_never_missing),
        cmocka_unit_test(lengths_are_of_any_size),
        cmocka_unit_test(a_range_names_its_last_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
