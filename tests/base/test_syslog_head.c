/* SPDX-License-Identifier: MIT */
/* test_syslog_head.c - RFC 3164, as daemons on a machine expect it. */
#include "support/unit.h"

#include "base/syslog_head.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void assert_head(struct syslog_head *head, unsigned priority, time_t now, const char *start)
{
    char wanted[64], got[64];
    struct slice text = syslog_head(head, priority, now);

    snprintf(wanted, sizeof(wanted), "%s tinyweb[%ld]: ", start, (long)getpid());
    snprintf(got, sizeof(got), "%.*s", (int)text.len, text.data);
    assert_string_equal(got, wanted);
}

static void it_has_priority_time_name_and_pid(void **state)
{
    struct syslog_head head = {0};

    assert_head(&head, SYSLOG_LOCAL7 + SYSLOG_INFO, 1795515342, "<190>Nov 24 10:15:42");
    assert_head(&head, SYSLOG_DAEMON + SYSLOG_ERROR, 1795515342, "<27>Nov 24 10:15:42");
    assert_head(&head, SYSLOG_DAEMON + SYSLOG_ERROR, 1795515343, "<27>Nov 24 10:15:43");
}

static void a_day_below_ten_has_a_blank_in_front(void **state)
{
    struct syslog_head head = {0};

    assert_head(&head, SYSLOG_DAEMON + SYSLOG_DEBUG, 0, "<31>Jan  1 00:00:00");
}

static void the_time_is_that_of_the_clock_on_the_wall(void **state)
{
    struct syslog_head head = {0};

    assert_int_equal(setenv("TZ", "XYZ-3", 1), 0);
    tzset();
    assert_head(&head, 14, 1795515342, "<14>Nov 24 13:15:42");
}

static void only_sockets_of_datagrams_are_taken_for_a_daemons(void **state)
{
    int stream[2], datagram[2], pipes[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, stream), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, datagram), 0);
    assert_int_equal(pipe(pipes), 0);
    assert_true(syslog_is_socket(datagram[0]));
    assert_false(syslog_is_socket(stream[0]));
    assert_false(syslog_is_socket(pipes[1]));
    assert_false(syslog_is_socket(-1));
    for (int i = 0; i < 2; i++) {
        close(stream[i]);
        close(datagram[i]);
        close(pipes[i]);
    }
}

static int go_by_utc(void **state)
{
    int err = setenv("TZ", "UTC0", 1);

    tzset();
    return err;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(it_has_priority_time_name_and_pid, go_by_utc),
        cmocka_unit_test_setup(a_day_below_ten_has_a_blank_in_front, go_by_utc),
        cmocka_unit_test_setup(the_time_is_that_of_the_clock_on_the_wall, go_by_utc),
        cmocka_unit_test(only_sockets_of_datagrams_are_taken_for_a_daemons),
    };

    return cmocka_run_group_tests_name("syslog_head", tests, NULL, NULL);
}
