/* SPDX-License-Identifier: MIT */
/* test_connector.c - connections to real sockets: made, refused, too late, and tried again. */
#include "support/unit.h"

#include "net/connector.h"
#include "os/socket.h"
#include "support/fake_clock.h"
#include "support/scratch_folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define START_MS 100000

static struct event_loop *loop;
static struct connector connector;
static int listen_fd;
static struct address addr;
static unsigned ends;
static int result;

/* connect(2) as the test wants it: of each call the errno, 0 for the real one; -1: for all that follow. */
int __wrap_connect(int fd, const struct sockaddr *to, socklen_t size);
int __real_connect(int fd, const struct sockaddr *to, socklen_t size);
static int connect_errno;
static int connect_failures; /* calls that still fail so */
static unsigned connects;

int __wrap_connect(int fd, const struct sockaddr *to, socklen_t size)
{
    connects++;
    if (connect_failures == 0)
        return __real_connect(fd, to, size);
    if (connect_failures > 0)
        connect_failures--;
    errno = connect_errno;
    return -1;
}

static void fail_connects(int err, int count)
{
    connect_errno = err;
    connect_failures = count;
}

static void on_end(struct connector *ended, int fd)
{
    assert_ptr_equal(ended, &connector);
    ends++;
    result = fd;
}

static int set_up(void **state)
{
    fake_clock_set(START_MS);
    assert_int_equal(loop_create(&loop), 0);
    assert_int_equal(address_parse(SLICE_LITERAL("127.0.0.1:0"), 0, &addr), 0);
    assert_int_equal(socket_listen(&addr, 16, &listen_fd), 0);
    assert_int_equal(socket_local_address(listen_fd, &addr), 0);
    memset(&connector, 0, sizeof(connector));
    ends = connects = 0;
    fail_connects(0, 0);
    return 0;
}

static int tear_down(void **state)
{
    connector_cancel(&connector);
    loop_destroy(loop);
    if (listen_fd != -1)
        close(listen_fd);
    fake_clock_off();
    return 0;
}

static void stop_listening(void)
{
    close(listen_fd);
    listen_fd = -1;
}

static int start(uint32_t timeout_ms)
{
    const struct connector_settings settings = {
        .loop = loop,
        .addr = &addr.any,
        .addr_size = address_size(&addr),
        .timeout_ms = timeout_ms,
    };

    return connector_start(&connector, &settings, on_end);
}

/* Until it has ended, or for a second of the real clock. */
static void wait_for_end(void)
{
    for (unsigned i = 0; i < 100 && ends == 0; i++)
        assert_int_equal(loop_run_once(loop, 10), 0);
}

static void advance(int64_t ms)
{
    fake_clock_advance(ms);
    assert_int_equal(loop_run_once(loop, 0), 0);
}

static void a_listening_server_is_connected(void **state)
{
    struct address peer;
    int fd;

    assert_int_equal(start(1000), -EINPROGRESS);
    assert_int_equal(ends, 0);
    wait_for_end();
    assert_int_equal(ends, 1);
    assert_true(result >= 0);
    fd = socket_accept(listen_fd, &peer);
    assert_true(fd >= 0);
    assert_int_equal(write(result, "x", 1), 1);
    close(fd);
    close(result);
    advance(5000); /* no timer is left */
    assert_int_equal(ends, 1);
}

static void nobody_listens_is_told(void **state)
{
    int err;

    stop_listening();
    err = start(1000);
    if (err == -EINPROGRESS) {
        wait_for_end();
        assert_int_equal(ends, 1);
        err = result;
    }
    assert_int_equal(err, -ECONNREFUSED);
    assert_int_equal(connects, 1);
}

/* TEST-NET-1 is nobody's: a packet to it is dropped, or refused by a router. So the socket is a real
 * one that nobody accepts from, of which connect(2) only says that it is under way. */
static void a_server_that_does_not_answer_is_given_up(void **state)
{
    fail_connects(EINPROGRESS, 1); /* it was not even begun: no event will come but EPOLLHUP */
    assert_int_equal(start(1000), -EINPROGRESS);
    loop_forget(loop, &connector.watcher); /* which is not told */
    advance(999);
    assert_int_equal(ends, 0);
    advance(1);
    assert_int_equal(ends, 1);
    assert_int_equal(result, -ETIMEDOUT);
    assert_int_equal(connects, 1);
}

static void what_is_missing_is_tried_again_with_doubled_delays(void **state)
{
    int64_t longest = CONNECTOR_FIRST_DELAY_MS;

    fail_connects(EADDRNOTAVAIL, 3);
    assert_int_equal(start(0), -EINPROGRESS);
    for (unsigned tries = 1; tries <= 3; tries++) {
        int64_t waited = 0;

        assert_int_equal(connects, tries);
        while (connects == tries && waited < longest) {
            advance(1);
            waited++;
        }
        assert_int_equal(connects, tries + 1);
        longest *= 2;
    }
    wait_for_end();
    assert_int_equal(ends, 1);
    assert_true(result >= 0);
    close(result);
}

static void delays_are_limited_and_not_all_alike(void **state)
{
    unsigned different = 0;
    int64_t before = 0;

    fail_connects(EADDRNOTAVAIL, -1);
    assert_int_equal(start(0), -EINPROGRESS);
    for (unsigned i = 1; i < 40; i++) {
        int64_t waited = 0;

        while (connects == i && waited <= CONNECTOR_MAX_DELAY_MS) {
            advance(1);
            waited++;
        }
        assert_int_equal(connects, i + 1);
        different += waited != before;
        before = waited;
    }
    assert_true(different > 20);
    assert_int_equal(ends, 0);
}

static void retries_end_with_the_time_for_all_of_them(void **state)
{
    fail_connects(EADDRNOTAVAIL, -1);
    assert_int_equal(start(1000), -EINPROGRESS);
    for (unsigned i = 0; i < 1000 && ends == 0; i++)
        advance(1);
    assert_int_equal(ends, 1);
    assert_int_equal(result, -EADDRNOTAVAIL);
    assert_true(connects > 3);
}

static void a_refused_connection_is_not_tried_again(void **state)
{
    fail_connects(ECONNREFUSED, -1);
    assert_int_equal(start(1000), -ECONNREFUSED);
    assert_int_equal(connects, 1);
}

static void a_port_that_is_missing_is_waited_for(void **state)
{
    fail_connects(EADDRNOTAVAIL, 1);
    assert_int_equal(start(1000), -EINPROGRESS);
    advance(CONNECTOR_FIRST_DELAY_MS);
    wait_for_end();
    assert_int_equal(connects, 2);
    assert_true(result >= 0);
    close(result);
}

static void a_unix_socket_is_connected_at_once_and_waited_for_when_its_queue_is_full(void **state)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct scratch_folder folder;
    struct connector_settings settings = {
        .loop = loop,
        .addr = (struct sockaddr *)&local,
        .addr_size = sizeof(local),
        .timeout_ms = 1000,
    };
    int fds[2];
    int fd;

    scratch_init(&folder);
    assert_in_range(snprintf(local.sun_path, sizeof(local.sun_path), "%s/app.sock", folder.path), 1,
                    sizeof(local.sun_path) - 1);
    assert_int_equal(connector_start(&connector, &settings, on_end), -ENOENT);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, settings.addr, settings.addr_size), 0);
    assert_int_equal(connector_start(&connector, &settings, on_end), -ECONNREFUSED);
    assert_int_equal(listen(fd, 0), 0);
    fds[0] = connector_start(&connector, &settings, on_end);
    assert_true(fds[0] >= 0);
    assert_int_equal(connector_start(&connector, &settings, on_end), -EINPROGRESS);
    assert_int_equal(ends, 0);
    fds[1] = accept(fd, NULL, NULL);
    assert_true(fds[1] >= 0);
    advance(CONNECTOR_FIRST_DELAY_MS);
    assert_int_equal(ends, 1);
    assert_true(result >= 0);
    close(result);
    close(fds[0]);
    close(fds[1]);
    close(fd);
    scratch_done(&folder);
}

static void one_that_is_cancelled_says_nothing(void **state)
{
    assert_int_equal(start(1000), -EINPROGRESS);
    connector_cancel(&connector);
    connector_cancel(&connector);
    advance(2000);
    assert_int_equal(ends, 0);

    fail_connects(EADDRNOTAVAIL, -1);
    assert_int_equal(start(1000), -EINPROGRESS);
    connector_cancel(&connector);
    advance(2000);
    assert_int_equal(ends, 0);
    assert_int_equal(connects, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_listening_server_is_connected, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_listens_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_server_that_does_not_answer_is_given_up, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_missing_is_tried_again_with_doubled_delays, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(delays_are_limited_and_not_all_alike, set_up, tear_down),
        cmocka_unit_test_setup_teardown(retries_end_with_the_time_for_all_of_them, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_refused_connection_is_not_tried_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_port_that_is_missing_is_waited_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_unix_socket_is_connected_at_once_and_waited_for_when_its_queue_is_full, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(one_that_is_cancelled_says_nothing, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
