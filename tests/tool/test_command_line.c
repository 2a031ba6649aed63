/* SPDX-License-Identifier: MIT */
/* test_command_line.c - options in every form; what wrong use says is tested on the real program. */
#include "support/unit.h"

#include "tool/command_line.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define ARGUMENTS_MAX 16

/* @words separated by blanks; they are borrowed by the result of the last call. */
static bool parse(const char *words, struct command_line *command)
{
    static char text[512];
    char *argv[ARGUMENTS_MAX + 1] = {0};
    int argc = 0;

    (void)snprintf(text, sizeof(text), "tinyweb %s", words);
    for (char *word = strtok(text, " "); word && argc < ARGUMENTS_MAX; word = strtok(NULL, " "))
        argv[argc++] = word;
    optind = 0; /* getopt starts over */
    return command_parse(argc, argv, command);
}

static int silence(void **state)
{
    int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    static int terminal;

    terminal = dup(STDERR_FILENO);
    *state = &terminal;
    return null_fd == -1 || dup2(null_fd, STDERR_FILENO) == -1 ? -1 : close(null_fd);
}

static int speak(void **state)
{
    const int *terminal = *state;

    return dup2(*terminal, STDERR_FILENO) == -1 ? -1 : close(*terminal);
}

static void nothing_means_to_serve(void **state)
{
    struct command_line command;

    assert_true(parse("", &command));
    assert_int_equal(command.mode, COMMAND_SERVE);
    assert_null(command.config_path);
    assert_null(command.dir);
    assert_int_equal(command.override_count, 0);
}

static void long_and_short_forms(void **state)
{
    static const char *const forms[] = {
        "-c FILE -f -q -g server.workers=2",
        "--config FILE --foreground --quiet --set server.workers=2",
        "--config=FILE -fq --set=server.workers=2",
        "-cFILE -qf -gserver.workers=2",
    };

    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct command_line command;
        assert_true(parse(forms[i], &command));
        assert_string_equal(command.config_path, "FILE");
        assert_true(command.is_foreground);
        assert_true(command.is_quiet);
        assert_int_equal(command.override_count, 1);
        assert_string_equal(command.overrides[0].text, "server.workers=2");
        assert_string_equal(command.overrides[0].origin, "-g");
    }
}

static void modes(void **state)
{
    static const struct {
        const char *words;
        enum command_mode mode;
    } rows[] = {
        {"-t", COMMAND_TEST},        {"--test -c x", COMMAND_TEST}, {"-T", COMMAND_DUMP},
        {"--dump", COMMAND_DUMP},    {"-v", COMMAND_VERSION},       {"--version", COMMAND_VERSION},
        {"-V", COMMAND_BUILD_INFO},  {"-h", COMMAND_HELP},          {"--help", COMMAND_HELP},
        {"-s stop", COMMAND_SIGNAL},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct command_line command;
        assert_true(parse(rows[i].words, &command));
        assert_int_equal(command.mode, rows[i].mode);
    }
}

static void words_become_signals(void **state)
{
    struct command_line command;

    assert_true(parse("-s reload", &command));
    assert_int_equal(command.signal->number, SIGHUP);
    assert_true(parse("--signal=quit", &command));
    assert_int_equal(command.signal->number, SIGQUIT);
}

static void a_folder_and_its_options(void **state)
{
    struct command_line command;

    assert_true(parse("--port 8081 DIR --lan", &command));
    assert_string_equal(command.dir, "DIR");
    assert_int_equal(command.one_shot.port, 8081);
    assert_true(command.one_shot.is_lan);
    assert_true(parse("-- -odd-", &command));
    assert_string_equal(command.dir, "-odd-");
}

static void top_watches_a_server(void **state)
{
    struct command_line command;

    assert_true(parse("top -c x", &command));
    assert_int_equal(command.mode, COMMAND_TOP);
    assert_int_equal(command.signal->action, SIG_ACTION_STATUS);
    assert_true(parse("./top", &command));
    assert_int_equal(command.mode, COMMAND_SERVE);
}

static void explain_takes_a_url_and_what_to_ask(void **state)
{
    struct command_line command;

    assert_true(parse("explain -c x -H A:b --header=C:d -X HEAD --json /u", &command));
    assert_int_equal(command.mode, COMMAND_EXPLAIN);
    assert_string_equal(command.url, "/u");
    assert_string_equal(command.method, "HEAD");
    assert_int_equal(command.header_count, 2);
    assert_string_equal(command.headers[1], "C:d");
    assert_true(command.is_json);
    assert_null(command.dir);
    assert_true(parse("./explain", &command));
    assert_string_equal(command.dir, "./explain");
    assert_true(parse("-t explain", &command));
    assert_int_equal(command.mode, COMMAND_TEST);
    assert_string_equal(command.dir, "explain");
}

static void wrong_use(void **state)
{
    static const char *const wrong[] = {
        "-x",           "--nothing",
        "-c",           "--config",
        "-s",           "-s kill",
        "-g",           "-g workers",
        "--port 0 d",   "--port d",
        "--lan",        "--port 80",
        "--port x d",   "--port 65536 d",
        "a b",          "-c x d",
        "-s stop d",    "--port= d",
        "--port +80 d", "explain",
        "--json d",     "-H A:b d",
        "-X HEAD d",    "explain /a /b",
        "top d",        "explain --port 80 /a",
    };

    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct command_line command;
        assert_false(parse(wrong[i], &command));
    }
}

static void overrides_are_counted(void **state)
{
    struct command_line command;
    char name[] = "tinyweb", option[] = "-ga.b=c";
    char *argv[COMMAND_OVERRIDES_MAX + 3] = {name};
    int argc = 1;

    while (argc <= COMMAND_OVERRIDES_MAX)
        argv[argc++] = option;
    optind = 0;
    assert_true(command_parse(argc, argv, &command));
    assert_int_equal(command.override_count, COMMAND_OVERRIDES_MAX);
    argv[argc++] = option;
    optind = 0;
    assert_false(command_parse(argc, argv, &command));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_means_to_serve),
        cmocka_unit_test(long_and_short_forms),
        cmocka_unit_test(modes),
        cmocka_unit_test(words_become_signals),
        cmocka_unit_test(a_folder_and_its_options),
        cmocka_unit_test(top_watches_a_server),
        cmocka_unit_test(explain_takes_a_url_and_what_to_ask),
        cmocka_unit_test_setup_teardown(wrong_use, silence, speak),
        cmocka_unit_test_setup_teardown(overrides_are_counted, silence, speak),
    };

    return cmocka_run_group_tests_name("command_line", tests, NULL, NULL);
}
