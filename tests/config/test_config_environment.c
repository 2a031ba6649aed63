/* SPDX-License-Identifier: MIT */
/* test_config_environment.c - directives out of the environment. */
#include "support/unit.h"

#include "config/config_fixture.h"
#include "config/config_origin.h"

#include <string.h>

#define ENVIRONMENT(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char hosts[] = "[server]\nroot = www\nworkers = 1\n"
                            "[host www.a-b]\nserver_name = a\n"
                            "[location down loads]\nprefix = /d\n";

static const struct config *load(struct config_fixture *fixture, const char *const *environment,
                                 const char *text)
{
    fixture->environment = environment;
    if (fixture_load_text(fixture, text) != 0)
        fail_msg("%s", fixture->messages);
    return fixture->config;
}

static void expect_message(const struct config_fixture *fixture, const char *part)
{
    if (!strstr(fixture->messages, part))
        fail_msg("no \"%s\" in: %s", part, fixture->messages);
}

static void a_variable_replaces_the_value_of_the_file(void **state)
{
    struct config_fixture *fixture = *state;
    const struct config *config = load(
        fixture,
        ENVIRONMENT("TINYWEB_SERVER_WORKERS=3", "TINYWEB_SERVER_HEADER_TIMEOUT=7s",
                    "TINYWEB_MIME_CHARSET=off", "TINYWEB_CACHE_MAX_SIZE=1m", "OTHER=1",
                    "TINYWEB=x"),
        hosts);
    assert_int_equal(config->server.workers, 3);
    assert_int_equal(config->server.header_timeout_ms, 7000);
    assert_null(config->mime.charset);
    assert_int_equal(config->cache.max_size, 1024 * 1024);
    assert_string_equal(fixture->messages, "");
    assert_string_equal(origin_find(config, "server", "workers")->file,
                        "environment TINYWEB_SERVER_WORKERS");
}

static void the_command_line_has_the_last_word(void **state)
{
    struct config_fixture *fixture = *state;
    static const struct config_override overrides[] = {{"server.workers=5", "-g"}, {NULL, NULL}};
    fixture->environment = ENVIRONMENT("TINYWEB_SERVER_WORKERS=3");
    fixture_write_text("t.conf", hosts);
    assert_int_equal(fixture_load(fixture, "t.conf", overrides), 0);
    assert_int_equal(fixture->config->server.workers, 5);
    assert_string_equal(origin_find(fixture->config, "server", "workers")->file, "-g");
}

static void no_file_is_needed(void **state)
{
    struct config_fixture *fixture = *state;
    fixture->environment = ENVIRONMENT("TINYWEB_SERVER_ROOT=www");
    assert_int_equal(fixture_load(fixture, NULL, NULL), 0);
    assert_string_equal(fixture->config->site.root + strlen(fixture->folder), "/www");
}

static void families_have_members(void **state)
{
    struct config_fixture *fixture = *state;
    fixture_write_text("www/e.html", "x");
    const struct config *config = load(fixture,
                                       ENVIRONMENT("TINYWEB_SERVER_LOG_LEVEL_NET=debug",
                                                   "TINYWEB_SERVER_LOG_LEVEL=error",
                                                   "TINYWEB_SERVER_ERROR_PAGE_404=/e.html",
                                                   "TINYWEB_SERVER_HEADER_X_FRAME_OPTIONS=DENY"),
                                       hosts);
    assert_int_equal(config->server.log_level[LOG_NET], LOG_DEBUG);
    assert_int_equal(config->server.default_log_level, LOG_ERROR);
    assert_int_equal(config->site.error_pages[0].status, 404);
    assert_string_equal(config->site.headers[0].name, "X-Frame-Options");
}

static void hosts_and_locations_go_by_the_names_of_their_sections(void **state)
{
    struct config_fixture *fixture = *state;
    const struct config *config = load(fixture,
                                       ENVIRONMENT("TINYWEB_HOST_WWW_A_B_SERVER_NAME=b c",
                                                   "TINYWEB_HOST_WWW_A_B_LISTING=on",
                                                   "TINYWEB_LOCATION_DOWN_LOADS_PREFIX=/e"),
                                       hosts);
    assert_int_equal(config->hosts[0].server_names.count, 2);
    assert_true(config->hosts[0].site.listing.is_on);
    assert_false(config->site.listing.is_on);
    assert_string_equal(config->locations[0].prefix, "e");
}

static void a_name_with_two_meanings_is_an_error(void **state)
{
    struct config_fixture *fixture = *state;
    fixture->environment = ENVIRONMENT("TINYWEB_HOST_A_B_LISTING=on");
    assert_int_not_equal(fixture_load_text(fixture, "[server]\nroot = www\n"
                                                    "[host a.b]\nserver_name = a\n"
                                                    "[host a-b]\nserver_name = b\n"),
                         0);
    expect_message(fixture, "environment TINYWEB_HOST_A_B_LISTING: means listing of [host a.b] and "
                            "listing of [host a-b]");
}

static void an_unknown_name_is_a_warning(void **state)
{
    static const struct {
        const char *variable;
        const char *part;
    } rows[] = {
        {"TINYWEB_SERVER_LISTE=1", "did you mean TINYWEB_SERVER_LISTEN?"},
        {"TINYWEB_SEVER_LISTEN=1", "did you mean TINYWEB_SERVER_LISTEN?"},
        {"TINYWEB_HOST_WWW_A_B_SERVERNAME=1", "did you mean TINYWEB_HOST_WWW_A_B_SERVER_NAME?"},
        {"TINYWEB_server_listen=1", "there is no such directive"},
        {"TINYWEB_HOST_X_ROOT=1", "there is no such directive"},
        {"TINYWEB_=1", "there is no such directive"},
        {"TINYWEB_SERVER_=1", "there is no such directive"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct config_fixture *fixture = *state;
        load(fixture, ENVIRONMENT(rows[i].variable), hosts);
        assert_int_equal(fixture->warning_count, 1);
        expect_message(fixture, rows[i].part);
    }
}

static void names_of_the_program_and_of_services_are_none(void **state)
{
    struct config_fixture *fixture = *state;
    load(fixture,
         ENVIRONMENT("TINYWEB_LISTEN_FDS=3", "TINYWEB_READY_FD=4", "TINYWEB_PORT=tcp://10.0.0.1:80",
                     "TINYWEB_SERVICE_HOST=10.0.0.1", "TINYWEB_SERVICE_PORT=80",
                     "TINYWEB_SERVICE_PORT_HTTP=80", "TINYWEB_PORT_80_TCP_ADDR=10.0.0.1",
                     "TINYWEB_SERVER_PORT_80_TCP=x", "TINYWEB_SERVER_SERVICE_HOST=x"),
         hosts);
    assert_string_equal(fixture->messages, "");
}

static void a_bad_value_is_told_with_its_variable(void **state)
{
    struct config_fixture *fixture = *state;
    fixture->environment = ENVIRONMENT("TINYWEB_SERVER_WORKERS=many", "TINYWEB_SERVER_INDEX=a\x01",
                                       "TINYWEB_SERVER_INCLUDE=x.conf");
    assert_int_not_equal(fixture_load_text(fixture, hosts), 0);
    assert_int_equal(fixture->error_count, 3);
    expect_message(fixture,
                   "environment TINYWEB_SERVER_WORKERS: workers: \"many\" is not a number");
    expect_message(fixture, "environment TINYWEB_SERVER_INDEX: holds control bytes");
    expect_message(fixture, "environment TINYWEB_SERVER_INCLUDE: include: stands in a file only");
}

static void a_value_is_taken_as_it_is(void **state)
{
    const struct config *config = load(*state, ENVIRONMENT("TINYWEB_SERVER_INDEX=${X}"), hosts);
    assert_string_equal(config->site.index.items[0], "${X}");
}

static void variables_of_a_file_are_expanded(void **state)
{
    const struct config *config = load(
        *state, ENVIRONMENT("PORT=8081", "NAME=www"),
        "[server]\nroot = ${NAME}\nlisten = 127.0.0.1:${PORT}\nindex = \"a;${NONE:-b}\"\n");
    assert_int_equal(address_port(&config->server.listen[0].addr), 8081);
    assert_string_equal(config->site.index.items[0], "a;b");
}

static void a_missing_variable_is_told_with_file_line_and_column(void **state)
{
    struct config_fixture *fixture = *state;
    assert_int_not_equal(
        fixture_load_text(fixture, "[server]\nroot = www\nlisten = 1:${A}\nworkers = ${B}\n"), 0);
    expect_message(fixture, "t.conf:3:12: there is no variable A");
    expect_message(fixture, "t.conf:4:11: there is no variable B");
    assert_int_equal(fixture->error_count, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_variable_replaces_the_value_of_the_file),
        TEST(the_command_line_has_the_last_word),
        TEST(no_file_is_needed),
        TEST(families_have_members),
        TEST(hosts_and_locations_go_by_the_names_of_their_sections),
        TEST(a_name_with_two_meanings_is_an_error),
        TEST(an_unknown_name_is_a_warning),
        TEST(names_of_the_program_and_of_services_are_none),
        TEST(a_bad_value_is_told_with_its_variable),
        TEST(a_value_is_taken_as_it_is),
        TEST(variables_of_a_file_are_expanded),
        TEST(a_missing_variable_is_told_with_file_line_and_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
