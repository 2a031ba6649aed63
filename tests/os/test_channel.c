/* SPDX-License-Identifier: MIT */
/* test_channel.c - messages between processes, and what is no message. */
#include "support/unit.h"

#include "os/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int ours, theirs;

static int set_up(void **state)
{
    return chan_create(&ours, &theirs);
}

static int tear_down(void **state)
{
    if (ours != -1)
        close(ours);
    if (theirs != -1)
        close(theirs);
    return 0;
}

static struct chan_message message_of(uint32_t type)
{
    return (struct chan_message){.type = type, .slot = 7, .pid = getpid(), .value = 42};
}

static int count_descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) != -1;
    return count;
}

static void assert_empty(void)
{
    struct chan_message message;
    int fd;

    assert_int_equal(chan_receive(theirs, &message, &fd), -EAGAIN);
}

static void what_is_sent_arrives(void **state)
{
    struct chan_message sent = message_of(CHAN_QUIT), received;
    int fd = 99;

    assert_int_equal(chan_send(ours, &sent, -1), 0);
    assert_int_equal(chan_receive(theirs, &received, &fd), 0);
    assert_memory_equal(&received, &sent, sizeof(sent));
    assert_int_equal(fd, -1);
    assert_empty();

    sent.type = CHAN_READY; /* and in the other direction */
    assert_int_equal(chan_send(theirs, &sent, -1), 0);
    assert_int_equal(chan_receive(ours, &received, &fd), 0);
    assert_memory_equal(&received, &sent, sizeof(sent));
}

static void messages_keep_their_order_and_their_borders(void **state)
{
    struct chan_message message;
    int fd;

    for (uint32_t i = 0; i < 50; i++) {
        message = message_of(CHAN_READY);
        message.value = i;
        assert_int_equal(chan_send(ours, &message, -1), 0);
    }
    for (uint32_t i = 0; i < 50; i++) {
        assert_int_equal(chan_receive(theirs, &message, &fd), 0);
        assert_int_equal(message.value, i);
    }
    assert_empty();
}

static void a_descriptor_rides_along(void **state)
{
    struct chan_message message = message_of(CHAN_ERROR_LOG);
    int pipe_ends[2], fd;
    char byte;

    assert_int_equal(pipe(pipe_ends), 0);
    assert_int_equal(chan_send(ours, &message, pipe_ends[1]), 0);
    close(pipe_ends[1]);
    assert_int_equal(chan_receive(theirs, &message, &fd), 0);
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(write(fd, "x", 1), 1);
    assert_int_equal(read(pipe_ends[0], &byte, 1), 1);
    close(fd);
    close(pipe_ends[0]);
}

static void the_end_is_told(void **state)
{
    struct chan_message message = message_of(CHAN_READY);
    int fd;

    assert_int_equal(chan_send(ours, &message, -1), 0);
    close(ours);
    ours = -1;
    assert_int_equal(chan_receive(theirs, &message, &fd), 0); /* what was sent is not lost */
    assert_int_equal(chan_receive(theirs, &message, &fd), -EPIPE);
    assert_int_equal(chan_receive(theirs, &message, &fd), -EPIPE);
    assert_int_equal(chan_send(theirs, &message, -1), -EPIPE); /* and no signal */
}

static void an_end_with_our_messages_unread_is_an_end(void **state)
{
    struct chan_message message = message_of(CHAN_QUIT);
    int fd, err;

    assert_int_equal(chan_send(theirs, &message, -1), 0);
    close(ours);
    ours = -1;
    err = chan_receive(theirs, &message, &fd);
    assert_int_equal(err, -EPIPE);
}

static void a_peer_that_does_not_read_blocks_nobody(void **state)
{
    struct chan_message message = message_of(CHAN_READY);
    int err = 0, sent = 0;

    while ((err = chan_send(ours, &message, -1)) == 0)
        assert_true(++sent < 1000000);
    assert_int_equal(err, -EAGAIN);
    assert_true(sent >= 8);
}

static void an_empty_packet_is_not_the_end(void **state)
{
    struct chan_message message = message_of(CHAN_READY);
    int fd;

    assert_int_equal(send(ours, "", 0, 0), 0);
    assert_int_equal(chan_send(ours, &message, -1), 0);
    assert_int_equal(chan_receive(theirs, &message, &fd), -EBADMSG);
    assert_int_equal(chan_receive(theirs, &message, &fd), 0);
    assert_empty();
}

static void other_sizes_and_types_are_dropped(void **state)
{
    char bytes[2 * sizeof(struct chan_message)] = {0};
    struct chan_message message;
    int fd;

    for (size_t len = 1; len < sizeof(bytes); len++) {
        message = message_of(CHAN_READY);
        memcpy(bytes, &message, sizeof(message));
        assert_int_equal(send(ours, bytes, len, 0), (ssize_t)len);
        assert_int_equal(chan_receive(theirs, &message, &fd),
                         len == sizeof(message) ? 0 : -EBADMSG);
    }
    for (uint32_t type = 0; type < 100; type++) {
        message = message_of(type == 99 ? UINT32_MAX : type);
        assert_int_equal(send(ours, &message, sizeof(message), 0), (ssize_t)sizeof(message));
        assert_int_equal(chan_receive(theirs, &message, &fd),
                         type > CHAN_NONE && type < CHAN_TYPE_COUNT ? 0 : -EBADMSG);
    }
    assert_empty();
}

/* @count copies of standard input, with a message of @len bytes. */
static void send_raw(const void *bytes, size_t len, unsigned count)
{
    int fds[64];
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(fds))];
    } control;
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = len};
    struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};

    assert_true(count <= COUNT_OF(fds));
    for (unsigned i = 0; i < count; i++)
        fds[i] = STDIN_FILENO;
    if (count > 0) {
        memset(&control, 0, sizeof(control));
        packet.msg_control = control.bytes;
        packet.msg_controllen = CMSG_SPACE(count * sizeof(int));
        CMSG_FIRSTHDR(&packet)->cmsg_level = SOL_SOCKET;
        CMSG_FIRSTHDR(&packet)->cmsg_type = SCM_RIGHTS;
        CMSG_FIRSTHDR(&packet)->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&packet)), fds, count * sizeof(int));
    }
    assert_int_equal(sendmsg(ours, &packet, 0), (ssize_t)len);
}

static void more_descriptors_than_one_are_dropped_and_none_leaks(void **state)
{
    struct chan_message message = message_of(CHAN_ERROR_LOG);
    int before = count_descriptors();
    int fd;

    for (unsigned count = 2; count < 64; count++) {
        send_raw(&message, sizeof(message), count);
        assert_int_equal(chan_receive(theirs, &message, &fd), -EBADMSG);
    }
    assert_int_equal(count_descriptors(), before);
}

static void garbage_neither_harms_nor_leaks(void **state)
{
    int before = count_descriptors();
    unsigned sound = 0;

    srandom(1);
    for (unsigned i = 0; i < 20000; i++) {
        char bytes[64];
        struct chan_message message;
        size_t len = (size_t)random() % sizeof(bytes);
        unsigned count = random() % 4 ? 0 : (unsigned)random() % 6;
        int fd = -1;

        for (size_t b = 0; b < len; b++)
            bytes[b] = (char)(random() % 8 ? 0 : random());
        if (random() % 4 == 0)
            len = sizeof(message);
        if (random() % 4 == 0 && len >= sizeof(uint32_t))
            memcpy(bytes, &(uint32_t){(uint32_t)random() % CHAN_TYPE_COUNT}, sizeof(uint32_t));
        send_raw(bytes, len, len == 0 ? 0 : count);
        int err = chan_receive(theirs, &message, &fd);
        assert_true(err == 0 || err == -EBADMSG);
        if (err == 0) {
            sound++;
            assert_true(message.type > CHAN_NONE && message.type < CHAN_TYPE_COUNT);
            assert_true(len == sizeof(message) && count <= 1);
            assert_int_equal(fd != -1, count == 1);
            if (fd != -1)
                close(fd);
        }
    }
    assert_true(sound > 100);
    assert_empty();
    assert_int_equal(count_descriptors(), before);
}

static void types_have_names(void **state)
{
    assert_string_equal(chan_type_name(CHAN_READY), "READY");
    assert_string_equal(chan_type_name(CHAN_TYPE_COUNT), "?");
    assert_string_equal(chan_type_name(UINT32_MAX), "?");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_sent_arrives),
        TEST(messages_keep_their_order_and_their_borders),
        TEST(a_descriptor_rides_along),
        TEST(the_end_is_told),
        TEST(an_end_with_our_messages_unread_is_an_end),
        TEST(a_peer_that_does_not_read_blocks_nobody),
        TEST(an_empty_packet_is_not_the_end),
        TEST(other_sizes_and_types_are_dropped),
        TEST(more_descriptors_than_one_are_dropped_and_none_leaks),
        TEST(garbage_neither_harms_nor_leaks),
        TEST(types_have_names),
    };

    return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
