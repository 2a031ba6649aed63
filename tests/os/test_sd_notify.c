/* SPDX-License-Identifier: MIT */
/* test_sd_notify.c - a datagram socket in place of the service manager. */
#include "support/unit.h"

#include "os/sd_notify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[64];
static char path[80];
static int manager;

static int set_up(void **state)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};

    strcpy(dir, "/tmp/tinyweb-test-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    (void)snprintf(path, sizeof(path), "%s/notify", dir);
    strcpy(addr.sun_path, path);
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(manager, (struct sockaddr *)&addr, sizeof(addr)), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
    (void)unsetenv("WATCHDOG_USEC");
    (void)unsetenv("WATCHDOG_PID");
    return 0;
}

static int tear_down(void **state)
{
    if (manager != -1)
        close(manager);
    (void)unlink(path);
    return rmdir(dir);
}

static void assert_heard(const char *expected)
{
    char text[2048] = "";
    ssize_t len = recv(manager, text, sizeof(text) - 1, 0);

    assert_int_equal(len, strlen(expected));
    assert_string_equal(text, expected);
}

static void lines_arrive_as_they_were_sent(void **state)
{
    struct sd_notify notify;

    assert_int_equal(sd_notify_open(&notify), 0);
    sd_notify_send(&notify, "READY=1\nSTATUS=%d workers", 4);
    assert_heard("READY=1\nSTATUS=4 workers");
    sd_notify_close(&notify);
    assert_string_equal(getenv("NOTIFY_SOCKET"), path); /* for a new program */
}

static void without_a_manager_nothing_happens(void **state)
{
    struct sd_notify notify;

    (void)unsetenv("NOTIFY_SOCKET");
    assert_int_equal(sd_notify_open(&notify), 0);
    assert_int_equal(notify.fd, -1);
    sd_notify_send(&notify, "READY=1");
    sd_notify_close(&notify);
    assert_int_equal(recv(manager, path, 0, 0), -1);
}

static void a_manager_that_is_gone_or_does_not_read_is_no_trouble(void **state)
{
    struct sd_notify notify;

    assert_int_equal(sd_notify_open(&notify), 0);
    for (int i = 0; i < 10000; i++)
        sd_notify_send(&notify, "WATCHDOG=1"); /* more than its queue takes */
    close(manager);
    manager = -1;
    sd_notify_send(&notify, "STOPPING=1");
    sd_notify_close(&notify);
}

static void an_abstract_name_begins_with_an_at_sign(void **state)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    struct sd_notify notify;
    char name[64];

    (void)snprintf(name, sizeof(name), "@tinyweb-test-%d", (int)getpid());
    memcpy(addr.sun_path + 1, name + 1, strlen(name) - 1);
    close(manager);
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(manager, (struct sockaddr *)&addr,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
                     0);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    assert_int_equal(sd_notify_open(&notify), 0);
    sd_notify_send(&notify, "READY=1");
    assert_heard("READY=1");
    sd_notify_close(&notify);
}

static void addresses_of_other_kinds_are_refused(void **state)
{
    static const char *const bad[] = {"relative", "/", "@", "vsock:2:1234"};
    struct sd_notify notify;
    char longer[200];

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(setenv("NOTIFY_SOCKET", bad[i], 1), 0);
        assert_int_equal(sd_notify_open(&notify), -EINVAL);
        sd_notify_send(&notify, "READY=1"); /* goes nowhere */
    }
    memset(longer, 'x', sizeof(longer) - 1);
    longer[0] = '/';
    longer[sizeof(longer) - 1] = '\0';
    assert_int_equal(setenv("NOTIFY_SOCKET", longer, 1), 0);
    assert_int_equal(sd_notify_open(&notify), -EINVAL);
}

static void the_watchdog_is_for_this_process_or_nobody(void **state)
{
    struct sd_notify notify;
    char pid[16];
    const struct {
        const char *usec, *pid;
        uint64_t expected;
    } rows[] = {
        {NULL, NULL, 0},      {"30000000", NULL, 30000000},
        {"30000000", "1", 0}, {"5000", pid, 5000},
        {"0", pid, 0},        {"-1", NULL, 0},
        {"5000", "x", 0},     {"x", NULL, 0},
        {"", NULL, 0},
    };

    (void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        (void)unsetenv("WATCHDOG_USEC");
        (void)unsetenv("WATCHDOG_PID");
        if (rows[i].usec)
            assert_int_equal(setenv("WATCHDOG_USEC", rows[i].usec, 1), 0);
        if (rows[i].pid)
            assert_int_equal(setenv("WATCHDOG_PID", rows[i].pid, 1), 0);
        assert_int_equal(sd_notify_open(&notify), 0);
        assert_int_equal(notify.watchdog_usec, rows[i].expected);
        sd_notify_close(&notify);
    }
}

static void a_long_line_is_cut(void **state)
{
    struct sd_notify notify;
    char longer[3000], heard[3000];

    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    assert_int_equal(sd_notify_open(&notify), 0);
    sd_notify_send(&notify, "STATUS=%s", longer);
    ssize_t len = recv(manager, heard, sizeof(heard), 0);
    assert_in_range(len, 500, 1024);
    sd_notify_close(&notify);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lines_arrive_as_they_were_sent),
        TEST(without_a_manager_nothing_happens),
        TEST(a_manager_that_is_gone_or_does_not_read_is_no_trouble),
        TEST(an_abstract_name_begins_with_an_at_sign),
        TEST(addresses_of_other_kinds_are_refused),
        TEST(the_watchdog_is_for_this_process_or_nobody),
        TEST(a_long_line_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
