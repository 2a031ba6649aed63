/* SPDX-License-Identifier: MIT */
/* origin.c - sockets, without a loop. */
#include "support/unit.h"

#include "support/origin.h"

#include "os/socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void origin_open(struct origin *origin)
{
    origin->fd = -1;
    assert_int_equal(address_parse(SLICE_LITERAL("127.0.0.1:0"), 0, &origin->addr), 0);
    assert_int_equal(socket_listen(&origin->addr, 16, &origin->listen_fd), 0);
    assert_int_equal(socket_local_address(origin->listen_fd, &origin->addr), 0);
}

void origin_stop(struct origin *origin)
{
    if (origin->listen_fd != -1)
        close(origin->listen_fd);
    origin->listen_fd = -1;
}

void origin_close(struct origin *origin)
{
    origin_stop(origin);
    origin_hang_up(origin);
}

bool origin_accept(struct origin *origin)
{
    struct address peer;
    int fd = socket_accept(origin->listen_fd, &peer);

    if (fd < 0)
        return false;
    origin->fd = fd;
    return true;
}

const char *origin_read(struct origin *origin)
{
    size_t len = 0;
    ssize_t n;

    while ((n = read(origin->fd, origin->received + len, sizeof(origin->received) - 1 - len)) > 0)
        len += (size_t)n;
    origin->received[len] = '\0';
    origin->received_len = len;
    if (len == 0 && (n == 0 || errno == ECONNRESET))
        return NULL;
    return origin->received;
}

void origin_send(struct origin *origin, const char *text)
{
    size_t len = strlen(text);

    assert_int_equal(send(origin->fd, text, len, MSG_NOSIGNAL), len);
}

void origin_end(struct origin *origin)
{
    assert_int_equal(shutdown(origin->fd, SHUT_WR), 0);
}

void origin_hang_up(struct origin *origin)
{
    if (origin->fd != -1)
        close(origin->fd);
    origin->fd = -1;
}

void origin_reset(struct origin *origin)
{
    assert_int_equal(socket_reset_on_close(origin->fd), 0);
    origin_hang_up(origin);
}
