/* SPDX-License-Identifier: MIT */
/* resource_limits.h - how many descriptors a process may have (RLIMIT_NOFILE, getrlimit(2)). */
#ifndef TINYWEB_OS_RESOURCE_LIMITS_H
#define TINYWEB_OS_RESOURCE_LIMITS_H

#include "base/macros.h"

#include <stdint.h>

/*
 * Make the soft limit @wanted, or the hard limit when @wanted is 0. Above the hard limit that one
 * is raised, which only a privileged process may; otherwise the hard limit is what we get.
 * *@ret_limit is what is in effect then: less than @wanted deserves a warning. Children inherit.
 */
MUST_CHECK int limits_set_open_files(uint64_t wanted, uint64_t *ret_limit);
/* The soft limit. */
uint64_t limits_open_files(void);

#endif
