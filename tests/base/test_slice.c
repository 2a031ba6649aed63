/* SPDX-License-Identifier: MIT */
/* test_slice.c - comparing, searching and cutting runs of bytes. */
#include "support/unit.h"

#include "base/macros.h"
#include "base/slice.h"

static struct slice slice(const char *text)
{
    return text ? slice_from_string(text) : slice_of(NULL, 0);
}

static void assert_slice(struct slice got, const char *expected)
{
    if (!slice_equal(got, slice(expected)))
        fail_msg("got '%.*s', expected '%s'", SLICE_PRINTF(got), expected);
}

static void hexadecimal_digits_have_values_and_nothing_else_has(void **state)
{
    static const char digits[] = "0123456789abcdef";

    for (int c = 0; c < 256; c++) {
        const char *found = c ? strchr(digits, ascii_lower((char)c)) : NULL;

        assert_int_equal(ascii_hex_value((char)c), found ? found - digits : -1);
    }
}

static void case_folds_for_ascii_letters_only(void **state)
{
    static const struct {
        const char *a, *b;
        bool equal, equal_nocase;
    } rows[] = {
        {"", "", true, true},
        {NULL, "", true, true},
        {"Host", "Host", true, true},
        {"Host", "hOST", false, true},
        {"Host", "Hosts", false, false},
        {"Host", "Hose", false, false},
        {"[", "{", false, false},       /* 0x5b and 0x7b: differ by 0x20 too */
        {"@", "`", false, false},       /* 0x40 and 0x60 */
        {"\xc4", "\xe4", false, false}, /* letters in Latin-1, not in ASCII */
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(slice_equal(slice(rows[i].a), slice(rows[i].b)), rows[i].equal);
        assert_int_equal(slice_equal_nocase(slice(rows[i].a), slice(rows[i].b)),
                         rows[i].equal_nocase);
    }
}

static void prefixes_and_suffixes_are_found(void **state)
{
    static const struct {
        const char *text, *part;
        bool starts, ends;
    } rows[] = {
        {"/index.html", "/", true, false}, {"/index.html", ".html", false, true},
        {"abc", "abc", true, true},        {"abc", "abcd", false, false},
        {"abc", "", true, true},           {"", "", true, true},
        {NULL, NULL, true, true},          {NULL, "a", false, false},
        {"aba", "a", true, true},          {"abc", "B", false, false},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice text = slice(rows[i].text);

        assert_int_equal(slice_starts_with(text, slice(rows[i].part)), rows[i].starts);
        assert_int_equal(slice_ends_with(text, slice(rows[i].part)), rows[i].ends);
    }
}

static void order_is_bytewise_and_shorter_first(void **state)
{
    static const char *const ordered[] = {"", "A", "a", "aa", "ab", "b", "\x7f", "\x80", "\xff"};

    for (size_t i = 0; i < COUNT_OF(ordered); i++) {
        for (size_t j = 0; j < COUNT_OF(ordered); j++) {
            int order = slice_compare(slice(ordered[i]), slice(ordered[j]));

            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
    assert_int_equal(slice_compare(slice(NULL), slice("")), 0);
}

static void a_byte_is_found_from_both_ends(void **state)
{
    static const struct {
        const char *text;
        char c;
        int first, last;
    } rows[] = {
        {"a:b:c", ':', 1, 3}, {":", ':', 0, 0},  {"abc", ':', -1, -1},
        {"", ':', -1, -1},    {NULL, 0, -1, -1}, {"\xff", '\xff', 0, 0},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(slice_find(slice(rows[i].text), rows[i].c), rows[i].first);
        assert_int_equal(slice_find_last(slice(rows[i].text), rows[i].c), rows[i].last);
    }
    assert_int_equal(slice_find(slice_of("a\0b", 3), '\0'), 1);
}

static void the_part_past_the_end_is_empty(void **state)
{
    assert_slice(slice_from(slice("abc"), 0), "abc");
    assert_slice(slice_from(slice("abc"), 2), "c");
    assert_slice(slice_from(slice("abc"), 3), "");
    assert_slice(slice_from(slice("abc"), SIZE_MAX), "");
    assert_slice(slice_from(slice(NULL), 5), "");
}

static void trimming_takes_spaces_and_tabs_alone(void **state)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"", ""},       {NULL, ""},           {" ", ""},
        {" \t ", ""},   {"a", "a"},           {" a", "a"},
        {"a\t", "a"},   {"\t a b \t", "a b"}, {"\na\r", "\na\r"},
        {"\va", "\va"}, {"\xa0 a", "\xa0 a"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_slice(slice_trim(slice(rows[i].text)), rows[i].expected);
}

static void a_control_character_is_found_anywhere(void **state)
{
    assert_false(slice_has_control(slice(NULL)));
    assert_false(slice_has_control(slice(" ~\xc3\xa4")));
    assert_true(slice_has_control(SLICE_LITERAL("a\0")));
    assert_true(slice_has_control(slice("\t")));
    assert_true(slice_has_control(slice("a\x1f"
                                        "b")));
    assert_true(slice_has_control(slice("a\x7f")));
}

static void pieces_are_cut_off_one_by_one(void **state)
{
    static const struct {
        const char *text;
        const char *pieces[4]; /* up to NULL */
    } rows[] = {
        {"a,b", {"a", "b"}}, {"a,,b", {"a", "", "b"}},  {"", {""}},     {",", {"", ""}},
        {"a", {"a"}},        {" a , b", {" a ", " b"}}, {NULL, {NULL}}, {"a,", {"a", ""}},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice rest = slice(rows[i].text);
        struct slice piece = SLICE_LITERAL("untouched");

        for (size_t n = 0; rows[i].pieces[n]; n++) {
            assert_true(slice_next(&rest, ',', &piece));
            assert_slice(piece, rows[i].pieces[n]);
        }
        piece = SLICE_LITERAL("untouched");
        assert_false(slice_next(&rest, ',', &piece));
        assert_false(slice_next(&rest, ',', &piece));
        assert_slice(piece, "untouched");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hexadecimal_digits_have_values_and_nothing_else_has),
        cmocka_unit_test(case_folds_for_ascii_letters_only),
        cmocka_unit_test(prefixes_and_suffixes_are_found),
        cmocka_unit_test(order_is_bytewise_and_shorter_first),
        cmocka_unit_test(a_byte_is_found_from_both_ends),
        cmocka_unit_test(the_part_past_the_end_is_empty),
        cmocka_unit_test(trimming_takes_spaces_and_tabs_alone),
        cmocka_unit_test(a_control_character_is_found_anywhere),
        cmocka_unit_test(pieces_are_cut_off_one_by_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
