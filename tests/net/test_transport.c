/* SPDX-License-Identifier: MIT */
/* test_transport.c - plain TCP over the loopback. */
#include "support/unit.h"

#include "net/transport.h"
#include "os/socket.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static struct transport transport;
static int peer;

static int set_up(void **state)
{
    struct address addr;
    int listen_fd;

    assert_int_equal(address_parse(SLICE_LITERAL("127.0.0.1:0"), 0, &addr), 0);
    assert_int_equal(socket_listen(&addr, 1, &listen_fd), 0);
    assert_int_equal(socket_local_address(listen_fd, &addr), 0);
    peer = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(peer, &addr.any, address_size(&addr)), 0);
    transport = (struct transport){.ops = &transport_plain,
                                   .watcher.fd = socket_accept(listen_fd, &addr)};
    close(listen_fd);
    return transport.watcher.fd >= 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    if (transport.watcher.fd != -1)
        transport.ops->close(&transport, false);
    close(peer);
    return 0;
}

static ssize_t read_some(char *buf, size_t len)
{
    return transport.ops->read(&transport, buf, len);
}

static ssize_t write_text(const char *text, bool more_follows)
{
    struct iovec iov = {.iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text)};

    return transport.ops->writev(&transport, &iov, 1, more_follows);
}

static bool has_input(int fd, int wait_ms)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};

    return poll(&wait, 1, wait_ms) == 1;
}

static void reading_gives_bytes_then_eagain_then_the_end(void **state)
{
    char buf[16];

    assert_int_equal(read_some(buf, sizeof(buf)), -EAGAIN);
    assert_int_equal(send(peer, "hello", 5, 0), 5);
    assert_true(has_input(transport.watcher.fd, 1000));
    assert_int_equal(read_some(buf, sizeof(buf)), 5);
    assert_memory_equal(buf, "hello", 5);
    assert_int_equal(read_some(buf, sizeof(buf)), -EAGAIN);
    assert_int_equal(shutdown(peer, SHUT_WR), 0);
    assert_true(has_input(transport.watcher.fd, 1000));
    assert_int_equal(read_some(buf, sizeof(buf)), 0);
}

static void several_pieces_are_written_in_order(void **state)
{
    char texts[2][8] = {"hello ", "world"};
    struct iovec iov[2] = {{.iov_base = texts[0], .iov_len = 6},
                           {.iov_base = texts[1], .iov_len = 5}};
    char buf[16];

    assert_int_equal(transport.ops->writev(&transport, iov, 2, false), 11);
    assert_int_equal(recv(peer, buf, 11, MSG_WAITALL), 11);
    assert_memory_equal(buf, "hello world", 11);
}

static void a_piece_before_more_waits_for_it(void **state)
{
    char buf[16];

    assert_int_equal(write_text("head ", true), 5);
    assert_false(has_input(peer, 20));
    assert_int_equal(write_text("body", false), 4);
    assert_true(has_input(peer, 1000));
    assert_int_equal(recv(peer, buf, sizeof(buf), 0), 9); /* in one segment */
}

static void a_full_socket_says_eagain(void **state)
{
    size_t size = (size_t)1 << 20;
    char *block = calloc(1, size);
    struct iovec iov = {.iov_base = block, .iov_len = size};
    ssize_t n;

    assert_non_null(block);
    do {
        n = transport.ops->writev(&transport, &iov, 1, false);
    } while (n > 0);
    assert_int_equal(n, -EAGAIN);
    free(block);
}

static void a_file_is_sent_from_its_offset_to_its_end(void **state)
{
    int fd = memfd_create("file", MFD_CLOEXEC);
    off_t offset = 3;
    char buf[16];

    assert_int_equal(write(fd, "0123456789", 10), 10);
    assert_int_equal(transport.ops->sendfile(&transport, fd, &offset, 4), 4);
    assert_int_equal(offset, 7);
    assert_int_equal(transport.ops->sendfile(&transport, fd, &offset, 100), 3);
    assert_int_equal(transport.ops->sendfile(&transport, fd, &offset, 100), 0);
    assert_int_equal(offset, 10);
    assert_int_equal(recv(peer, buf, 7, MSG_WAITALL), 7);
    assert_memory_equal(buf, "3456789", 7);
    assert_int_equal(transport.ops->sendfile(&transport, -1, &offset, 1), -EBADF);
    close(fd);
}

static void the_peer_sees_our_end_and_may_still_send(void **state)
{
    char buf[16];

    assert_int_equal(write_text("bye", false), 3);
    transport.ops->shutdown_write(&transport);
    assert_int_equal(recv(peer, buf, 3, MSG_WAITALL), 3);
    assert_int_equal(recv(peer, buf, sizeof(buf), 0), 0);
    assert_int_equal(send(peer, "thanks", 6, 0), 6);
    assert_true(has_input(transport.watcher.fd, 1000));
    assert_int_equal(read_some(buf, sizeof(buf)), 6);
    assert_int_equal(write_text("more", false), -EPIPE); /* and no signal */
}

static void closing_delivers_what_was_written(void **state)
{
    char buf[16];

    assert_int_equal(write_text("bye", false), 3);
    transport.ops->close(&transport, false);
    assert_int_equal(transport.watcher.fd, -1);
    assert_int_equal(recv(peer, buf, 3, MSG_WAITALL), 3);
    assert_int_equal(recv(peer, buf, sizeof(buf), 0), 0);
}

static void closing_with_a_reset_is_seen_as_one(void **state)
{
    char buf[16];

    transport.ops->close(&transport, true);
    assert_int_equal(recv(peer, buf, sizeof(buf), 0), -1);
    assert_int_equal(errno, ECONNRESET);
}

static void a_reset_by_the_peer_is_an_error(void **state)
{
    char buf[16];

    assert_int_equal(socket_reset_on_close(peer), 0);
    close(peer);
    peer = -1;
    assert_true(has_input(transport.watcher.fd, 1000));
    assert_int_equal(read_some(buf, sizeof(buf)), -ECONNRESET);
    assert_int_equal(write_text("hello", false), -EPIPE);
    transport.ops->shutdown_write(&transport); /* harmless */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reading_gives_bytes_then_eagain_then_the_end),
        TEST(several_pieces_are_written_in_order),
        TEST(a_piece_before_more_waits_for_it),
        TEST(a_full_socket_says_eagain),
        TEST(a_file_is_sent_from_its_offset_to_its_end),
        TEST(the_peer_sees_our_end_and_may_still_send),
        TEST(closing_delivers_what_was_written),
        TEST(closing_with_a_reset_is_seen_as_one),
        TEST(a_reset_by_the_peer_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
