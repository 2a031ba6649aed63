/* SPDX-License-Identifier: MIT */
/* fake_clock.c - clock_gettime by the linker's --wrap. */
#include "support/fake_clock.h"

#include <stdbool.h>
#include <time.h>

int __real_clock_gettime(clockid_t clock, struct timespec *ret_time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time);

static struct {
    bool is_on;
    int64_t now_ms, wall_ms;
} fake;

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time)
{
    int64_t ms = clock == CLOCK_MONOTONIC ? fake.now_ms : fake.wall_ms;

    if (!fake.is_on)
        return __real_clock_gettime(clock, ret_time);
    *ret_time = (struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    return 0;
}

void fake_clock_set(int64_t now_ms)
{
    fake.is_on = true;
    fake.now_ms = fake.wall_ms = now_ms;
}

void fake_clock_advance(int64_t ms)
{
    fake.now_ms += ms;
    fake.wall_ms += ms;
}

void fake_clock_set_wall(int64_t wall_ms)
{
    fake.wall_ms = wall_ms;
}

void fake_clock_off(void)
{
    fake.is_on = false;
}
