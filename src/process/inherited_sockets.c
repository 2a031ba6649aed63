/* SPDX-License-Identifier: MIT */
/* inherited_sockets.c - reads TINYWEB_LISTEN_FDS and believes none of it. */

#include "process/inherited_sockets.h"

#include "base/log.h"
#include "base/number.h"
#include "os/socket.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

/* SD_LISTEN_FDS_START */
#define ACTIVATED_FIRST 3

static bool is_listed(const struct inherited_sockets *sockets, int fd)
{
    for (unsigned i = 0; i < sockets->count; i++) {
        if (sockets->items[i].fd == fd)
            return true;
    }
    return false;
}

/* Without touching the descriptor, which may be anything. */
static int add_checked(struct inherited_sockets *sockets, int fd)
{
    struct address addr;
    if (fd <= STDERR_FILENO || is_listed(sockets, fd))
        return -EINVAL;
    if (sockets->count == INHERITED_MAX)
        return -ENOSPC;
    int err = socket_check_listening(fd);
    if (!err)
        err = socket_local_address(fd, &addr);
    if (!err)
        err = socket_adopt_listening(fd, SOCKET_BACKLOG);
    if (err)
        return err;
    sockets->items[sockets->count++] = (struct inherited_socket){.fd = fd, .addr = addr};
    return 0;
}

int inherited_parse(const char *text, const struct trouble *trouble,
                    struct inherited_sockets *ret_sockets)
{
    int result = 0;
    ret_sockets->count = 0;
    if (!text)
        return 0;

    struct slice rest = slice_from_string(text), piece;
    while (slice_next(&rest, ';', &piece)) {
        uint64_t fd;
        int err = number_parse(piece, INT_MAX, &fd);
        if (!err)
            err = add_checked(ret_sockets, (int)fd);
        if (err) {
            trouble_report(trouble, err, INHERITED_VARIABLE ": \"%.*s\" is no listening TCP socket",
                           SLICE_PRINTF(piece));
            result = -EINVAL;
        }
    }
    return result;
}

int inherited_activated(const char *pid, const char *count, const struct trouble *trouble,
                        struct inherited_sockets *sockets)
{
    uint64_t number;
    int result = 0;
    if (!pid || !count)
        return 0;
    if (number_parse(slice_from_string(pid), INT_MAX, &number) || number != (uint64_t)getpid())
        return 0; /* for another process, whose environment we have inherited */
    if (number_parse(slice_from_string(count), INHERITED_MAX, &number)) {
        trouble_report(trouble, 0, "LISTEN_FDS: \"%s\" is no number up to %d", count,
                       INHERITED_MAX);
        return -EINVAL;
    }
    for (int fd = ACTIVATED_FIRST; fd < ACTIVATED_FIRST + (int)number; fd++) {
        int err = add_checked(sockets, fd);
        if (err) {
            trouble_report(trouble, err, "LISTEN_FDS: descriptor %d is no listening TCP socket",
                           fd);
            result = -EINVAL;
        }
    }
    return result;
}

int inherited_add(struct inherited_sockets *sockets, int fd)
{
    int err = add_checked(sockets, fd);
    if (err)
        close(fd);
    return err;
}

int inherited_take(struct inherited_sockets *sockets, const struct address *addr)
{
    for (unsigned i = 0; i < sockets->count; i++) {
        struct inherited_socket *item = &sockets->items[i];
        if (item->fd != -1 && address_equal(&item->addr, addr)) {
            int fd = item->fd;
            item->fd = -1;
            return fd;
        }
    }
    return -1;
}

void inherited_close_rest(struct inherited_sockets *sockets)
{
    for (unsigned i = 0; i < sockets->count; i++) {
        struct inherited_socket *item = &sockets->items[i];
        char text[ADDRESS_TEXT_SIZE];
        if (item->fd == -1)
            continue;
        (void)address_format(&item->addr, text);
        log_warn(LOG_PROCESS, "an inherited socket is closed: %s is not configured", text);
        close(item->fd);
        item->fd = -1;
    }
    sockets->count = 0;
}
