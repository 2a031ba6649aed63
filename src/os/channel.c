/* SPDX-License-Identifier: MIT */
/* channel.c - sendmsg and recvmsg, with the care that ancillary data wants (unix(7), cmsg(3)). */

#include "os/channel.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* More descriptors than this in one message are dropped by the kernel (MSG_CTRUNC). */
#define RECEIVED_FDS_MAX 4

static const char *const type_names[] = {
    [CHAN_NONE] = "NONE",
    [CHAN_READY] = "READY",
    [CHAN_CLOSED] = "CLOSED",
    [CHAN_QUIT] = "QUIT",
    [CHAN_TERM] = "TERM",
    [CHAN_ERROR_LOG] = "ERROR_LOG",
    [CHAN_ACCESS_LOG] = "ACCESS_LOG",
};
static_assert(COUNT_OF(type_names) == CHAN_TYPE_COUNT, "one name a type");

const char *chan_type_name(uint32_t type)
{
    return type < CHAN_TYPE_COUNT ? type_names[type] : "?";
}

int chan_create(int *ret_ours, int *ret_theirs)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == -1)
        return -errno;
    *ret_ours = pair[0];
    *ret_theirs = pair[1];
    return 0;
}

int chan_send(int fd, const struct chan_message *message, int passed_fd)
{
    struct chan_message copy = *message;
    struct iovec part = {.iov_base = &copy, .iov_len = sizeof(copy)};
    union {
        struct cmsghdr header; /* for its alignment */
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};

    if (passed_fd != -1) {
        memset(&control, 0, sizeof(control));
        packet.msg_control = control.bytes;
        packet.msg_controllen = sizeof(control.bytes);
        struct cmsghdr *header = CMSG_FIRSTHDR(&packet);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &passed_fd, sizeof(int));
    }
    ssize_t sent;
    do {
        sent = sendmsg(fd, &packet, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent == -1 && errno == EINTR);
    return sent == -1 ? -errno : 0;
}

/* All descriptors of a message; returns how many. */
static unsigned collect_fds(struct msghdr *packet, int *fds)
{
    unsigned count = 0;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(packet); h; h = CMSG_NXTHDR(packet, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
            continue;
        size_t here = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < here && count < RECEIVED_FDS_MAX; i++)
            memcpy(&fds[count++], CMSG_DATA(h) + i * sizeof(int), sizeof(int));
    }
    return count;
}

/* recvmsg returns 0 for an empty packet too. */
static bool is_end_of_file(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLRDHUP};
    return poll(&wait, 1, 0) == 1 && (wait.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

int chan_receive(int fd, struct chan_message *ret_message, int *ret_fd)
{
    struct chan_message message;
    struct iovec part = {.iov_base = &message, .iov_len = sizeof(message)};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(RECEIVED_FDS_MAX * sizeof(int))];
    } control;
    struct msghdr packet = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof(control.bytes)};
    ssize_t len;
    do {
        len = recvmsg(fd, &packet, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    } while (len == -1 && errno == EINTR);
    if (len == -1)
        return errno == ECONNRESET ? -EPIPE : -errno; /* reset: it died with our messages unread */

    int fds[RECEIVED_FDS_MAX];
    unsigned count = collect_fds(&packet, fds);
    if (len == 0 && count == 0 && is_end_of_file(fd))
        return -EPIPE;

    bool is_sound = len == (ssize_t)sizeof(message) && count <= 1 &&
                    (packet.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 &&
                    message.type > CHAN_NONE && message.type < CHAN_TYPE_COUNT;
    if (!is_sound) {
        while (count > 0)
            close(fds[--count]);
        return -EBADMSG;
    }
    *ret_message = message;
    *ret_fd = count == 1 ? fds[0] : -1;
    return 0;
}
