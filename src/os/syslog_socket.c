/* SPDX-License-Identifier: MIT */
/* syslog_socket.c - connect(2), once and again. */

#include "os/syslog_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int connect_to(int fd, const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len >= sizeof(name.sun_path))
        return -ENAMETOOLONG;
    memcpy(name.sun_path, path, len + 1);
    return connect(fd, (const struct sockaddr *)&name, sizeof(name)) == -1 ? -errno : 0;
}

int syslog_socket_open(const char *path, int *ret_fd)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd == -1)
        return -errno;
    int err = connect_to(fd, path);
    if (err) {
        close(fd);
        return err;
    }
    tzset(); /* what senders call later may not open files any more */
    *ret_fd = fd;
    return 0;
}

int syslog_socket_mend(int fd, const char *path)
{
    struct sockaddr_un peer;
    socklen_t len = sizeof(peer);
    if (getpeername(fd, (struct sockaddr *)&peer, &len) == 0 || errno != ENOTCONN)
        return 0;
    int err = connect_to(fd, path);
    return err ? err : 1;
}
