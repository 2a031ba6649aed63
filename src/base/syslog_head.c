/* SPDX-License-Identifier: MIT */
/* syslog_head.c - made once a second. */
#include "base/syslog_head.h"

#include "base/writer.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* strftime(3) would go by the locale. */
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static void make(struct syslog_head *head, unsigned priority, time_t now)
{
    struct writer w = writer_on(head->text, sizeof(head->text));
    struct tm local = {0};

    (void)localtime_r(&now, &local); /* none: the start of the year 1900 is told */
    writer_format(&w, "<%u>%s %2d %02d:%02d:%02d tinyweb[%ld]: ", priority, months[local.tm_mon],
                  local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec, (long)getpid());
    head->len = w.len;
    head->seconds = now;
    head->priority = priority;
}

struct slice syslog_head(struct syslog_head *head, unsigned priority, time_t now)
{
    if (head->len == 0 || head->seconds != now || head->priority != priority)
        make(head, priority, now);
    return slice_of(head->text, head->len);
}

bool syslog_is_socket(int fd)
{
    int type, saved_errno = errno;
    socklen_t len = sizeof(type);
    bool is_socket = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0;

    errno = saved_errno; /* those who log may be about to tell it */
    return is_socket && type == SOCK_DGRAM;
}
