/* SPDX-License-Identifier: MIT */
/* test_upgrade.c - shell scripts in place of a new program. */
#include "support/unit.h"

#include "process/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
    struct event_loop *loop;
    struct upgrade upgrade;
    unsigned ready, gone;
    bool had_served;
    char why[UPGRADE_REASON_SIZE];
} test;

static void on_ready(void *context, pid_t pid)
{
    assert_ptr_equal(context, &test);
    assert_int_equal(pid, test.upgrade.pid);
    test.ready++;
}

static void on_gone(void *context, bool had_served, const char *why)
{
    assert_ptr_equal(context, &test);
    test.gone++;
    test.had_served = had_served;
    (void)snprintf(test.why, sizeof(test.why), "%s", why);
}

static const struct upgrade_ops ops = {.on_ready = on_ready, .on_gone = on_gone};

static int set_up(void **state)
{
    memset(&test, 0, sizeof(test));
    assert_int_equal(loop_create(&test.loop), 0);
    upgrade_init(&test.upgrade, test.loop, &ops, &test);
    return 0;
}

static int tear_down(void **state)
{
    upgrade_abandon(&test.upgrade);
    while (waitpid(-1, NULL, 0) > 0)
        continue;
    loop_destroy(test.loop);
    return 0;
}

static void run_script(const char *script, const int *fds, size_t count, uint32_t timeout_ms)
{
    char *arguments[] = {(char[]){"sh"}, (char[]){"-c"}, strdup(script), NULL};
    const struct upgrade_program program = {
        .path = "/bin/sh", .arguments = arguments, .start_dir_fd = -1};

    assert_int_equal(upgrade_start(&test.upgrade, &program, fds, count, timeout_ms), 0);
    assert_int_equal(test.upgrade.state, UPGRADE_STARTING);
    free(arguments[2]);
}

/* The loop runs until the child has ended. */
static void wait_for_end(void)
{
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        assert_true(pid >= 0);
        if (pid > 0) {
            assert_true(upgrade_reaped(&test.upgrade, pid, status));
            return;
        }
        assert_int_equal(loop_run_once(test.loop, 5), 0);
    }
}

static void one_that_says_it_serves_is_ready(void **state)
{
    run_script("eval \"printf '1\\\\n' >&$TINYWEB_READY_FD\"; read x", NULL, 0, 20000);
    for (int turns = 0; test.ready == 0 && turns < 60; turns++)
        assert_int_equal(loop_run_once(test.loop, 1000), 0);
    assert_int_equal(test.ready, 1);
    assert_int_equal(test.upgrade.state, UPGRADE_SERVING);
    assert_false(upgrade_reaped(&test.upgrade, test.upgrade.pid + 1, 0));
    (void)kill(test.upgrade.pid, SIGKILL);
    wait_for_end();
    assert_true(test.had_served);
    assert_int_equal(test.gone, 1);
    assert_int_equal(test.upgrade.state, UPGRADE_NONE);
}

static void its_last_word_counts_when_it_has_ended_already(void **state)
{
    int status;

    run_script("eval \"printf 1 >&$TINYWEB_READY_FD\"; exit 7", NULL, 0, 20000);
    pid_t pid = waitpid(-1, &status, 0);
    assert_true(upgrade_reaped(&test.upgrade, pid, status));
    assert_int_equal(test.ready, 1);
    assert_true(test.had_served);
    assert_string_equal(test.why, "it ended with status 7");
}

static void one_that_ends_before_it_serves_is_gone(void **state)
{
    run_script("exit 3", NULL, 0, 20000);
    wait_for_end();
    assert_int_equal(test.ready, 0);
    assert_false(test.had_served);
    assert_string_equal(test.why, "it ended with status 3");
}

static void one_that_is_late_is_killed(void **state)
{
    run_script("exec sleep 60", NULL, 0, 50);
    wait_for_end();
    assert_string_equal(test.why, "it did not serve in time");
}

/* Also when it closes the descriptor, or says something else. */
static void one_that_talks_nonsense_has_its_time_only(void **state)
{
    run_script(
        "eval \"printf hello >&$TINYWEB_READY_FD; exec $TINYWEB_READY_FD>&-\"; exec sleep 60", NULL,
        0, 50);
    wait_for_end();
    assert_int_equal(test.ready, 0);
    assert_string_equal(test.why, "it did not serve in time");
}

static void what_cannot_be_executed_is_named(void **state)
{
    char *arguments[] = {(char[]){"x"}, NULL};
    const struct upgrade_program program = {
        .path = "/nonexistent/x", .arguments = arguments, .start_dir_fd = -1};

    assert_int_equal(upgrade_start(&test.upgrade, &program, NULL, 0, 20000), 0);
    wait_for_end();
    assert_string_equal(test.why, "it cannot be executed: No such file or directory");
}

static void only_the_given_descriptors_are_inherited(void **state)
{
    int kept[2], lost[2];
    char script[256];

    assert_int_equal(pipe2(kept, O_CLOEXEC), 0);
    assert_int_equal(pipe(lost), 0); /* without close-on-exec */
    (void)snprintf(script, sizeof(script),
                   "test $TINYWEB_LISTEN_FDS = '%d;%d' -a -e /proc/$$/fd/%d -a -e /proc/$$/fd/%d "
                   "-a ! -e /proc/$$/fd/%d -a ! -e /proc/$$/fd/%d",
                   kept[0], kept[1], kept[0], kept[1], lost[0], lost[1]);
    run_script(script, kept, 2, 20000);
    wait_for_end();
    assert_string_equal(test.why, "it ended with status 0");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fcntl(kept[i], F_GETFD), FD_CLOEXEC); /* here all is as before */
        close(kept[i]);
        close(lost[i]);
    }
}

static void the_ready_descriptor_has_to_be_a_pipe(void **state)
{
    static const char *const bad[] = {"", "0", "2", "-1", "x", "3x", "9999", "99999999999"};
    char text[16];
    int ends[2], fd;

    assert_int_equal(upgrade_parse_ready(NULL, &fd), 0);
    assert_int_equal(fd, -1);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(upgrade_parse_ready(bad[i], &fd), -EINVAL);
    int file = open("/dev/null", O_RDONLY);
    (void)snprintf(text, sizeof(text), "%d", file);
    assert_int_equal(upgrade_parse_ready(text, &fd), -EINVAL);
    close(file);

    assert_int_equal(pipe(ends), 0);
    (void)snprintf(text, sizeof(text), "%d", ends[1]);
    assert_int_equal(upgrade_parse_ready(text, &fd), 0);
    assert_int_equal(fd, ends[1]);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    upgrade_tell_ready(fd);
    assert_int_equal(read(ends[0], text, sizeof(text)), 2);
    assert_memory_equal(text, "1\n", 2);
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_that_says_it_serves_is_ready, set_up, tear_down),
        cmocka_unit_test_setup_teardown(its_last_word_counts_when_it_has_ended_already, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(one_that_ends_before_it_serves_is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_is_late_is_killed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_talks_nonsense_has_its_time_only, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_executed_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_the_given_descriptors_are_inherited, set_up,
                                        tear_down),
        cmocka_unit_test(the_ready_descriptor_has_to_be_a_pipe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
