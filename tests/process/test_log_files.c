/* SPDX-License-Identifier: MIT */
/* test_log_files.c - where the logs of a configuration go. */
#include "support/unit.h"

#include "base/log.h"
#include "process/log_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[64], error_path[96], access_path[96];
static const struct trouble trouble = {0};

static int set_up(void **state)
{
    log_set_fd(-1);
    strcpy(dir, "/tmp/tinyweb-test-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    (void)snprintf(error_path, sizeof(error_path), "%s/error.log", dir);
    (void)snprintf(access_path, sizeof(access_path), "%s/access.log", dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)unlink(error_path);
    (void)unlink(access_path);
    return rmdir(dir);
}

static struct server_config config_of(enum log_target error, enum log_target access, bool is_daemon)
{
    return (struct server_config){
        .error_log = {.target = error, .path = error_path},
        .access_log = {.target = access, .path = access_path},
        .daemon = is_daemon,
    };
}

static void files_are_opened_and_closed(void **state)
{
    struct server_config config = config_of(LOG_TARGET_FILE, LOG_TARGET_FILE, true);
    struct log_files logs;

    assert_int_equal(log_files_open(&logs, &config, &trouble), 0);
    assert_int_equal(access(error_path, F_OK), 0);
    assert_int_equal(access(access_path, F_OK), 0);
    int fd = logs.error_fd;
    log_files_close(&logs);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    assert_int_equal(logs.error_fd, -1);
    log_files_close(&logs);
}

static void off_is_off(void **state)
{
    struct server_config config = config_of(LOG_TARGET_STDERR, LOG_TARGET_OFF, false);
    struct log_files logs;

    assert_int_equal(log_files_open(&logs, &config, &trouble), 0);
    assert_int_equal(logs.access_fd, -1);
    assert_true(logs.error_fd > STDERR_FILENO); /* not 2 itself, which others share */
    log_files_close(&logs);
    assert_int_not_equal(fcntl(STDERR_FILENO, F_GETFD), -1);
}

static void a_daemon_has_no_terminal(void **state)
{
    struct server_config config = config_of(LOG_TARGET_STDERR, LOG_TARGET_STDOUT, true);
    struct log_files logs;

    assert_int_equal(log_files_open(&logs, &config, &trouble), 0);
    assert_int_equal(logs.error_fd, -1);
    assert_int_equal(logs.access_fd, -1);
}

static void one_failure_closes_both(void **state)
{
    struct server_config config = config_of(LOG_TARGET_FILE, LOG_TARGET_FILE, false);
    struct log_files logs;

    config.access_log.path = (char[]){"/nonexistent/access.log"};
    assert_int_equal(log_files_open(&logs, &config, &trouble), -ENOENT);
    assert_int_equal(logs.error_fd, -1);
    assert_int_equal(symlink(error_path, access_path), 0);
    config.access_log.path = access_path;
    assert_int_equal(log_files_open(&logs, &config, &trouble), -ELOOP);
    assert_int_equal(logs.error_fd, -1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_are_opened_and_closed),
        TEST(off_is_off),
        TEST(a_daemon_has_no_terminal),
        TEST(one_failure_closes_both),
    };

    return cmocka_run_group_tests_name("log_files", tests, NULL, NULL);
}
