/* SPDX-License-Identifier: MIT */
/* test_path_glob.c - patterns and the paths that they are for. */
#include "support/unit.h"

#include "http/path_glob.h"

static void patterns_match_names_and_whole_paths(void **state)
{
    static const struct {
        const char *pattern, *name;
        bool matches;
    } rows[] = {
        {"*.css", "a.css", true},
        {"*.css", "x/y/a.css", true},
        {"*.css", ".css", true},
        {"*.css", "a.css/b", false},
        {"*.css", "a.cssx", false},
        {"*.css", "", false},
        {"*", "", true},
        {"*", "a/", true},
        {"a*c", "abc", true},
        {"a*c", "ac", true},
        {"a*c", "a/c", false},
        {"a*b*c", "aXbYbZc", true},
        {"a*b*c", "aXcYb", false},
        {"?", "a", true},
        {"?", "", false},
        {"??", "ab", true},
        {"a?c", "a/c", false},
        {"sw.js", "sw.js", true},
        {"sw.js", "deep/sw.js", true},
        {"/sw.js", "deep/sw.js", false},
        {"/sw.js", "sw.js", true},
        {"/img/**", "img/", true},
        {"/img/**", "img/a", true},
        {"/img/**", "img/a/b/c", true},
        {"/img/**", "img", false},
        {"/img/**", "imgs/a", false},
        {"/img/*", "img/a", true},
        {"/img/*", "img/a/b", false},
        {"/*/x", "a/x", true},
        {"/*/x", "a/b/x", false},
        {"/**/x.css", "x.css", true},
        {"/**/x.css", "a/b/x.css", true},
        {"/**/x.css", "ax.css", false},
        {"/a/**/b", "a/b", true},
        {"/a/**/b", "a/x/y/b", true},
        {"/a/**/b", "ab", false},
        {"/a**/b", "a/b", true},
        {"/a**/b", "ab", false},
        {"/a**b", "ax/yb", true},
        {"/**", "", true},
        {"/**", "a/b/", true},
        {"/", "", true},
        {"/", "a", false},
        {"***", "abc", true},
        {"/**/*.css", "a.css", true},
        {"/**/*.css", "x/a.css", true},
        {"/i/**/**/*.css", "i/a.css", true},
        {"/i/**/**/*.css", "i/x/y/a.css", true},
        {"/i/**/**", "i/", true},
        {"/**/**/**/a", "a", true},
        {"/**/a/**/**/b", "a/b", true},
        {"\xc3\xa4*", "\xc3\xa4x", true},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct path_glob glob;

        assert_true(path_glob_compile(&glob, slice_from_string(rows[i].pattern)));
        if (path_glob_matches(&glob, slice_from_string(rows[i].name)) != rows[i].matches)
            fail_msg("'%s' and '%s'", rows[i].pattern, rows[i].name);
    }
}

static void a_pattern_has_a_step_a_byte(void **state)
{
    char pattern[PATH_GLOB_LENGTH_MAX + 1], name[PATH_GLOB_LENGTH_MAX];
    struct path_glob glob;

    memset(pattern, 'a', sizeof(pattern));
    memset(name, 'a', sizeof(name));
    assert_true(path_glob_compile(&glob, slice_of(pattern, PATH_GLOB_LENGTH_MAX)));
    assert_true(path_glob_matches(&glob, slice_of(name, sizeof(name))));
    assert_false(path_glob_matches(&glob, slice_of(name, sizeof(name) - 1)));
    assert_false(path_glob_compile(&glob, slice_of(pattern, sizeof(pattern))));
}

/* What makes others go back and forth. */
static void many_stars_take_no_longer(void **state)
{
    static char name[100000];
    struct path_glob glob;

    memset(name, 'a', sizeof(name));
    assert_true(path_glob_compile(&glob, SLICE_LITERAL("/**a*a*a*a*a*a*a*a*a*a*a*a*a**b")));
    for (int i = 0; i < 20; i++)
        assert_false(path_glob_matches(&glob, slice_of(name, sizeof(name))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_names_and_whole_paths),
        cmocka_unit_test(a_pattern_has_a_step_a_byte),
        cmocka_unit_test(many_stars_take_no_longer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
