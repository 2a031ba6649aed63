/* SPDX-License-Identifier: MIT */
/*
 * fake_clock.h - the clock of the event loop stands still until the test moves it.
 *
 * For programs linked with -Wl,--wrap=clock_gettime. Both clocks of the loop, monotonic and wall,
 * show the same until fake_clock_set_wall; epoll_wait goes by the real one, so let it wait for 0.
 */
#ifndef SUPPORT_FAKE_CLOCK_H
#define SUPPORT_FAKE_CLOCK_H

#include <stdint.h>

/* From now on, and until fake_clock_off. */
void fake_clock_set(int64_t now_ms);
void fake_clock_advance(int64_t ms);
void fake_clock_set_wall(int64_t wall_ms);
void fake_clock_off(void);

#endif
