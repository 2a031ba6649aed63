/* SPDX-License-Identifier: MIT */
/* sd_notify.c - NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. */

#include "os/sd_notify.h"

#include "base/number.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MESSAGE_MAX 1024

/* A path, or "@" and a name in the abstract namespace. */
static int parse_address(const char *text, struct sd_notify *notify)
{
    size_t len = strlen(text);
    if ((text[0] != '/' && text[0] != '@') || len < 2 || len >= sizeof(notify->addr.sun_path))
        return -EINVAL;
    notify->addr.sun_family = AF_UNIX;
    memcpy(notify->addr.sun_path, text, len + 1);
    if (text[0] == '@')
        notify->addr.sun_path[0] = '\0';
    notify->addr_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    return 0;
}

static uint64_t watchdog_usec(void)
{
    const char *pid_text = getenv("WATCHDOG_PID");
    const char *usec_text = getenv("WATCHDOG_USEC");
    uint64_t pid, usec;
    if (!usec_text || number_parse(slice_from_string(usec_text), UINT64_MAX, &usec))
        return 0;
    if (pid_text &&
        (number_parse(slice_from_string(pid_text), UINT64_MAX, &pid) || pid != (uint64_t)getpid()))
        return 0;
    return usec;
}

int sd_notify_open(struct sd_notify *notify)
{
    const char *text = getenv("NOTIFY_SOCKET");
    *notify = (struct sd_notify){.fd = -1};
    if (!text || text[0] == '\0')
        return 0;
    int err = parse_address(text, notify);
    if (err)
        return err;
    notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (notify->fd == -1)
        return -errno;
    notify->watchdog_usec = watchdog_usec();
    return 0;
}

void sd_notify_close(struct sd_notify *notify)
{
    if (notify->fd != -1)
        close(notify->fd);
    notify->fd = -1;
}

void sd_notify_send(const struct sd_notify *notify, const char *format, ...)
{
    char text[MESSAGE_MAX];
    va_list args;
    if (notify->fd == -1)
        return;
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args); /* cut when longer */
    va_end(args);
    if (len < 0)
        return;
    (void)sendto(notify->fd, text, MIN((size_t)len, sizeof(text) - 1), MSG_NOSIGNAL,
                 (const struct sockaddr *)&notify->addr, notify->addr_len);
}
