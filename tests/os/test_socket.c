/* SPDX-License-Identifier: MIT */
/* test_socket.c - listening, accepting, and what is taken for a listening socket. */
#include "support/unit.h"

#include "os/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

static struct address parse(const char *text)
{
    struct address addr;

    assert_int_equal(address_parse(slice_from_string(text), 0, &addr), 0);
    return addr;
}

static int listen_on(const char *text, struct address *ret_addr)
{
    struct address addr = parse(text);
    int fd = -1;

    assert_int_equal(socket_listen(&addr, SOCKET_BACKLOG, &fd), 0);
    assert_int_equal(socket_local_address(fd, ret_addr), 0);
    return fd;
}

static int option(int fd, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof(value);

    assert_int_equal(getsockopt(fd, level, name, &value, &size), 0);
    return value;
}

static int connect_to(const struct address *addr)
{
    int fd = socket(addr->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, &addr->any, address_size(addr)), 0);
    return fd;
}

static void port_zero_becomes_a_real_one(void **state)
{
    struct address addr;
    int fd = listen_on("127.0.0.1:0", &addr);

    assert_int_not_equal(address_port(&addr), 0);
    assert_int_equal(socket_check_listening(fd), 0);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_int_equal(option(fd, SOL_SOCKET, SO_REUSEADDR), 1);
    close(fd);
}

static void a_busy_port_is_an_error(void **state)
{
    struct address addr;
    int fd = listen_on("127.0.0.1:0", &addr);
    int second;

    assert_int_equal(socket_listen(&addr, 16, &second), -EADDRINUSE);
    close(fd);
    assert_int_equal(socket_listen(&addr, 16, &second), 0);
    close(second);
}

static void an_address_of_others_is_an_error(void **state)
{
    struct address addr = parse("192.0.2.1:0"); /* for documentation (RFC 5737) */
    int fd;

    assert_int_equal(socket_listen(&addr, 16, &fd), -EADDRNOTAVAIL);
}

static void ipv6_leaves_ipv4_alone(void **state)
{
    struct address addr = parse("[::]:0"), v4 = parse("0.0.0.0:0");
    int six, four, err = -EADDRINUSE;

    /* The port that is free in one family may be some client's in the other: then another one. */
    for (int tries = 0; tries < 20 && err == -EADDRINUSE; tries++) {
        addr = parse("[::]:0");
        if (socket_listen(&addr, 16, &six) != 0)
            skip(); /* no IPv6 here */
        assert_int_equal(socket_local_address(six, &addr), 0);
        address_set_port(&v4, address_port(&addr));
        err = socket_listen(&v4, 16, &four);
        if (err)
            close(six);
    }
    assert_int_equal(err, 0);
    assert_int_equal(option(six, IPPROTO_IPV6, IPV6_V6ONLY), 1);
    close(six);
    close(four);
}

static void accepted_sockets_are_ready_to_use(void **state)
{
    struct address addr, peer, local;
    int fd = listen_on("127.0.0.1:0", &addr);
    int client, conn;

    assert_int_equal(socket_accept(fd, &peer), -EAGAIN);
    client = connect_to(&addr);
    conn = socket_accept(fd, &peer);
    assert_true(conn >= 0);
    assert_int_equal(socket_local_address(client, &local), 0);
    assert_true(address_equal(&peer, &local));
    assert_int_equal(fcntl(conn, F_GETFD), FD_CLOEXEC);
    assert_true(fcntl(conn, F_GETFL) & O_NONBLOCK);
    assert_int_equal(option(conn, IPPROTO_TCP, TCP_NODELAY), 1);
    assert_int_equal(socket_accept(fd, &peer), -EAGAIN);
    close(client);
    close(conn);
    close(fd);
}

static void a_reset_is_a_reset(void **state)
{
    struct address addr, peer;
    int fd = listen_on("127.0.0.1:0", &addr);
    int client = connect_to(&addr);
    int conn = socket_accept(fd, &peer);
    char byte;

    assert_int_equal(socket_reset_on_close(conn), 0);
    close(conn);
    assert_int_equal(read(client, &byte, 1), -1);
    assert_int_equal(errno, ECONNRESET);
    close(client);
    close(fd);
}

static void only_listening_tcp_sockets_pass(void **state)
{
    struct address addr;
    int fd = listen_on("127.0.0.1:0", &addr);
    int client = connect_to(&addr);
    int fresh = socket(AF_INET, SOCK_STREAM, 0);
    int datagram = socket(AF_INET, SOCK_DGRAM, 0);
    int local = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr unnamed = {.sa_family = AF_UNIX};
    int pipe_ends[2];

    assert_int_equal(bind(local, &unnamed, sizeof(unnamed.sa_family)), 0);
    assert_int_equal(listen(local, 1), 0);
    assert_int_equal(pipe(pipe_ends), 0);
    assert_int_equal(socket_check_listening(fd), 0);
    assert_int_equal(socket_check_listening(client), -EINVAL);
    assert_int_equal(socket_check_listening(fresh), -EINVAL);
    assert_int_equal(socket_check_listening(datagram), -EINVAL);
    assert_int_equal(socket_check_listening(local), -EINVAL);
    assert_int_equal(socket_check_listening(pipe_ends[0]), -ENOTSOCK);
    assert_int_equal(socket_check_listening(-1), -EBADF);
    assert_int_equal(socket_local_address(local, &addr), -EAFNOSUPPORT);
    int all[] = {fd, client, fresh, datagram, local, pipe_ends[0], pipe_ends[1]};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        close(all[i]);
}

static void an_adopted_socket_is_like_one_of_ours(void **state)
{
    struct address addr = parse("127.0.0.1:0");
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, &addr.any, address_size(&addr)), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(socket_adopt_listening(fd, SOCKET_BACKLOG), 0);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_int_equal(option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
    close(fd);
}

static void an_accepted_socket_inherits_the_congestion_control(void **state)
{
    struct address addr, peer;
    int fd = listen_on("127.0.0.1:0", &addr);
    char name[16] = "";
    socklen_t size = sizeof(name);

    assert_int_equal(socket_set_congestion(fd, "no such thing"), -ENOENT);
    assert_int_equal(socket_set_congestion(fd, "reno"), 0); /* every kernel has it */
    int client = connect_to(&addr);
    int accepted = socket_accept(fd, &peer);
    assert_true(accepted >= 0);
    assert_int_equal(getsockopt(accepted, IPPROTO_TCP, TCP_CONGESTION, name, &size), 0);
    assert_string_equal(name, "reno");
    close(accepted);
    close(client);
    close(fd);
}

static void an_accepted_socket_inherits_patience_and_pace(void **state)
{
    struct address addr, peer;
    int fd = listen_on("127.0.0.1:0", &addr);
    uint64_t rate = 0;
    socklen_t size = sizeof(rate);

    assert_int_equal(socket_set_user_timeout(fd, 45000), 0);
    assert_int_equal(socket_set_pacing(fd, UINT64_C(5000000000)), 0);
    int client = connect_to(&addr);
    int accepted = socket_accept(fd, &peer);
    assert_true(accepted >= 0);
    assert_int_equal(option(accepted, IPPROTO_TCP, TCP_USER_TIMEOUT), 45000);
    assert_int_equal(getsockopt(accepted, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, &size), 0);
    assert_int_equal(rate, UINT64_C(5000000000));
    assert_int_equal(socket_set_pacing(accepted, 0), 0); /* it may be taken back */
    size = sizeof(rate);
    assert_int_equal(getsockopt(accepted, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, &size), 0);
    assert_int_equal(rate, UINT64_MAX);
    close(accepted);
    close(client);
    close(fd);
}

static bool is_readable(int fd, int patience_ms)
{
    struct pollfd wanted = {.fd = fd, .events = POLLIN};

    return poll(&wanted, 1, patience_ms) == 1;
}

static void a_deferred_connection_waits_for_its_first_bytes(void **state)
{
    struct address addr, peer;
    int fd = listen_on("127.0.0.1:0", &addr);

    assert_int_equal(socket_set_deferred(fd, true), 0);
    assert_int_equal(option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT), 1); /* a second */
    int client = connect_to(&addr);
    assert_int_equal(write(client, "x", 1), 1);
    assert_true(is_readable(fd, 10000));
    int accepted = socket_accept(fd, &peer);
    assert_true(accepted >= 0);
    assert_true(is_readable(accepted, 10000));
    close(accepted);
    close(client);

    assert_int_equal(socket_set_deferred(fd, false), 0);
    assert_int_equal(option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT), 0);
    client = connect_to(&addr);
    assert_true(is_readable(fd, 10000));
    close(client);
    close(fd);
}

static void a_deferred_connection_that_is_silent_or_ends_comes_all_the_same(void **state)
{
    struct address addr, peer;
    int fd = listen_on("127.0.0.1:0", &addr);
    char byte;

    assert_int_equal(socket_set_deferred(fd, true), 0);
    int silent = connect_to(&addr);
    close(connect_to(&addr)); /* as who only looks whether somebody is there */
    assert_true(is_readable(fd, 10000));
    int first = socket_accept(fd, &peer);
    assert_true(first >= 0);
    assert_true(is_readable(fd, 10000));
    int second = socket_accept(fd, &peer);
    assert_true(second >= 0);
    assert_true(is_readable(first, 10000)); /* the end came before the silent one's second */
    assert_int_equal(read(first, &byte, 1), 0);
    assert_int_equal(read(second, &byte, 1), -1);
    assert_int_equal(errno, EAGAIN);
    close(second);
    close(first);
    close(silent);
    close(fd);
}

static void errors_of_one_connection_are_told_from_ours(void **state)
{
    assert_true(socket_accept_error_is_transient(-ECONNABORTED));
    assert_true(socket_accept_error_is_transient(-EINTR));
    assert_true(socket_accept_error_is_transient(EPROTO));
    assert_true(socket_accept_error_is_transient(-EPERM));
    assert_false(socket_accept_error_is_transient(-EAGAIN));
    assert_false(socket_accept_error_is_transient(-EMFILE));
    assert_false(socket_accept_error_is_transient(-ENFILE));
    assert_false(socket_accept_error_is_transient(-ENOBUFS));
    assert_false(socket_accept_error_is_transient(-EBADF));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(port_zero_becomes_a_real_one),
        cmocka_unit_test(a_busy_port_is_an_error),
        cmocka_unit_test(an_address_of_others_is_an_error),
        cmocka_unit_test(ipv6_leaves_ipv4_alone),
        cmocka_unit_test(accepted_sockets_are_ready_to_use),
        cmocka_unit_test(a_reset_is_a_reset),
        cmocka_unit_test(only_listening_tcp_sockets_pass),
        cmocka_unit_test(an_adopted_socket_is_like_one_of_ours),
        cmocka_unit_test(an_accepted_socket_inherits_the_congestion_control),
        cmocka_unit_test(an_accepted_socket_inherits_patience_and_pace),
        cmocka_unit_test(a_deferred_connection_waits_for_its_first_bytes),
        cmocka_unit_test(a_deferred_connection_that_is_silent_or_ends_comes_all_the_same),
        cmocka_unit_test(errors_of_one_connection_are_told_from_ours),
    };

    return cmocka_run_group_tests_name("socket", tests, NULL, NULL);
}
