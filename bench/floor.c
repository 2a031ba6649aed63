/* SPDX-License-Identifier: MIT */
/*
 * floor.c - the least that an answer can cost here: recv, send, and not a thought about either.
 *
 *   floor PORT [FIELD]
 *
 * FIELD is a line of each answer's head, for those who stand in front and would keep it. One process with edge-triggered epoll. It answers 1 KiB, or 16 KiB to a path that starts with
 * /16, without parsing: requests of one read are taken to be alike, and counted by their length.
 * It is no server; it shows how far one is from what the kernel alone would take.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DEPTH_MAX 64
#define EVENTS_MAX 512

struct answer {
    char *bytes; /* as often as answers may be asked for at once */
    size_t len;  /* of one */
};

struct answers {
    struct answer small, medium, last;
};

static struct answer make_answer(size_t body, unsigned copies, const char *field)
{
    char head[512], date[64];
    time_t now = time(NULL);
    size_t date_len = strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime(&now));
    int head_len = snprintf(head, sizeof(head),
                            "HTTP/1.1 200 OK\r\nServer: floor\r\nDate: %.*s\r\n"
                            "Content-Type: text/html\r\nContent-Length: %zu\r\n%s%s\r\n",
                            (int)date_len, date, body, field, *field ? "\r\n" : "");
    struct answer answer = {.len = (size_t)head_len + body};

    answer.bytes = malloc(answer.len * copies);
    if (!answer.bytes)
        exit(1);
    for (unsigned i = 0; i < copies; i++) {
        memcpy(answer.bytes + i * answer.len, head, (size_t)head_len);
        memset(answer.bytes + i * answer.len + head_len, 'x', body);
    }
    return answer;
}

/* How many requests there are in what was read. */
static size_t count_requests(const char *bytes, size_t len)
{
    const char *end = memmem(bytes, len, "\r\n\r\n", 4);
    size_t count = end ? len / (size_t)(end + 4 - bytes) : 1;

    return count < DEPTH_MAX ? count : DEPTH_MAX;
}

/* False when the connection has ended. */
static bool serve(int fd, const struct answers *answers)
{
    char bytes[16384];
    ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
    const struct answer *answer = &answers->small;
    size_t count = 1;

    if (n == -1 && errno == EAGAIN)
        return true;
    if (n > 7 && memcmp(bytes + 5, "16", 2) == 0)
        answer = &answers->medium;
    else if (n > 0 && memmem(bytes, (size_t)n, "close", 5))
        answer = &answers->last;
    else if (n > 0)
        count = count_requests(bytes, (size_t)n);
    if (n <= 0 || send(fd, answer->bytes, answer->len * count, MSG_NOSIGNAL) == -1 ||
        answer == &answers->last) {
        close(fd);
        return false;
    }
    return true;
}

static int listen_on(const char *port)
{
    const struct sockaddr_in addr = {.sin_family = AF_INET,
                                     .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
                                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == -1 ||
        bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) == -1 || listen(fd, 4096) == -1) {
        perror("floor");
        exit(1);
    }
    return fd;
}

int main(int argc, char **argv)
{
    const char *field = argc > 2 ? argv[2] : "";
    const struct answers answers = {.small = make_answer(1024, DEPTH_MAX, field),
                                    .medium = make_answer(16384, 1, field),
                                    .last = make_answer(1024, 1, "Connection: close")};
    struct epoll_event events[EVENTS_MAX];
    int listener = listen_on(argc > 1 ? argv[1] : "8300");
    int epoll = epoll_create1(EPOLL_CLOEXEC);

    epoll_ctl(epoll, EPOLL_CTL_ADD, listener,
              &(struct epoll_event){.events = EPOLLIN, .data.fd = listener});
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS_MAX, -1);

        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;

            if (fd != listener) {
                serve(fd, &answers);
                continue;
            }
            while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) != -1) {
                if (serve(fd, &answers))
                    epoll_ctl(epoll, EPOLL_CTL_ADD, fd,
                              &(struct epoll_event){.events = EPOLLIN | EPOLLRDHUP | EPOLLET,
                                                    .data.fd = fd});
            }
        }
    }
}
