/* SPDX-License-Identifier: MIT */
/* descriptors.c - close_range(2) over the gaps between the ones to keep. */

#include "os/descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int compare_fds(const void *a, const void *b)
{
    int left = *(const int *)a, right = *(const int *)b;
    return (left > right) - (left < right);
}

/* For kernels before 5.9. */
static int close_listed(unsigned first, unsigned last)
{
    DIR *dir = opendir("/proc/self/fd");
    if (!dir)
        return -errno;
    const struct dirent *entry;
    while ((entry = readdir(dir))) {
        long fd = strtol(entry->d_name, NULL, 10); /* "." and ".." give 0, which is below first */
        if (fd >= first && fd <= last && fd != dirfd(dir))
            close((int)fd);
    }
    closedir(dir);
    return 0;
}

static int close_between(unsigned first, unsigned last)
{
    if (first > last)
        return 0;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, last, 0U) == 0)
        return 0;
    if (errno != ENOSYS && errno != EPERM) /* EPERM: a seccomp filter that does not know it */
        return -errno;
#endif
    return close_listed(first, last);
}

int descriptors_close_others(int *keep, size_t count)
{
    unsigned first = STDERR_FILENO + 1;
    if (count > 0)
        qsort(keep, count, sizeof(*keep), compare_fds);
    for (size_t i = 0; i < count; i++) {
        if (keep[i] < (int)first)
            continue;
        int err = close_between(first, (unsigned)keep[i] - 1);
        if (err)
            return err;
        first = (unsigned)keep[i] + 1;
    }
    return close_between(first, INT_MAX);
}

int descriptors_reserve(void)
{
    /* Standard input is always there, and a sandbox lets it be copied. */
    return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}
