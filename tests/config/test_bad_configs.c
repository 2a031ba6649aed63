/* SPDX-License-Identifier: MIT */
/*
 * test_bad_configs.c - each file of tests/integration/bad_configs/ gives exactly what it expects:
 *
 *   # expect LINE: TEXT           an error at that line whose message has this text
 *   # expect-warning LINE: TEXT   the same of a warning
 *
 * LINE 0 is a place in another file, which TEXT names. More errors than expected are a failure.
 * What cannot be written in such a file (strange bytes, long lines) stands in rows below.
 */
#include "support/unit.h"

#include "config/config_fixture.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether a line of @messages starts with "@file:@line:" and has @text in it. */
static bool has_message(const char *messages, const char *file, unsigned line, const char *text)
{
    char start[300];
    snprintf(start, sizeof(start), "%s:%u:", file, line);
    while (*messages) {
        size_t len = strcspn(messages, "\n");
        char message[4096];
        snprintf(message, sizeof(message), "%.*s", (int)len, messages);
        if ((line == 0 || strncmp(message, start, strlen(start)) == 0) && strstr(message, text))
            return true;
        messages += len + 1;
    }
    return false;
}

/* Checks one line of the file; returns 1 for an expected error. */
static unsigned check_expectation(const struct config_fixture *fixture, const char *file,
                                  char *expectation)
{
    bool is_error = strncmp(expectation, "# expect ", 9) == 0;
    bool is_warning = strncmp(expectation, "# expect-warning ", 17) == 0;
    if (!is_error && !is_warning)
        return 0;
    expectation[strcspn(expectation, "\n")] = '\0';
    char *text;
    unsigned line = (unsigned)strtoul(expectation + (is_error ? 9 : 17), &text, 10);
    if (strncmp(text, ": ", 2) != 0)
        fail_msg("%s: bad expectation '%s'", file, expectation);
    if (!has_message(fixture->messages, file, line, text + 2))
        fail_msg("%s: no '%s' in:\n%s", file, expectation, fixture->messages);
    return is_error ? 1 : 0;
}

static void check_file(struct config_fixture *fixture, const char *file)
{
    char line[1024];
    unsigned expected = 0;
    assert_int_equal(fixture_load(fixture, file, NULL), -EINVAL);
    FILE *stream = fopen(file, "r");
    assert_non_null(stream);
    while (fgets(line, sizeof(line), stream))
        expected += check_expectation(fixture, file, line);
    fclose(stream);
    if (expected == 0 || expected != fixture->error_count)
        fail_msg("%s: %u errors, %u expected:\n%s", file, fixture->error_count, expected,
                 fixture->messages);
}

static void each_file_gives_what_it_expects(void **state)
{
    struct config_fixture *fixture = *state;
    const char *srcdir = getenv("srcdir");
    unsigned count = 0;
    char folder[4096];
    snprintf(folder, sizeof(folder), "%s/tests/integration/bad_configs", srcdir ? srcdir : ".");
    assert_int_equal(chdir(fixture->former_folder), 0);
    assert_int_equal(chdir(folder), 0);
    DIR *dir = opendir(".");
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        size_t len = strlen(entry->d_name);
        if (len < 5 || strcmp(entry->d_name + len - 5, ".conf") != 0)
            continue;
        check_file(fixture, entry->d_name);
        count++;
    }
    closedir(dir);
    assert_true(count >= 40);
    assert_int_equal(chdir(fixture->former_folder), 0);
}

static void expect_message(struct config_fixture *fixture, const char *text, size_t len,
                           unsigned line, const char *expected)
{
    fixture_write("t.conf", text, len);
    assert_int_equal(fixture_load(fixture, "t.conf", NULL), -EINVAL);
    if (!has_message(fixture->messages, "t.conf", line, expected))
        fail_msg("no '%s' in:\n%s", expected, fixture->messages);
    assert_int_equal(fixture->error_count, 1);
}

#define BYTES(s) (s), sizeof(s) - 1

static void strange_bytes_are_reported(void **state)
{
    static const struct {
        const char *text;
        size_t len;
        unsigned line;
        const char *expected;
    } rows[] = {
        {BYTES("[server]\nroot = www\nindex = a\0b\n"), 3, "NUL byte"},
        {BYTES("[server]\nroot = www\n# \0\n"), 3, "NUL byte"},
        {BYTES("[server]\nroot = www\nindex = a\x1b[1m\n"), 3, "control byte (0x1b)"},
        {BYTES("[server]\nroot = www\nindex = a\rworkers = 1\n"), 3, "control byte (0x0d)"},
        {BYTES("[server]\nroot = www\nindex = caf\xe9\n"), 3, "byte 0xe9 is not UTF-8"},
        {BYTES("[server]\nroot = www\nindex = \xc0\xae\n"), 3, "byte 0xc0 is not UTF-8"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        expect_message(*state, rows[i].text, rows[i].len, rows[i].line, rows[i].expected);
}

static void a_file_in_utf16_is_reported(void **state)
{
    struct config_fixture *fixture = *state;
    fixture_write("t.conf", "\xff\xfe[\0s\0", 6);
    assert_int_equal(fixture_load(fixture, "t.conf", NULL), -EINVAL);
    assert_true(has_message(fixture->messages, "t.conf", 1, "UTF-16"));
}

static void a_line_that_is_too_long_is_reported(void **state)
{
    char text[2000] = "[server]\nroot = www\nindex = ";
    size_t len = strlen(text);
    memset(text + len, 'a', 1100);
    expect_message(*state, text, len + 1100, 3, "the line has 1108 bytes, the limit is 1022");
}

static void what_is_no_file_is_reported(void **state)
{
    struct config_fixture *fixture = *state;
    assert_int_equal(fixture_load(fixture, "www", NULL), -EINVAL);
    assert_string_equal(fixture->messages, "www: is a directory, not a configuration file\n");

    assert_int_equal(fixture_load(fixture, "missing.conf", NULL), -EINVAL);
    assert_string_equal(fixture->messages,
                        "missing.conf: cannot read the configuration: No such file or directory\n");

    assert_int_equal(fixture_load(fixture, "/dev/zero", NULL), -EINVAL);
    assert_string_equal(fixture->messages, "/dev/zero: is larger than 1048576 bytes\n");

    fixture_write("empty.conf", "", 0);
    assert_int_equal(fixture_load(fixture, "empty.conf", NULL), -EINVAL);
    assert_true(has_message(fixture->messages, "empty.conf", 1, "the file is empty"));
}

static void what_may_not_be_read_is_reported(void **state)
{
    struct config_fixture *fixture = *state;
    if (geteuid() == 0)
        skip(); /* root reads everything */
    fixture_write_text("t.conf", "[server]\nroot = www\n");
    assert_int_equal(chmod("t.conf", 0), 0);
    assert_int_equal(fixture_load(fixture, "t.conf", NULL), -EINVAL);
    assert_string_equal(fixture->messages,
                        "t.conf: cannot read the configuration: Permission denied\n");
    assert_int_equal(chmod("t.conf", 0644), 0);
    assert_int_equal(chmod("www", 0), 0);
    assert_int_equal(fixture_load(fixture, "t.conf", NULL), -EINVAL);
    assert_true(has_message(fixture->messages, "t.conf", 2, "Permission denied"));
    assert_int_equal(chmod("www", 0755), 0);
}

/* A file of nonsense must neither flood the terminal nor take long. */
static void a_flood_of_mistakes_is_cut(void **state)
{
    struct config_fixture *fixture = *state;
    FILE *file = fopen("t.conf", "w");
    assert_non_null(file);
    fputs("[server]\nroot = www\n", file);
    for (unsigned i = 0; i < 50000; i++)
        fprintf(file, "nonsense%u = 1\n", i);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(fixture_load(fixture, "t.conf", NULL), -EINVAL);
    assert_int_equal(fixture->error_count, 101);
    assert_non_null(strstr(fixture->messages, "\ntoo many mistakes: the rest is not shown\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_file_gives_what_it_expects), TEST(strange_bytes_are_reported),
        TEST(a_file_in_utf16_is_reported),     TEST(a_line_that_is_too_long_is_reported),
        TEST(what_is_no_file_is_reported),     TEST(what_may_not_be_read_is_reported),
        TEST(a_flood_of_mistakes_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
