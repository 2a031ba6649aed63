/* SPDX-License-Identifier: MIT */
/* cpu.c - affinity (sched_getaffinity(2)) and the cgroup v2 quota of ours and each parent. */

#include "os/cpu.h"

#include "base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CGROUP_MOUNT "/sys/fs/cgroup"
#define PROCESSORS_MAX 8192 /* what the kernel can be built for */
#define PERCENT 100

/* A small file of the kernel's into @out, terminated; its length, or 0. */
static size_t read_small_file(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1)
        return 0;
    size_t len = 0;
    ssize_t part;
    while (len < size - 1 && (part = read(fd, out + len, size - 1 - len)) > 0)
        len += (size_t)part;
    close(fd);
    out[len] = '\0';
    return len;
}

static unsigned count_affinity(void)
{
    unsigned long mask[PROCESSORS_MAX / (8 * sizeof(unsigned long))] = {0};
    /* The C library's cpu_set_t ends at 1024 processors. */
    if (sched_getaffinity(0, sizeof(mask), (cpu_set_t *)mask) == -1)
        return 1;
    unsigned count = 0;
    for (size_t i = 0; i < COUNT_OF(mask); i++)
        count += (unsigned)__builtin_popcountl(mask[i]);
    return MAX(count, 1U);
}

int cpu_parse_max(struct slice text, unsigned *ret_pct)
{
    if (text.len > 0 && text.data[text.len - 1] == '\n')
        text.len--;
    struct slice quota_text;
    uint64_t quota, period;
    if (!slice_next(&text, ' ', &quota_text) || !text.data)
        return -EINVAL;
    if (number_parse(text, UINT32_MAX, &period) || period == 0)
        return -EINVAL;
    if (slice_equal(quota_text, SLICE_LITERAL("max"))) {
        *ret_pct = 0;
        return 0;
    }
    if (number_parse(quota_text, UINT64_MAX / PERCENT, &quota))
        return -EINVAL;
    uint64_t pct = quota * PERCENT / period + (quota * PERCENT % period != 0);
    *ret_pct = (unsigned)MIN(MAX(pct, 1U), (uint64_t)PROCESSORS_MAX * PERCENT);
    return 0;
}

/* Our cgroup's path into @out, behind the mount point; false when there is no version 2. */
static bool find_cgroup(char *out, size_t size)
{
    char text[4096];
    struct slice rest = slice_of(text, read_small_file("/proc/self/cgroup", text, sizeof(text)));
    struct slice line;
    while (slice_next(&rest, '\n', &line)) {
        if (!slice_starts_with(line, SLICE_LITERAL("0::/")))
            continue;
        struct slice path = slice_from(line, 3);
        int len = snprintf(out, size, CGROUP_MOUNT "%.*s", SLICE_PRINTF(path));
        return len > 0 && (size_t)len < size;
    }
    return false;
}

/* The tightest quota from our group up to the mount point; 0: none. */
static unsigned find_quota(void)
{
    char path[4096 + sizeof("/cpu.max")], text[64];
    unsigned tightest = 0;
    if (!find_cgroup(path, sizeof(path) - sizeof("/cpu.max")))
        return 0;

    for (;;) {
        size_t end = strlen(path);
        memcpy(path + end, "/cpu.max", sizeof("/cpu.max"));
        unsigned pct;
        size_t len = read_small_file(path, text, sizeof(text));
        if (len > 0 && cpu_parse_max(slice_of(text, len), &pct) == 0 && pct > 0 &&
            (tightest == 0 || pct < tightest))
            tightest = pct;
        path[end] = '\0';
        char *slash = strrchr(path, '/');
        if (end <= strlen(CGROUP_MOUNT) || !slash)
            return tightest;
        *slash = '\0';
    }
}

void cpu_budget(struct cpu_budget *ret_budget)
{
    unsigned affinity = count_affinity();
    unsigned quota_pct = find_quota();
    unsigned whole = (quota_pct + PERCENT - 1) / PERCENT;
    *ret_budget = (struct cpu_budget){
        .count = quota_pct > 0 ? MIN(affinity, whole) : affinity,
        .affinity = affinity,
        .quota_pct = quota_pct,
    };
}
