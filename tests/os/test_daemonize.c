/* SPDX-License-Identifier: MIT */
/* test_daemonize.c - the parent knows how it went. */
#include "support/unit.h"

#include "os/daemonize.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the daemon found out about itself. */
struct findings {
    char in[64], out[64], err[64], dir[64];
    pid_t pid, session;
    mode_t mask;
};

static void read_link(int fd, char *out, size_t size)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(path, out, size - 1);
    out[len > 0 ? len : 0] = '\0';
}

static void look_around(int report_fd)
{
    struct findings found = {.pid = getpid(), .session = getsid(0), .mask = umask(0)};

    read_link(STDIN_FILENO, found.in, sizeof(found.in));
    read_link(STDOUT_FILENO, found.out, sizeof(found.out));
    read_link(STDERR_FILENO, found.err, sizeof(found.err));
    if (!getcwd(found.dir, sizeof(found.dir)) ||
        write(report_fd, &found, sizeof(found)) != sizeof(found))
        _exit(1);
}

/* In a child of the test: the command that starts the daemon. Returns its exit status. */
static int run_command(void (*start)(struct daemonizer *daemon, int report_fd), int report_fd)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        struct daemonizer daemon;
        bool is_parent;

        if (daemon_begin(&daemon, &is_parent))
            _exit(99);
        if (is_parent)
            _exit(daemon_wait(&daemon));
        start(&daemon, report_fd);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void start_well(struct daemonizer *daemon, int report_fd)
{
    char path[] = "/tmp/tinyweb-test-XXXXXX";
    int error_fd = mkstemp(path);

    (void)unlink(path);
    if (daemon_finish(daemon, error_fd) == 0)
        look_around(report_fd);
}

static void start_without_log(struct daemonizer *daemon, int report_fd)
{
    if (daemon_finish(daemon, -1) == 0)
        look_around(report_fd);
}

static void give_up(struct daemonizer *daemon, int report_fd)
{
    (void)daemon;
    (void)report_fd;
    _exit(3);
}

static void crash(struct daemonizer *daemon, int report_fd)
{
    (void)daemon;
    (void)report_fd;
    (void)raise(SIGKILL);
}

static void success_is_told_when_it_is_certain(void **state)
{
    struct findings found;
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(run_command(start_well, ends[1]), 0);
    assert_int_equal(read(ends[0], &found, sizeof(found)), sizeof(found));
    assert_string_equal(found.in, "/dev/null");
    assert_string_equal(found.out, "/dev/null");
    assert_non_null(strstr(found.err, "/tmp/tinyweb-test-"));
    assert_string_equal(found.dir, "/");
    assert_int_equal(found.session, found.pid);
    assert_int_equal(found.mask, 027);

    assert_int_equal(run_command(start_without_log, ends[1]), 0);
    assert_int_equal(read(ends[0], &found, sizeof(found)), sizeof(found));
    assert_string_equal(found.err, "/dev/null");
    close(ends[0]);
    close(ends[1]);
}

static void failure_is_told_too(void **state)
{
    assert_int_equal(run_command(give_up, -1), 1);
    assert_int_equal(run_command(crash, -1), 1);
}

static void closed_standard_descriptors_are_filled(void **state)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        close(STDIN_FILENO);
        close(STDERR_FILENO);
        if (daemon_fill_stdio())
            _exit(1);
        if (fcntl(STDIN_FILENO, F_GETFD) == -1 || fcntl(STDERR_FILENO, F_GETFD) == -1)
            _exit(2);
        _exit(daemon_fill_stdio() == 0 && open("/dev/null", O_RDONLY) > STDERR_FILENO ? 0 : 3);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(success_is_told_when_it_is_certain),
        cmocka_unit_test(failure_is_told_too),
        cmocka_unit_test(closed_standard_descriptors_are_filled),
    };

    return cmocka_run_group_tests_name("daemonize", tests, NULL, NULL);
}
