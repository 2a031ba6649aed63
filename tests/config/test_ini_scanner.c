/* SPDX-License-Identifier: MIT */
/* test_ini_scanner.c - what the scanner takes, where it sees it, and that iniparser takes the same. */
#include "support/unit.h"

#include "base/macros.h"
#include "config/ini_scanner.h"

#if __has_include(<iniparser/iniparser.h>)
#include <iniparser/iniparser.h>
#else
#include <iniparser.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What the sink was told, as text: "[section]@1:1", "section/key=value@2:1:5", "error 3:4 text". */
struct record {
    char text[8192];
    unsigned pairs;
};

static void append(struct record *record, const char *format, ...) PRINTF_LIKE(2, 3);

static void append(struct record *record, const char *format, ...)
{
    size_t len = strlen(record->text);
    va_list args;
    va_start(args, format);
    vsnprintf(record->text + len, sizeof(record->text) - len, format, args);
    va_end(args);
}

static void on_section(void *context, struct slice name, unsigned line, unsigned column)
{
    append(context, "[%.*s]@%u:%u\n", SLICE_PRINTF(name), line, column);
}

static void on_pair(void *context, const struct ini_pair *pair)
{
    struct record *record = context;
    record->pairs++;
    append(record, "%.*s/%.*s", SLICE_PRINTF(pair->section), SLICE_PRINTF(pair->key));
    if (pair->value.data)
        append(record, "=%.*s@%u:%u:%u\n", SLICE_PRINTF(pair->value), pair->line, pair->key_column,
               pair->value_column);
    else
        append(record, " unusable\n");
}

static void on_problem(void *context, bool is_error, unsigned line, unsigned column,
                       const char *text)
{
    append(context, "%s %u:%u %s\n", is_error ? "error" : "warning", line, column, text);
}

static struct record scan_bytes(const char *text, size_t len)
{
    struct record record = {.pairs = 0};
    ini_scan(slice_of(text, len), &(struct ini_sink){.section = on_section,
                                                     .pair = on_pair,
                                                     .problem = on_problem,
                                                     .context = &record});
    return record;
}

static void expect_scan_bytes(const char *text, size_t len, const char *expected)
{
    struct record record = scan_bytes(text, len);
    assert_string_equal(record.text, expected);
}

static struct record scan(const char *text)
{
    return scan_bytes(text, strlen(text));
}

static void expect_scan(const char *text, const char *expected)
{
    struct record record = scan(text);
    assert_string_equal(record.text, expected);
}

static void pairs_come_with_their_places(void **state)
{
    expect_scan("[a]\nk = v\n\n  key2 =  two words  ; comment\n[b] # end\nk=",
                "[a]@1:1\na/k=v@2:1:5\na/key2=two words@4:3:11\n[b]@5:1\nb/k=@6:1:0\n");
}

static void names_are_given_as_written(void **state)
{
    expect_scan("[ Server ]\nROOT = X", "[Server]@1:1\nServer/ROOT=X@2:1:8\n");
}

static void quotes_keep_comment_marks_and_blanks(void **state)
{
    expect_scan("[a]\nk = \"x ; # y\"", "[a]@1:1\na/k=x ; # y@2:1:6\n");
    expect_scan("[a]\nk = '  \"x\"  ' ; c", "[a]@1:1\na/k=  \"x\"  @2:1:6\n");
    expect_scan("[a]\nk = \"\"", "[a]@1:1\na/k=@2:1:6\n");
    expect_scan("[a]\nk = \"x\"#c", "[a]@1:1\na/k=x@2:1:6\n");
    expect_scan("[a]\nk = it's", "[a]@1:1\na/k=it's@2:1:5\n");
}

static void a_value_may_hold_an_equals_sign(void **state)
{
    expect_scan("[a]\nk = a=b\nj==c", "[a]@1:1\na/k=a=b@2:1:5\na/j==c@3:1:3\n");
}

static void comments_hide_whatever_they_hold(void **state)
{
    expect_scan("; \x01 \xff [x\n# k = v \\\n[a]\n;k=v\nk = v", "[a]@3:1\na/k=v@5:1:5\n");
}

static void a_value_cut_without_a_blank_is_warned_of(void **state)
{
    expect_scan("[a]\nk = /a;b",
                "[a]@1:1\nwarning 2:7 \";\" starts a comment, the value is only \"/a\": put it in "
                "quotes to keep all\na/k=/a@2:1:5\n");
    expect_scan("[a]\nk = x#y",
                "[a]@1:1\nwarning 2:6 \"#\" starts a comment, the value is only \"x\": put it in "
                "quotes to keep all\na/k=x@2:1:5\n");
    expect_scan("[a]\nk = ; b\nj = x ;y", "[a]@1:1\na/k=@2:1:5\na/j=x@3:1:5\n");
    expect_scan("[a]\nk = #369",
                "[a]@1:1\nwarning 2:5 \"#\" starts a comment, so there is no value: "
                "put it in quotes to keep all\na/k=@2:1:5\n");
}

static void a_broken_value_still_names_its_key(void **state)
{
    expect_scan("[a]\nk = \"x\n", "[a]@1:1\nerror 2:5 the quote \" is not closed\na/k unusable\n");
    expect_scan("[a]\nk = \"x\" y\n",
                "[a]@1:1\nerror 2:9 text after the closing quote: \"y\"\na/k unusable\n");
    expect_scan("[a]\nk = \"x\\\"\n",
                "[a]@1:1\nerror 2:7 \"\\\" inside quotes: there are no escapes\na/k unusable\n");
    expect_scan("[a]\nk = x \\\n",
                "[a]@1:1\nerror 2:7 a line cannot be continued with \"\\\"\na/k unusable\n");
    expect_scan("[a]\nk\n", "[a]@1:1\nerror 2:2 \"=\" is missing after \"k\"\na/k unusable\n");
    expect_scan("[a]\nk: v\n", "[a]@1:1\nerror 2:2 \"=\" is missing after \"k\": write k = v\n"
                               "a/k unusable\n");
}

static void what_other_servers_read_is_told_as_it_is_written_here(void **state)
{
    expect_scan("server {\n listen 80;\n}\n",
                "error 1:8 \"{\": a section is a line such as [server], [host NAME] or "
                "[location NAME]\n"
                "error 2:8 \"=\" is missing after \"listen\": write listen = 80\n"
                "error 3:1 \"}\": a section ends where the next one begins\n");
    expect_scan("[a]\nautoindex on;\n", "[a]@1:1\nerror 2:10 \"=\" is missing after \"autoindex\", "
                                        "and here it is listing = on\na/autoindex unusable\n");
    expect_scan("[a]\nk = v;\n",
                "[a]@1:1\nwarning 2:6 \";\" starts a comment: a line needs none at "
                "its end\na/k=v@2:1:5\n");
    expect_scan("[a]\nk = ;\nk2 = v # x;\n", "[a]@1:1\na/k=@2:1:5\na/k2=v@3:1:6\n");
}

static void keys_below_a_broken_section_are_left_out(void **state)
{
    expect_scan("[a\nk = v\n", "error 1:1 \"[\" without \"]\"\n");
    expect_scan("[a]\n[]\nk = v\n", "[a]@1:1\nerror 2:1 section without a name\n");
    expect_scan("[a:b]\nk = v\n", "error 1:3 \":\" in the name of a section\n");
    expect_scan("[a] k\nk = v\n", "error 1:5 text after \"]\": \"k\"\n");
}

static void keys_above_all_sections_are_an_error(void **state)
{
    expect_scan("k = v\n", "error 1:1 \"k\" stands outside of a section: put [server] above it\n");
}

static void bytes_that_are_no_text_are_found(void **state)
{
    expect_scan_bytes("[a]\nk = \0x\n", 11,
                      "[a]@1:1\nerror 2:5 NUL byte (0x00) in the line\na/k unusable\n");
    expect_scan_bytes("# \0\n", 4, "error 1:3 NUL byte (0x00) in the line\n");
    expect_scan("[a]\nk = x\x1by",
                "[a]@1:1\nerror 2:6 control byte (0x1b) in the line\na/k unusable\n");
    expect_scan("[a]\nk = \xe9t\xe9",
                "[a]@1:1\nerror 2:5 byte 0xe9 is not UTF-8; save the file in that encoding\n"
                "a/k unusable\n");
    expect_scan("[a]\rk = v\r\n", "error 1:4 control byte (0x0d) in the line\n");
}

static void line_ends_and_byte_order_marks_of_other_systems_are_taken(void **state)
{
    expect_scan("\xef\xbb\xbf[a]\r\nk = v\r\n\r\n", "[a]@1:1\na/k=v@2:1:5\n");
    expect_scan("\xff\xfe[\0a\0", "error 1:1 the file is UTF-16: save it as UTF-8\n");
    expect_scan("\xfe\xff", "error 1:1 the file is UTF-16: save it as UTF-8\n");
    expect_scan("", "");
    expect_scan("\n\n", "");
}

static void a_line_has_a_limit(void **state)
{
    char text[INI_LINE_MAX + 64] = "[a]\nk=";
    size_t len = strlen(text), end = 4 + INI_LINE_MAX;
    memset(text + len, 'x', end - len);
    struct record record = scan_bytes(text, end);
    assert_int_equal(record.pairs, 1);
    assert_null(strstr(record.text, "error"));

    text[end] = 'x';
    assert_string_equal(
        scan_bytes(text, end + 1).text,
        "[a]@1:1\nerror 2:1 the line has 1023 bytes, the limit is 1022\na/k unusable\n");
}

static void a_name_has_a_limit(void **state)
{
    char text[256] = "[a]\n";
    memset(text + 4, 'k', INI_NAME_MAX);
    strcpy(text + 4 + INI_NAME_MAX, "=v\n");
    assert_int_equal(scan(text).pairs, 1);
    text[4 + INI_NAME_MAX] = 'k';
    strcpy(text + 5 + INI_NAME_MAX, "=v\n");
    expect_scan(text, "[a]@1:1\nerror 2:1 the name of the key has 65 bytes, the limit is 64\n");
}

/* --- beside iniparser */

static int stay_silent(const char *format, ...)
{
    (void)format;
    return 0;
}

/* NULL when iniparser refuses the text. */
static dictionary *parse(const char *text)
{
    char path[] = "/tmp/tinyweb-ini-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    iniparser_set_error_callback(stay_silent);
    dictionary *pairs = iniparser_load(path);
    iniparser_set_error_callback(NULL);
    unlink(path);
    return pairs;
}

struct comparison {
    dictionary *pairs;
    const char *text;
    unsigned count;
};

static void compare_pair(void *context, const struct ini_pair *pair)
{
    struct comparison *comparison = context;
    char name[256], value[INI_LINE_MAX + 1];
    snprintf(name, sizeof(name), "%.*s:%.*s", SLICE_PRINTF(pair->section), SLICE_PRINTF(pair->key));
    snprintf(value, sizeof(value), "%.*s", SLICE_PRINTF(pair->value));
    const char *theirs = iniparser_getstring(comparison->pairs, name, NULL);
    comparison->count++;
    if (!theirs || strcmp(theirs, value) != 0)
        fail_msg("'%s': %s is '%s' here and '%s' there", comparison->text, name, value,
                 theirs ? theirs : "nothing");
}

static void ignore_section(void *context, struct slice name, unsigned line, unsigned column)
{
    (void)context;
    (void)name;
    (void)line;
    (void)column;
}

static void refuse_problem(void *context, bool is_error, unsigned line, unsigned column,
                           const char *text)
{
    struct comparison *comparison = context;
    (void)column;
    if (is_error)
        fail_msg("'%s': line %u: %s", comparison->text, line, text);
}

static void what_is_accepted_iniparser_reads_the_same_way(void **state)
{
    static const char *const texts[] = {
        "[a]\nk = v\n",
        "[a]\nk=v",
        "  [ a ]  \n\tk\t=\tv w\t\n",
        "[A]\nKey = Value\n",
        "[a]\nk = 1\n[b]\nk = 2\n[a]\nj = 3\n",
        "[a]\nk = \"x ; # y\"\nj = ' z '\n",
        "[a]\nk = \"x\" ; comment\nj = 'y'# comment\n",
        "[a]\nk = it's\nj = x\"y\ni = '\"'\nh = \"'\"\n",
        "[a]\nk =\nj = \"\"\ni = ''\nh = ;c\ng = #c\n",
        "[a]\nk = a;b\nj = c#d\ni = e ; f\n",
        "[a]\nk = a=b\nj==c\ni = =\n",
        "[a]\nlog_level.net = debug\nerror_page.404 = /404.html\n",
        "[a]\r\nk = v\r\nj = \"w\"\r\n",
        "[a]\nk = 中文 測試\n; ключ = x\n",
        "[a]\nk = a\tb\n",
        "[a b]\nc d = e\n",
        "# k = v\n[a]\n;k = w\nk = x\n\n\n",
        "[a]\nk = /path\\with\\back\n",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct comparison comparison = {.pairs = parse(texts[i]), .text = texts[i]};
        assert_non_null(comparison.pairs);
        ini_scan(slice_from_string(texts[i]), &(struct ini_sink){.section = ignore_section,
                                                                 .pair = compare_pair,
                                                                 .problem = refuse_problem,
                                                                 .context = &comparison});
        unsigned theirs = 0;
        for (int s = 0; s < iniparser_getnsec(comparison.pairs); s++)
            theirs += (unsigned)iniparser_getsecnkeys(comparison.pairs,
                                                      iniparser_getsecname(comparison.pairs, s));
        assert_int_equal(comparison.count, theirs);
        iniparser_freedict(comparison.pairs);
    }
}

/* Each text is one that iniparser takes without a word, for something else than what it says. */
static void what_iniparser_swallows_is_an_error_here(void **state)
{
    static const char *const texts[] = {
        "[a]\nk = \"x\n",                          /* unterminated */
        "[a]\nk = 'x\n",                           /* the same */
        "[a]\nk = \"x\" y\n",                      /* y is dropped */
        "[a]\nk = \"a \\\" b\"\n",                 /* cut at the quote, or an escape in 4.2 */
        "[a]\nk = x \\\n  y\n",                    /* one line */
        "[a:b]\nc = d\n",                          /* equals [a] b:c */
        "[a]\nb:c = d\n",          "k = v\n[a]\n", /* no section at all */
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        dictionary *pairs = parse(texts[i]);
        struct record record = scan(texts[i]);
        if (!pairs || !strstr(record.text, "error"))
            fail_msg("'%s': %s", texts[i], pairs ? record.text : "refused by iniparser");
        iniparser_freedict(pairs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_come_with_their_places),
        cmocka_unit_test(names_are_given_as_written),
        cmocka_unit_test(quotes_keep_comment_marks_and_blanks),
        cmocka_unit_test(a_value_may_hold_an_equals_sign),
        cmocka_unit_test(comments_hide_whatever_they_hold),
        cmocka_unit_test(a_value_cut_without_a_blank_is_warned_of),
        cmocka_unit_test(a_broken_value_still_names_its_key),
        cmocka_unit_test(what_other_servers_read_is_told_as_it_is_written_here),
        cmocka_unit_test(keys_below_a_broken_section_are_left_out),
        cmocka_unit_test(keys_above_all_sections_are_an_error),
        cmocka_unit_test(bytes_that_are_no_text_are_found),
        cmocka_unit_test(line_ends_and_byte_order_marks_of_other_systems_are_taken),
        cmocka_unit_test(a_line_has_a_limit),
        cmocka_unit_test(a_name_has_a_limit),
        cmocka_unit_test(what_is_accepted_iniparser_reads_the_same_way),
        cmocka_unit_test(what_iniparser_swallows_is_an_error_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
