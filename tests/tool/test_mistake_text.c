/* SPDX-License-Identifier: MIT */
/* test_mistake_text.c - the excerpt and its caret; and strings of JSON. */
#include "support/unit.h"

#include "tool/json_text.h"
#include "tool/mistake_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect(struct slice line, unsigned column, bool is_coloured, const char *expected)
{
    const struct config_mistake mistake = {
        .is_error = true,
        .text = "t",
        .message = "t",
        .place = {.file = "f", .line = 12, .column = column},
        .line = line,
    };
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    mistake_print(&mistake, is_coloured, out);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, expected);
    free(text);
}

static void the_caret_stands_below_its_character(void **state)
{
    expect(SLICE_LITERAL("a = b"), 5, false, "t\n   12 | a = b\n      |     ^\n");
    expect(SLICE_LITERAL("a = b\r"), 1, false, "t\n   12 | a = b\n      | ^\n");
    expect(SLICE_LITERAL("a\t= b"), 5, false, "t\n   12 | a = b\n      |     ^\n");
    expect(SLICE_LITERAL("\xc3\xa4 = b"), 6, false, "t\n   12 | \xc3\xa4 = b\n      |     ^\n");
    expect(SLICE_LITERAL("a ="), 4, false, "t\n   12 | a =\n      |    ^\n");
    expect(SLICE_LITERAL("a ="), 400, false, "t\n   12 | a =\n      |    ^\n");
}

static void a_place_without_a_column_has_no_caret(void **state)
{
    expect(SLICE_LITERAL("[server]"), 0, false, "t\n   12 | [server]\n");
}

static void a_place_without_a_line_has_no_excerpt(void **state)
{
    expect(slice_of(NULL, 0), 3, false, "t\n");
}

static void bytes_that_steer_a_terminal_are_not_shown(void **state)
{
    expect(slice_of("\x1b[1m\0\xff\xc3(\x7f", 9), 9, false,
           "t\n   12 | ?[1m??"
           "?(?\n      |         ^\n");
}

static void of_a_long_line_a_part_is_shown(void **state)
{
    char line[1000], *text = NULL;
    size_t len = 0;
    memset(line, 'x', sizeof(line));
    line[500] = '!';
    FILE *out = open_memstream(&text, &len);
    mistake_print(&(struct config_mistake){.text = "t",
                                           .place = {.file = "f", .line = 1, .column = 501},
                                           .line = slice_of(line, sizeof(line))},
                  false, out);
    assert_int_equal(fclose(out), 0);
    const char *first = strchr(text, '\n') + 1, *second = strchr(first, '\n') + 1;
    assert_true(second - first < 130);
    assert_int_equal(first[strchr(second, '^') - second], '!');
    free(text);
}

static void colour_is_for_the_caret_alone(void **state)
{
    expect(SLICE_LITERAL("a"), 1, true, "t\n   12 | a\n      | \x1b[31m^\x1b[0m\n");
}

static void json_is_valid_whatever_the_bytes(void **state)
{
    char *text = NULL, long_text[400];
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    memset(long_text, '"', sizeof(long_text));
    json_member("a", slice_of("x\n\"\xff\xc3\xa9\xc3", 7), true, out);
    json_member("b", slice_of(NULL, 0), false, out);
    json_string(slice_of(long_text, sizeof(long_text)), out);
    assert_int_equal(fclose(out), 0);
    const char *start = "\"a\": \"x\\u000a\\\"?\xc3\xa9?\", \"b\": null\"";
    assert_memory_equal(text, start, strlen(start));
    assert_int_equal(len, strlen(start) + 2 * sizeof(long_text) + 1);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_caret_stands_below_its_character),
        cmocka_unit_test(a_place_without_a_column_has_no_caret),
        cmocka_unit_test(a_place_without_a_line_has_no_excerpt),
        cmocka_unit_test(bytes_that_steer_a_terminal_are_not_shown),
        cmocka_unit_test(of_a_long_line_a_part_is_shown),
        cmocka_unit_test(colour_is_for_the_caret_alone),
        cmocka_unit_test(json_is_valid_whatever_the_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
