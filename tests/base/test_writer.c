/* SPDX-License-Identifier: MIT */
/* test_writer.c - appending to a fixed block, and the three ways to escape. */
#include "support/unit.h"

#include "base/writer.h"

static void assert_content(const struct writer *w, const char *expected)
{
    struct slice got = writer_content(w);

    if (!slice_equal(got, slice_from_string(expected)))
        fail_msg("got '%.*s', expected '%s'", SLICE_PRINTF(got), expected);
}

static void appends_follow_each_other(void **state)
{
    char block[128];
    struct writer w = writer_on(block, sizeof(block));

    writer_literal(&w, "a ");
    writer_char(&w, 'b');
    writer_string(&w, " c ");
    writer_slice(&w, SLICE_LITERAL("d"));
    writer_slice(&w, slice_of(NULL, 0));
    writer_char(&w, ' ');
    writer_number(&w, 0);
    writer_char(&w, ' ');
    writer_number(&w, UINT64_MAX);
    writer_char(&w, ' ');
    writer_hex(&w, 0);
    writer_char(&w, ' ');
    writer_hex(&w, UINT64_C(0xfedcba9876543210));
    writer_format(&w, " %d-%s", -1, "x");
    assert_content(&w, "a b c d 0 18446744073709551615 0 fedcba9876543210 -1-x");
    assert_false(w.overflow);
}

static void a_full_block_takes_exactly_its_capacity(void **state)
{
    char block[] = "????|";
    struct writer w = writer_on(block, 4);

    writer_literal(&w, "abcd");
    assert_false(w.overflow);
    assert_content(&w, "abcd");
    writer_slice(&w, slice_of("", 0));
    assert_false(w.overflow);
    writer_char(&w, 'e');
    assert_true(w.overflow);
    assert_string_equal(block, "abcd|");
}

static void after_an_overflow_nothing_more_is_written(void **state)
{
    char block[8];
    struct writer w = writer_on(block, sizeof(block));

    writer_literal(&w, "abc");
    writer_literal(&w, "too long for it");
    writer_literal(&w, "d");
    writer_char(&w, 'e');
    writer_number(&w, 1);
    writer_format(&w, "%d", 1);
    writer_html_escaped(&w, SLICE_LITERAL("f"));
    assert_true(w.overflow);
    assert_content(&w, "abc");
}

static void formatting_stays_inside_the_block(void **state)
{
    char block[] = "????|";
    struct writer w = writer_on(block, 4);

    writer_format(&w, "%s", "abc"); /* and the terminator */
    assert_false(w.overflow);
    assert_content(&w, "abc");

    w = writer_on(block, 4);
    writer_format(&w, "%s", "abcd");
    assert_true(w.overflow);
    assert_content(&w, "");
    assert_int_equal(block[4], '|');

    w = writer_on(block, 0);
    writer_format(&w, "%s", "");
    assert_true(w.overflow);
}

typedef void (*escape_fn)(struct writer *w, struct slice text);

struct row {
    const char *text, *expected;
};

static void check_escape(escape_fn escape, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char block[256];
        struct writer w = writer_on(block, sizeof(block));

        escape(&w, slice_from_string(rows[i].text));
        assert_content(&w, rows[i].expected);
        assert_false(w.overflow);
    }
}

static void log_escaping_leaves_printable_ascii(void **state)
{
    static const struct row rows[] = {
        {"", ""},
        {"/a b?c=~'", "/a b?c=~'"},
        {"a\"b\\c", "a\\x22b\\x5Cc"},
        {"\r\n\t\x1b[31m", "\\x0D\\x0A\\x09\\x1B[31m"},
        {"\x7f\x80\xff", "\\x7F\\x80\\xFF"},
        {"\xe4\xb8\xad", "\\xE4\\xB8\\xAD"},
    };
    char block[8];
    struct writer w = writer_on(block, sizeof(block));

    check_escape(writer_log_escaped, rows, COUNT_OF(rows));
    writer_log_escaped(&w, slice_of("a\0b", 3));
    assert_content(&w, "a\\x00b");
}

static void html_escaping_is_safe_in_text_and_attributes(void **state)
{
    static const struct row rows[] = {
        {"", ""},
        {"plain \xe4\xb8\xad", "plain \xe4\xb8\xad"},
        {"<a href=\"x\">", "&lt;a href=&quot;x&quot;&gt;"},
        {"'&amp;'", "&#39;&amp;amp;&#39;"},
        {"<", "&lt;"},
    };

    check_escape(writer_html_escaped, rows, COUNT_OF(rows));
}

static void url_escaping_is_safe_in_fields_and_attributes(void **state)
{
    static const struct row rows[] = {
        {"", ""},
        {"/a-b._~/c", "/a-b._~/c"},
        {"/!$()*+,;=:@", "/!$()*+,;=:@"},
        {"/a b", "/a%20b"},
        {"/100%", "/100%25"},
        {"/?#[]", "/%3F%23%5B%5D"},
        {"/a&lt;'\"<>", "/a%26lt;%27%22%3C%3E"},
        {"/\r\nSet-Cookie: x", "/%0D%0ASet-Cookie:%20x"},
        {"/\\^`{|}", "/%5C%5E%60%7B%7C%7D"},
        {"/\xe4\xb8\xad\x7f", "/%E4%B8%AD%7F"},
    };
    char block[8];
    struct writer w = writer_on(block, sizeof(block));

    check_escape(writer_url_escaped, rows, COUNT_OF(rows));
    writer_url_escaped(&w, slice_of("a\0b", 3));
    assert_content(&w, "a%00b");
}

static void expect_size(uint64_t bytes, const char *text)
{
    char block[32];
    struct writer w = writer_on(block, sizeof(block));

    writer_size(&w, bytes);
    assert_content(&w, text);
}

static void sizes_have_about_three_digits(void **state)
{
    expect_size(0, "0 B");
    expect_size(1, "1 B");
    expect_size(1023, "1023 B");
    expect_size(1024, "1.0 KiB");
    expect_size(1536, "1.5 KiB");
    expect_size(102399, "100 KiB");
    expect_size(1024 * 1023, "1023 KiB");
    expect_size(1024 * 1024 - 1, "1.0 MiB");
    expect_size(1024 * 1024, "1.0 MiB");
    expect_size(UINT64_C(5) << 30, "5.0 GiB");
    expect_size(UINT64_C(7) << 40, "7.0 TiB");
    expect_size(UINT64_MAX, "16.0 EiB");
}

static void durations_have_the_unit_that_makes_them_short(void **state)
{
    static const struct {
        uint64_t us;
        const char *text;
    } rows[] = {{0, "0 µs"},          {999, "999 µs"},
                {1000, "1.0 ms"},     {1234, "1.2 ms"},
                {999949, "999.9 ms"}, {1000000, "1.0 s"},
                {2500000, "2.5 s"},   {UINT64_C(3600000000), "3600.0 s"}};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char block[32];
        struct writer w = writer_on(block, sizeof(block));

        writer_duration(&w, rows[i].us);
        assert_true(slice_equal(writer_content(&w), slice_from_string(rows[i].text)));
    }
}

static void json_strings_escape_what_has_to_be(void **state)
{
    char block[64];
    struct writer w = writer_on(block, sizeof(block));

    writer_json_string(&w, slice_of("a\"\\/\n\x1f\x7f\xc3\xa9", 9));
    assert_true(
        slice_equal(writer_content(&w), SLICE_LITERAL("\"a\\\"\\\\/\\u000a\\u001f\x7f\xc3\xa9\"")));
}

static void an_escape_that_does_not_fit_is_not_written_in_part(void **state)
{
    char block[5];
    struct writer w = writer_on(block, sizeof(block));

    writer_log_escaped(&w, SLICE_LITERAL("ab\n"));
    assert_true(w.overflow);
    assert_content(&w, "ab");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_follow_each_other),
        cmocka_unit_test(a_full_block_takes_exactly_its_capacity),
        cmocka_unit_test(after_an_overflow_nothing_more_is_written),
        cmocka_unit_test(formatting_stays_inside_the_block),
        cmocka_unit_test(log_escaping_leaves_printable_ascii),
        cmocka_unit_test(html_escaping_is_safe_in_text_and_attributes),
        cmocka_unit_test(url_escaping_is_safe_in_fields_and_attributes),
        cmocka_unit_test(sizes_have_about_three_digits),
        cmocka_unit_test(durations_have_the_unit_that_makes_them_short),
        cmocka_unit_test(json_strings_escape_what_has_to_be),
        cmocka_unit_test(an_escape_that_does_not_fit_is_not_written_in_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
