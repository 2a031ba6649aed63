/* SPDX-License-Identifier: MIT */
/* control_client.c - connects, sends one word, prints lines until the end. */

#include "process/control_client.h"

#include "process/control.h"
#include "process/control_text.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int connect_to(const char *pid_path, int *ret_fd)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int len = snprintf(addr.sun_path, sizeof(addr.sun_path), "%s" CONTROL_SUFFIX, pid_path);
    if (len < 0 || len >= (int)sizeof(addr.sun_path))
        return -ENOENT; /* the server could not make it either */
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd == -1)
        return -errno;
    if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == -1) {
        int err = -errno;
        close(fd);
        return err;
    }
    *ret_fd = fd;
    return 0;
}

/* One packet within the time: its length, or -errno. */
static ssize_t receive(int fd, char *packet, size_t size, int64_t until_ms)
{
    for (;;) {
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        int64_t left_ms = until_ms - now_ms();
        int count = poll(&readable, 1, left_ms > 0 ? (int)MIN(left_ms, INT64_C(1000000)) : 0);
        if (count == 0 && left_ms <= 0)
            return -ETIMEDOUT;
        if (count <= 0)
            continue;
        ssize_t len = recv(fd, packet, size, MSG_DONTWAIT);
        if (len == 0 || (len == -1 && errno == ECONNRESET))
            return -EPIPE;
        if (len > 0)
            return len;
        if (errno != EAGAIN && errno != EINTR)
            return -errno;
    }
}

static int listen_to(int fd, int64_t until_ms, FILE *out, const char *prefix, bool *ret_is_done)
{
    for (;;) {
        char packet[CONTROL_PACKET_MAX + 1];
        struct control_answer answer;
        ssize_t len = receive(fd, packet, sizeof(packet), until_ms);
        if (len < 0)
            return (int)len;
        if (!control_parse_answer(slice_of(packet, (size_t)len), &answer))
            return -EBADMSG;
        if (answer.is_end) {
            *ret_is_done = answer.is_done;
            return 0;
        }
        fprintf(out, "%s%.*s\n", prefix, SLICE_PRINTF(answer.text));
    }
}

int control_ask(const char *pid_path, const char *word, int limit_ms, FILE *out, const char *prefix,
                bool *ret_is_done)
{
    int64_t until_ms = now_ms() + limit_ms;
    int fd = -1;
    int err = connect_to(pid_path, &fd);
    if (err)
        return err;
    if (send(fd, word, strlen(word), MSG_NOSIGNAL) == -1)
        err = -errno;
    if (!err)
        err = listen_to(fd, until_ms, out, prefix, ret_is_done);
    close(fd);
    return err;
}
