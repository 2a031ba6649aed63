/* SPDX-License-Identifier: MIT */
/* resource_limits.c - setrlimit. */

#include "os/resource_limits.h"

#include <errno.h>
#include <sys/resource.h>

int limits_set_open_files(uint64_t wanted, uint64_t *ret_limit)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
        return -errno;

    if (wanted > limit.rlim_max) {
        struct rlimit raised = {.rlim_cur = wanted, .rlim_max = wanted};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0) {
            *ret_limit = wanted;
            return 0;
        }
        wanted = limit.rlim_max;
    }
    limit.rlim_cur = wanted == 0 ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
        return -errno;
    *ret_limit = limit.rlim_cur;
    return 0;
}

uint64_t limits_open_files(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == -1 ? RLIM_INFINITY : limit.rlim_cur;
}
