/* SPDX-License-Identifier: MIT */
/*
 * sd_notify.h - tells the service manager what goes on, by datagrams (sd_notify(3)).
 *
 * Without NOTIFY_SOCKET in the environment nothing is sent. Sending never blocks and never fails
 * for the caller: a service manager that does not listen is no reason to stop serving.
 */
#ifndef TINYWEB_OS_SD_NOTIFY_H
#define TINYWEB_OS_SD_NOTIFY_H

#include "base/macros.h"

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct sd_notify {
    int fd; /* -1: nobody wants to know */
    struct sockaddr_un addr;
    socklen_t addr_len;
    uint64_t watchdog_usec; /* how often it wants to hear from this process; 0: never */
};

/* From the environment, which stays as it is: a new program at an upgrade needs it too. 0, -EINVAL
 * (not an address that is understood), or -errno; on failure nothing is sent later. */
MUST_CHECK int sd_notify_open(struct sd_notify *notify);
void sd_notify_close(struct sd_notify *notify);

/* Lines of the form NAME=VALUE, separated by newlines. */
void sd_notify_send(const struct sd_notify *notify, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
