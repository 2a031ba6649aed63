/* SPDX-License-Identifier: MIT */
/* test_mime_file.c - files of media types in both grammars, their includes and their mistakes. */
#include "support/unit.h"

#include "config/config_fixture.h"
#include "config/mime_builtin.h"
#include "config/mime_file.h"
#include "config/mime_table.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void collect(void *context, const struct config_mistake *mistake)
{
    char *messages = context;
    size_t len = strlen(messages);
    snprintf(messages + len, 4096 - len, "%s\n", mistake->text);
}

/* Parse as a file "m"; the rows come as "ext=type ", the messages behind them. */
static void expect_parse(const char *text, const char *rows, const char *messages)
{
    struct config_report report = {.messages = NULL};
    struct mime_config mime = {.rows = NULL};
    char seen[4096] = "", said[4096] = "";
    mime_file_parse("m", slice_from_string(text), &report, &mime);
    for (size_t i = 0; i < mime.count; i++) {
        size_t len = strlen(seen);
        snprintf(seen + len, sizeof(seen) - len, "%s%s=%s", i > 0 ? " " : "",
                 mime.rows[i].extension, mime.rows[i].type);
    }
    report_flush(&report, &(struct config_reporter){.report = collect, .context = said});
    assert_string_equal(seen, rows);
    assert_string_equal(said, messages);
    report_done(&report);
    mime_table_clear(&mime);
}

static void the_grammar_of_nginx_is_read(void **state)
{
    expect_parse("types {\n    text/html  html htm shtml;\n    image/png png;\n}\n",
                 "html=text/html htm=text/html shtml=text/html png=image/png", "");
    expect_parse("# c\n\ntypes{a/b c;d/e f;}", "c=a/b f=d/e", "");
    expect_parse("types { a/b\n  c\n  d # x ; }\n ; }", "c=a/b d=a/b", "");
    expect_parse("types {}\ntypes { a/b c; }", "c=a/b", "");
    expect_parse("types { a/b; }", "", "");
    expect_parse("types { 'a/b' \"c\"; }", "c=a/b", "");
}

static void the_grammar_of_etc_mime_types_is_read(void **state)
{
    expect_parse("# MIME types\ntext/html\t\thtml htm\n\ntext/css css # c\napplication/x-none\n",
                 "html=text/html htm=text/html css=text/css", "");
    expect_parse("a/b c\r\nd/e f\r\n", "c=a/b f=d/e", "");
    expect_parse("\xef\xbb\xbf"
                 "a/b c",
                 "c=a/b", "");
    expect_parse("", "", "");
    expect_parse("\n# nothing\n", "", "");
    expect_parse("application/vnd.x+y;charset 7z\n", "", "m:1:20: \";\" is not expected here\n");
}

static void letters_are_folded_and_later_rows_come_later(void **state)
{
    expect_parse("Text/HTML HTML\ntext/x html\n", "html=text/html html=text/x", "");
}

static void mistakes_of_lines_are_told_with_their_place(void **state)
{
    expect_parse("html text/html\n", "", "m:1:1: \"html\" is not a media type such as text/html\n");
    expect_parse("a/b .c\nd/e /f\n", "",
                 "m:1:5: \".c\" is not an extension: leave its dot away\n"
                 "m:2:5: \"/f\" is not an extension\n");
    expect_parse("a/b c;\nd/e f\n", "c=a/b f=d/e", "m:1:6: \";\" is not expected here\n");
    expect_parse("a/b c } d e\nf/g h\n", "c=a/b h=f/g", "m:1:7: \"}\" is not expected here\n");
    expect_parse("a/b \"c\nd/e f\n", "f=d/e", "m:1:5: the quote is not closed\n");
    expect_parse("a/b c\xff\x01\n", "", "m:1:5: \"c\xff?\" is not an extension\n");
    expect_parse("a/b/c d\n", "", "m:1:1: \"a/b/c\" is not a media type such as text/html\n");
}

static void mistakes_of_blocks_are_told_with_their_place(void **state)
{
    expect_parse("types {\n  a/b c\n  d/e f;\n}\n", "c=a/b f=a/b",
                 "m:3:3: \"d/e\" is not an extension: is a \";\" missing?\n");
    expect_parse("types {\n  a/b c;\n", "c=a/b", "m:3: the file ends, expected \"}\"\n");
    expect_parse("types {\n  a/b c }\n", "c=a/b",
                 "m:2:9: \"}\" is not expected here, expected "
                 "\";\"\n");
    expect_parse("types {\n  a/b c", "c=a/b",
                 "m:2: the file ends, expected \";\"\nm:2: the file ends, expected \"}\"\n");
    expect_parse("types a/b c; }", "",
                 "m:1:7: \"a/b\" is not expected here, expected \"{\"\n"
                 "m:1:11: \"c\" is not a media type such as text/html\n");
    expect_parse("types { a/b c; } }\nx/y z;", "c=a/b",
                 "m:1:18: \"}\" is not expected here, expected \"types {\"\n"
                 "m:2:1: \"x/y\" is not expected here, expected \"types {\"\n");
}

static void an_include_needs_a_file(void **state)
{
    expect_parse("include\n", "", "m:1:1: include without a file\n");
    expect_parse("a/b c\ninclude x\n", "c=a/b", "m:2:9: include is not possible here\n");
    expect_parse("a/b c\ninclude x y z w\n", "c=a/b",
                 "m:2:9: include is not possible here\nm:2:11: include takes one file\n");
    expect_parse("types { include; }", "", "m:1:9: include without a file\n");
}

/* --- on the file system */

static int load_types(struct config_fixture *fixture, const char *name)
{
    char text[256];
    snprintf(text, sizeof(text), "[server]\nroot = www\n[mime]\ninclude = %s\n", name);
    return fixture_load_text(fixture, text);
}

static const char *type_of(const struct config_fixture *fixture, const char *extension)
{
    const char *type = "";
    for (size_t i = 0; i < fixture->config->mime.count; i++) {
        if (strcmp(fixture->config->mime.rows[i].extension, extension) == 0)
            type = fixture->config->mime.rows[i].type;
    }
    return type;
}

static void includes_start_at_the_file_that_names_them(void **state)
{
    struct config_fixture *fixture = *state;
    assert_int_equal(mkdir("types", 0755), 0);
    assert_int_equal(mkdir("types/more", 0755), 0);
    fixture_write_text("types/all.types", "types {\n  x/one e1;\n  include more/m.types;\n}\n"
                                          "include 'more/with blank';\n");
    fixture_write_text("types/more/m.types", "x/two e2\ninclude n.types\n");
    fixture_write_text("types/more/n.types", "types { x/three e3; }");
    fixture_write_text("types/more/with blank", "x/four e4");
    assert_int_equal(load_types(fixture, "types/all.types"), 0);
    assert_string_equal(type_of(fixture, "e1"), "x/one");
    assert_string_equal(type_of(fixture, "e2"), "x/two");
    assert_string_equal(type_of(fixture, "e3"), "x/three");
    assert_string_equal(type_of(fixture, "e4"), "x/four");
}

static void a_file_of_includes_alone_is_in_either_grammar(void **state)
{
    struct config_fixture *fixture = *state;
    fixture_write_text("a.types", "x/one e1\n");
    fixture_write_text("lines", "include a.types\n");
    fixture_write_text("nginx", "include a.types;\n");
    assert_int_equal(load_types(fixture, "lines"), 0);
    assert_string_equal(type_of(fixture, "e1"), "x/one");
    assert_int_equal(load_types(fixture, "nginx"), 0);
    assert_string_equal(type_of(fixture, "e1"), "x/one");
}

/* The same file twice is no cycle. */
static void a_file_may_be_included_twice(void **state)
{
    struct config_fixture *fixture = *state;
    fixture_write_text("a.types", "x/one e1\n");
    fixture_write_text("b.types", "include a.types\ninclude a.types\n");
    assert_int_equal(load_types(fixture, "b.types"), 0);
}

static void a_cycle_is_found_through_links_too(void **state)
{
    struct config_fixture *fixture = *state;
    fixture_write_text("a.types", "x/one e1\ninclude link.types\n");
    assert_int_equal(symlink("a.types", "link.types"), 0);
    assert_int_equal(load_types(fixture, "a.types"), -EINVAL);
    assert_int_equal(fixture->error_count, 1);
    assert_non_null(strstr(fixture->messages, "/a.types:2:9: include: \""));
    assert_non_null(strstr(fixture->messages, "/link.types\" includes itself\n"));
}

static void eight_files_may_include_each_other(void **state)
{
    struct config_fixture *fixture = *state;
    char name[16], text[32];
    for (unsigned i = 1; i <= MIME_DEPTH_MAX; i++) {
        snprintf(name, sizeof(name), "%u", i);
        snprintf(text, sizeof(text), "x/y e%u\ninclude %u\n", i, i + 1);
        fixture_write_text(name, text);
    }
    snprintf(name, sizeof(name), "%u", MIME_DEPTH_MAX + 1);
    fixture_write_text(name, "x/y last\n");
    assert_int_equal(load_types(fixture, "2"), 0);
    assert_string_equal(type_of(fixture, "last"), "x/y");
    assert_int_equal(load_types(fixture, "1"), -EINVAL);
    assert_non_null(strstr(fixture->messages, "/8:2:9: include: more than 8 files"));
}

static void the_lists_of_others_are_read(void **state)
{
    struct config_fixture *fixture = *state;
    static const char *const lists[] = {"/etc/mime.types", "/etc/nginx/mime.types"};
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        if (access(lists[i], R_OK) != 0)
            continue;
        if (load_types(fixture, lists[i]) != 0)
            fail_msg("%s", fixture->messages);
        assert_string_equal(type_of(fixture, "html"), "text/html");
        assert_string_equal(type_of(fixture, "png"), "image/png");
    }
}

/* --- our own lists */

static void the_built_in_list_names_no_extension_twice(void **state)
{
    struct mime_config mime = {.rows = NULL};
    assert_int_equal(mime_table_append_builtin(&mime), 0);
    assert_true(mime.count >= 90);
    for (size_t i = 0; i < mime.count; i++) {
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(mime.rows[i].extension, mime.rows[k].extension);
    }
    mime_table_clear(&mime);
}

static void our_file_says_what_the_built_in_list_says(void **state)
{
    struct config_fixture *fixture = *state;
    const char *srcdir = getenv("srcdir");
    struct mime_config mime = {.rows = NULL};
    char name[4096];
    assert_int_equal(mime_table_append_builtin(&mime), 0);
    assert_int_equal(chdir(fixture->former_folder), 0);
    snprintf(name, sizeof(name), "%s/conf/tinyweb.conf", srcdir ? srcdir : ".");
    if (fixture_load(fixture, name, NULL) != 0)
        fail_msg("%s", fixture->messages);
    assert_true(fixture->config->mime.count > 2 * mime.count);
    for (size_t i = 0; i < mime.count; i++)
        assert_string_equal(type_of(fixture, mime.rows[i].extension), mime.rows[i].type);
    mime_table_clear(&mime);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_grammar_of_nginx_is_read),
        cmocka_unit_test(the_grammar_of_etc_mime_types_is_read),
        cmocka_unit_test(letters_are_folded_and_later_rows_come_later),
        cmocka_unit_test(mistakes_of_lines_are_told_with_their_place),
        cmocka_unit_test(mistakes_of_blocks_are_told_with_their_place),
        cmocka_unit_test(an_include_needs_a_file),
        TEST(includes_start_at_the_file_that_names_them),
        TEST(a_file_of_includes_alone_is_in_either_grammar),
        TEST(a_file_may_be_included_twice),
        TEST(a_cycle_is_found_through_links_too),
        TEST(eight_files_may_include_each_other),
        TEST(the_lists_of_others_are_read),
        cmocka_unit_test(the_built_in_list_names_no_extension_twice),
        TEST(our_file_says_what_the_built_in_list_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
