/* SPDX-License-Identifier: MIT */
/* test_syslog_socket.c - a daemon that comes, goes and comes again. */
#include "support/unit.h"

#include "os/syslog_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/tinyweb-syslog-XXXXXX";
static char path[64];

static int set_up(void **state)
{
    strcpy(dir + sizeof(dir) - sizeof("XXXXXX"), "XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof(path), "%s/log", dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)unlink(path);
    return rmdir(dir);
}

static int start_daemon(int type)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    strcpy(name.sun_path, path);
    (void)unlink(path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&name, sizeof(name)), 0);
    return fd;
}

static void assert_received(int fd, const char *text)
{
    char got[64] = "";

    assert_int_equal(recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT), strlen(text));
    assert_string_equal(got, text);
}

static void without_a_daemon_it_is_not_opened(void **state)
{
    char long_path[200];
    int fd = -1, listener;

    assert_int_equal(syslog_socket_open(path, &fd), -ENOENT);
    close(start_daemon(SOCK_DGRAM));
    assert_int_equal(syslog_socket_open(path, &fd), -ECONNREFUSED);
    listener = start_daemon(SOCK_STREAM);
    assert_int_equal(syslog_socket_open(path, &fd), -EPROTOTYPE);
    close(listener);
    memset(long_path, 'a', sizeof(long_path) - 1);
    long_path[sizeof(long_path) - 1] = '\0';
    assert_int_equal(syslog_socket_open(long_path, &fd), -ENAMETOOLONG);
    assert_int_equal(fd, -1);
}

static void it_neither_blocks_nor_is_given_to_programs(void **state)
{
    int daemon = start_daemon(SOCK_DGRAM);
    int fd, count = 0;

    assert_int_equal(syslog_socket_open(path, &fd), 0);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    while (write(fd, "x", 1) == 1)
        assert_true(++count < 100000);
    assert_int_equal(errno, EAGAIN);
    close(fd);
    close(daemon);
}

/* The one that mends it is not the one that sends. */
static void a_daemon_that_was_started_anew_hears_the_other_process_again(void **state)
{
    int daemon = start_daemon(SOCK_DGRAM);
    int fd, status;
    pid_t pid;

    assert_int_equal(syslog_socket_open(path, &fd), 0);
    assert_int_equal(send(fd, "one", 3, 0), 3);
    assert_received(daemon, "one");
    assert_int_equal(syslog_socket_mend(fd, path), 0);

    close(daemon);
    pid = fork();
    if (pid == 0)
        _exit(send(fd, "lost", 4, MSG_NOSIGNAL) == -1 && errno == ECONNREFUSED ? 0 : 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(syslog_socket_mend(fd, path), -ECONNREFUSED);

    daemon = start_daemon(SOCK_DGRAM);
    assert_int_equal(syslog_socket_mend(fd, path), 1);
    pid = fork();
    if (pid == 0)
        _exit(send(fd, "two", 3, MSG_NOSIGNAL) == 3 ? 0 : 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_received(daemon, "two");
    close(fd);
    close(daemon);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_daemon_it_is_not_opened),
        TEST(it_neither_blocks_nor_is_given_to_programs),
        TEST(a_daemon_that_was_started_anew_hears_the_other_process_again),
    };

    return cmocka_run_group_tests_name("syslog_socket", tests, NULL, NULL);
}
