/* SPDX-License-Identifier: MIT */
/* test_listeners.c - bound, inherited and taken over; with test_inherited of the variable's text. */
#include "support/unit.h"

#include "base/log.h"
#include "os/socket.h"
#include "process/listeners.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct listen_address wanted[8];
static struct config config = {.path = (char[]){"/etc/tinyweb/tinyweb.conf"},
                               .server = {.listen = wanted}};
static const struct trouble trouble = {0}; /* to the log, which goes nowhere here */

static int set_up(void **state)
{
    log_set_fd(-1);
    config.server.listen_count = 0;
    return 0;
}

static struct address parse(const char *text)
{
    struct address addr;

    assert_int_equal(address_parse(slice_from_string(text), 0, &addr), 0);
    return addr;
}

static void want(struct address addr)
{
    wanted[config.server.listen_count] = (struct listen_address){
        .addr = addr, .line = (unsigned)config.server.listen_count + 1};
    config.server.listen_count++;
}

static int listen_somewhere(struct address *ret_addr)
{
    struct address addr = parse("127.0.0.1:0");
    int fd;

    assert_int_equal(socket_listen(&addr, 16, &fd), 0);
    assert_int_equal(socket_local_address(fd, ret_addr), 0);
    return fd;
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) != -1;
}

static void addresses_are_bound_and_described(void **state)
{
    struct listeners set;
    char text[200], short_text[8], expected[200];

    want(parse("127.0.0.1:0"));
    want(parse("127.0.0.2:0"));
    assert_int_equal(listeners_open(&set, &config, NULL, NULL, &trouble), 0);
    assert_int_equal(set.count, 2);
    assert_int_equal(socket_check_listening(set.fds[1]), 0);
    listeners_describe(&set, text, sizeof(text));
    (void)snprintf(expected, sizeof(expected), "127.0.0.1:%u, 127.0.0.2:%u",
                   address_port(&set.items[0].actual), address_port(&set.items[1].actual));
    assert_string_equal(text, expected);
    listeners_describe(&set, short_text, sizeof(short_text)); /* whole addresses or none */
    assert_string_equal(short_text, "");

    int fd = set.fds[0];
    listeners_close(&set);
    assert_false(is_open(fd));
    assert_int_equal(set.fds[0], -1);
    listeners_done(&set);
}

static void one_failure_closes_all(void **state)
{
    struct address busy;
    struct listeners set;
    int other = listen_somewhere(&busy);
    int next = dup(STDIN_FILENO);

    close(next);
    want(parse("127.0.0.1:0"));
    want(busy);
    want(parse("127.0.0.1:0"));
    assert_int_equal(listeners_open(&set, &config, NULL, NULL, &trouble), -EADDRINUSE);
    assert_int_equal(set.count, 0);
    assert_false(is_open(next)); /* where the first would be */
    close(other);
}

static void an_unknown_congestion_control_is_a_failure(void **state)
{
    struct listeners set;

    want(parse("127.0.0.1:0"));
    config.server.tcp_congestion = (char[]){"reno"};
    assert_int_equal(listeners_open(&set, &config, NULL, NULL, &trouble), 0);
    listeners_done(&set);
    config.server.tcp_congestion = (char[]){"nonsense"};
    assert_int_equal(listeners_open(&set, &config, NULL, NULL, &trouble), -ENOENT);
    assert_int_equal(set.count, 0);
    config.server.tcp_congestion = NULL;
}

static uint64_t pace_of(int fd)
{
    uint64_t rate = 0;
    socklen_t size = sizeof(rate);

    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, &size), 0);
    return rate;
}

static bool is_deferred(int fd)
{
    int seconds = -1;
    socklen_t size = sizeof(seconds);

    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, &size), 0);
    return seconds > 0;
}

/* Of a socket that is taken over, too: a reload may have other limits. */
static void connections_inherit_what_the_configuration_says_last(void **state)
{
    struct listeners set, next;
    int patience = 0;
    socklen_t size = sizeof(patience);

    want(parse("127.0.0.1:0"));
    config.server.send_timeout_ms = 30000;
    config.server.send_rate = 1000000;
    assert_int_equal(listeners_open(&set, &config, NULL, NULL, &trouble), 0);
    assert_int_equal(pace_of(set.fds[0]), 1000000);
    assert_int_equal(getsockopt(set.fds[0], IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, &size), 0);
    assert_int_equal(patience, 45000);
    assert_false(is_deferred(set.fds[0]));

    config.server.defer_accept = true;
    config.server.send_rate_after = 1; /* from then on it is the worker's matter */
    assert_int_equal(listeners_open(&next, &config, &set, NULL, &trouble), 0);
    assert_int_equal(pace_of(next.fds[0]), UINT64_MAX);
    assert_true(is_deferred(next.fds[0]));
    listeners_done(&set);
    config.server.defer_accept = false;
    assert_int_equal(listeners_open(&set, &config, &next, NULL, &trouble), 0);
    assert_false(is_deferred(set.fds[0]));
    listeners_done(&next);
    listeners_done(&set);
    config.server.send_rate = config.server.send_rate_after = 0;
}

static void an_inherited_socket_is_used_instead_of_binding(void **state)
{
    struct inherited_sockets inherited = {0};
    struct listeners set;
    struct address addr;
    int fd = listen_somewhere(&addr);

    assert_int_equal(inherited_add(&inherited, fd), 0);
    want(addr);
    assert_int_equal(listeners_open(&set, &config, NULL, &inherited, &trouble), 0);
    assert_int_equal(set.fds[0], fd);
    inherited_close_rest(&inherited);
    assert_true(is_open(fd));
    listeners_done(&set);
    assert_false(is_open(fd));
}

static void what_nobody_wants_is_closed(void **state)
{
    struct inherited_sockets inherited = {0};
    struct address addr, other = parse("127.0.0.1:1");
    int fd = listen_somewhere(&addr);

    assert_int_equal(inherited_add(&inherited, fd), 0);
    assert_int_equal(inherited_take(&inherited, &other), -1);
    inherited_close_rest(&inherited);
    assert_false(is_open(fd));
    assert_int_equal(inherited_take(&inherited, &addr), -1);
}

static void a_later_set_shares_the_sockets(void **state)
{
    struct listeners old, fresh;

    want(parse("127.0.0.1:0"));
    want(parse("127.0.0.1:0"));
    assert_int_equal(listeners_open(&old, &config, NULL, NULL, &trouble), 0);
    assert_int_equal(listeners_open(&fresh, &config, &old, NULL, &trouble), 0);
    for (size_t i = 0; i < 2; i++) {
        /* Each port once, although both were asked for as 0. */
        assert_true(address_equal(&fresh.items[i].actual, &old.items[i].actual));
        assert_int_not_equal(fresh.fds[i], old.fds[i]);
    }
    listeners_done(&old);
    assert_int_equal(socket_check_listening(fresh.fds[0]), 0);

    /* By its real address too. */
    config.server.listen_count = 0;
    want(fresh.items[1].actual);
    assert_int_equal(listeners_open(&old, &config, &fresh, NULL, &trouble), 0);
    assert_true(address_equal(&old.items[0].actual, &fresh.items[1].actual));
    listeners_done(&old);
    listeners_done(&fresh);
}

static void a_failed_take_over_can_be_repeated(void **state)
{
    struct address busy;
    struct listeners old, fresh;
    int other = listen_somewhere(&busy);

    want(parse("127.0.0.1:0"));
    assert_int_equal(listeners_open(&old, &config, NULL, NULL, &trouble), 0);
    want(busy);
    assert_int_equal(listeners_open(&fresh, &config, &old, NULL, &trouble), -EADDRINUSE);
    assert_int_equal(socket_check_listening(old.fds[0]), 0);
    close(other);
    assert_int_equal(listeners_open(&fresh, &config, &old, NULL, &trouble), 0);
    assert_true(address_equal(&fresh.items[0].actual, &old.items[0].actual));
    listeners_done(&old);
    listeners_done(&fresh);
}

static void bad_texts_of_the_variable(void **state)
{
    static const char *const texts[] = {
        "",    ";", "x", "-1", "+3",  " 3",         "3 ",
        "3,4", "0", "1", "2",  "250", "4294967299", "99999999999999999999",
        "0x3",
    };
    struct inherited_sockets inherited;
    struct address addr;
    int fd = listen_somewhere(&addr);
    char text[64];

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_int_equal(inherited_parse(texts[i], &trouble, &inherited), -EINVAL);
        /* Also beside one that is good. */
        (void)snprintf(text, sizeof(text), "%d;%s", fd, texts[i]);
        assert_int_equal(inherited_parse(text, &trouble, &inherited), -EINVAL);
        (void)snprintf(text, sizeof(text), "%s;%d", texts[i], fd);
        assert_int_equal(inherited_parse(text, &trouble, &inherited), -EINVAL);
    }
    (void)snprintf(text, sizeof(text), "%d;%d", fd, fd);
    assert_int_equal(inherited_parse(text, &trouble, &inherited), -EINVAL);
    close(fd);
}

static void good_texts_of_the_variable(void **state)
{
    struct inherited_sockets inherited;
    struct address first, second;
    int a = listen_somewhere(&first), b = listen_somewhere(&second);
    char text[64];

    assert_int_equal(inherited_parse(NULL, &trouble, &inherited), 0);
    assert_int_equal(inherited.count, 0);
    (void)snprintf(text, sizeof(text), "%d;%d", a, b);
    assert_int_equal(inherited_parse(text, &trouble, &inherited), 0);
    assert_int_equal(inherited.count, 2);
    assert_int_equal(inherited_take(&inherited, &second), b);
    assert_int_equal(inherited_take(&inherited, &second), -1);
    assert_int_equal(inherited_take(&inherited, &first), a);
    close(a);
    close(b);
}

/* In a child, since the numbers are fixed. */
static int activate(const char *pid, const char *count, bool is_listening)
{
    pid_t child = fork();
    if (child == 0) {
        struct inherited_sockets sockets = {0};
        struct address addr, found;
        char own[16];
        int fd = is_listening ? listen_somewhere(&addr) : open("/dev/null", O_RDONLY);
        (void)snprintf(own, sizeof(own), "%d", (int)getpid());
        if (fd != 3)
            (void)dup2(fd, 3);
        int err = inherited_activated(pid ? pid : own, count, &trouble, &sockets);
        if (err)
            _exit(99);
        if (sockets.count > 0 &&
            (inherited_take(&sockets, &addr) != 3 || socket_local_address(3, &found) != 0))
            _exit(98);
        _exit((int)sockets.count);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void activated_sockets_are_those_from_3_on(void **state)
{
    assert_int_equal(activate(NULL, "1", true), 1);
    assert_int_equal(activate(NULL, "0", true), 0);
    assert_int_equal(activate("1", "1", true), 0); /* somebody else's */
    assert_int_equal(activate("x", "1", true), 0);
    assert_int_equal(activate(NULL, "2", true), 99); /* the second is none */
    assert_int_equal(activate(NULL, "1", false), 99);
    assert_int_equal(activate(NULL, "x", true), 99);
    assert_int_equal(activate(NULL, "-1", true), 99);
    assert_int_equal(activate(NULL, "1000000", true), 99);

    struct inherited_sockets sockets = {0};
    assert_int_equal(inherited_activated(NULL, "1", &trouble, &sockets), 0);
    assert_int_equal(inherited_activated("1", NULL, &trouble, &sockets), 0);
    assert_int_equal(sockets.count, 0);
}

#define TEST(function) cmocka_unit_test_setup(function, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(addresses_are_bound_and_described),
        TEST(one_failure_closes_all),
        TEST(an_unknown_congestion_control_is_a_failure),
        TEST(connections_inherit_what_the_configuration_says_last),
        TEST(an_inherited_socket_is_used_instead_of_binding),
        TEST(what_nobody_wants_is_closed),
        TEST(a_later_set_shares_the_sockets),
        TEST(a_failed_take_over_can_be_repeated),
        TEST(bad_texts_of_the_variable),
        TEST(good_texts_of_the_variable),
        TEST(activated_sockets_are_those_from_3_on),
    };

    return cmocka_run_group_tests_name("listeners", tests, NULL, NULL);
}
