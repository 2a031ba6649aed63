/* SPDX-License-Identifier: MIT */
/* test_config_files.c - configurations that consist of several files. */
#include "support/unit.h"

#include "config/config_fixture.h"
#include "config/config_origin.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct config *load(struct config_fixture *fixture, const char *text)
{
    if (fixture_load_text(fixture, text) != 0)
        fail_msg("%s", fixture->messages);
    return fixture->config;
}

static void expect_message(const struct config_fixture *fixture, const char *part)
{
    if (!strstr(fixture->messages, part))
        fail_msg("no \"%s\" in: %s", part, fixture->messages);
}

static void make_folder(const char *name)
{
    assert_int_equal(mkdir(name, 0755), 0);
}

static void files_are_read_in_order_of_their_names(void **state)
{
    struct config_fixture *fixture = *state;
    make_folder("conf.d");
    fixture_write_text("conf.d/20-b.conf", "[host b]\nserver_name = b\n");
    fixture_write_text("conf.d/10-a.conf", "[host a]\nserver_name = a\n");
    fixture_write_text("conf.d/.hidden.conf", "x");
    fixture_write_text("conf.d/c.conf.bak", "x");
    const struct config *config = load(fixture, "[server]\ninclude = conf.d/*.conf\nroot = www\n");
    assert_string_equal(fixture->messages, "");
    assert_int_equal(config->host_count, 2);
    assert_string_equal(config->hosts[0].name, "a");
    assert_string_equal(config->hosts[1].name, "b");
    assert_int_equal(config->server.include.count, 2);
    assert_string_equal(config->server.include.items[0], "conf.d/10-a.conf");
}

static void what_is_included_replaces_what_includes_it(void **state)
{
    struct config_fixture *fixture = *state;
    fixture_write_text("own.conf", "[server]\nworkers = 2\n");
    const struct config *config = load(fixture,
                                       "[server]\ninclude = own.conf\nroot = www\nworkers = 1\n");
    assert_string_equal(fixture->messages, "");
    assert_int_equal(config->server.workers, 2);
    const struct config_place *place = origin_find(config, "server", "workers");
    assert_string_equal(place->file, "own.conf");
    assert_int_equal(place->line, 2);
    assert_int_equal(place->column, 11);
}

static void two_files_that_say_the_same_key_are_warned_of(void **state)
{
    struct config_fixture *fixture = *state;
    fixture_write_text("a.conf", "[server]\nworkers = 2\n[host x]\nserver_name = a\n");
    fixture_write_text("b.conf", "[server]\nworkers = 3\n[host x]\nserver_name = b\n");
    const struct config *config = load(
        fixture, "[server]\ninclude = a.conf b.conf\nroot = www\nworkers = 1\n");
    assert_int_equal(config->server.workers, 3);
    assert_int_equal(fixture->warning_count, 2);
    expect_message(fixture, "b.conf:2:1: warning: \"workers\" replaces that of a.conf:2\n"
                            "b.conf:4:1: warning: \"server_name\" replaces that of a.conf:4\n");
}

static void relative_paths_start_at_the_file_that_has_them(void **state)
{
    struct config_fixture *fixture = *state;
    make_folder("conf.d");
    make_folder("conf.d/more");
    make_folder("conf.d/more/site");
    fixture_write_text("conf.d/a.conf", "[server]\ninclude = more/b.conf\n");
    fixture_write_text("conf.d/more/b.conf", "[server]\nroot = site\n");
    const struct config *config = load(fixture, "[server]\ninclude = conf.d/a.conf\n");
    assert_string_equal(config->site.root + strlen(fixture->folder), "/conf.d/more/site");
    assert_string_equal(config->path + strlen(fixture->folder), "/t.conf");
}

static void a_pattern_may_match_nothing_but_a_file_has_to_be_there(void **state)
{
    struct config_fixture *fixture = *state;
    load(fixture, "[server]\ninclude = conf.d/*.conf\nroot = www\n");
    assert_string_equal(fixture->messages, "");
    assert_int_not_equal(fixture_load_text(fixture, "[server]\nroot = www\n"
                                                    "include = *.none conf.d/a.conf www\n"),
                         0);
    expect_message(fixture, "t.conf:3:18: include: cannot read \"conf.d/a.conf\": No such file");
    expect_message(fixture, "t.conf:3:32: include: cannot read \"www\": Is a directory, expected "
                            "files such as conf.d/*.conf");
    assert_int_equal(fixture->error_count, 2);
}

static void cycles_are_found_through_links_too(void **state)
{
    struct config_fixture *fixture = *state;
    fixture_write_text("a.conf", "[server]\ninclude = b.conf\n");
    assert_int_equal(symlink("a.conf", "b.conf"), 0);
    assert_int_not_equal(fixture_load_text(fixture, "[server]\nroot = www\ninclude = a.conf\n"), 0);
    expect_message(fixture, "a.conf:2:11: include: \"b.conf\" includes itself");
    assert_int_not_equal(fixture_load_text(fixture, "[server]\nroot = www\ninclude = *.conf\n"), 0);
    expect_message(fixture, "t.conf:3:11: include: \"t.conf\" includes itself");
}

static void a_file_that_is_named_twice_is_read_once(void **state)
{
    struct config_fixture *fixture = *state;
    fixture_write_text("a.conf", "[server]\nworkers = 2\n");
    assert_int_equal(
        load(fixture, "[server]\nroot = www\ninclude = a.conf ./a.conf *a.conf\n")->server.workers,
        2);
    assert_string_equal(fixture->messages, "");
}

static void there_is_an_end_to_including(void **state)
{
    struct config_fixture *fixture = *state;
    for (int i = 1; i < 9; i++) {
        char name[16], text[64];
        (void)snprintf(name, sizeof(name), "%d.conf", i);
        (void)snprintf(text, sizeof(text), "[server]\ninclude = %d.conf\n", i + 1);
        fixture_write_text(name, i == 8 ? "[server]\nworkers = 2\n" : text);
    }
    assert_int_not_equal(fixture_load_text(fixture, "[server]\nroot = www\ninclude = 1.conf\n"), 0);
    expect_message(fixture, "7.conf:2:11: include: more than 8 files include each other");
    load(fixture, "[server]\nroot = www\ninclude = 2.conf\n");
}

static void messages_are_in_the_order_of_files_and_lines(void **state)
{
    struct config_fixture *fixture = *state;
    fixture_write_text("a.conf", "[server]\nx1 = 1\n\n\n\n\nlisten = y\n");
    fixture_write_text("m.types", "x y\n");
    assert_int_not_equal(fixture_load_text(fixture, "[server]\ninclude = a.conf\nx2 = 1\n[mime]\n"
                                                    "include = m.types\n[server]\nroot = no\n"),
                         0);
    const char *first = strstr(fixture->messages, "t.conf:3:1: unknown key \"x2\"\n");
    const char *second = strstr(fixture->messages, "m.types:1:1: \"x\" is not a media type");
    const char *third = strstr(fixture->messages, "\nt.conf:7:8: root: ");
    assert_ptr_equal(first, fixture->messages);
    assert_true(second && third && second < third);
    expect_message(fixture, "\na.conf:2:1: unknown key \"x1\"\na.conf:7:10: listen: \"y\"");
}

static void a_variable_may_name_the_folder(void **state)
{
    struct config_fixture *fixture = *state;
    make_folder("conf [1]*");
    fixture_write_text("conf [1]*/a.conf", "[server]\ninclude = *.x\n");
    fixture_write_text("conf [1]*/b.x", "[server]\nworkers = 4\n");
    fixture->environment = (const char *const[]){"DIR=conf?[[]1]*", NULL};
    assert_int_equal(
        load(fixture, "[server]\nroot = www\ninclude = ${DIR}/*.conf\n")->server.workers, 4);
}

static void an_include_without_a_value_is_an_error(void **state)
{
    struct config_fixture *fixture = *state;
    assert_int_not_equal(fixture_load_text(fixture, "[server]\nroot = www\ninclude =\n"), 0);
    expect_message(fixture, "include has no value, expected files such as conf.d/*.conf");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_are_read_in_order_of_their_names),
        TEST(what_is_included_replaces_what_includes_it),
        TEST(two_files_that_say_the_same_key_are_warned_of),
        TEST(relative_paths_start_at_the_file_that_has_them),
        TEST(a_pattern_may_match_nothing_but_a_file_has_to_be_there),
        TEST(cycles_are_found_through_links_too),
        TEST(a_file_that_is_named_twice_is_read_once),
        TEST(there_is_an_end_to_including),
        TEST(messages_are_in_the_order_of_files_and_lines),
        TEST(a_variable_may_name_the_folder),
        TEST(an_include_without_a_value_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
