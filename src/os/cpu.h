/* SPDX-License-Identifier: MIT */
/* cpu.h - how many processors this process may really use. */
#ifndef TINYWEB_OS_CPU_H
#define TINYWEB_OS_CPU_H

#include "base/macros.h"
#include "base/slice.h"

struct cpu_budget {
    unsigned count;     /* the smaller of the two, at least 1 */
    unsigned affinity;  /* processors that the scheduler may use for us */
    unsigned quota_pct; /* the cgroup's quota in hundredths of a processor; 0: none */
};

/* Never fails: what cannot be read is no limit. */
void cpu_budget(struct cpu_budget *ret_budget);

/*
 * The content of cgroup v2's cpu.max: "QUOTA PERIOD" in microseconds, QUOTA may be "max".
 * *@ret_pct is hundredths of a processor, rounded up, at least 1; 0: no limit. -EINVAL.
 */
MUST_CHECK int cpu_parse_max(struct slice text, unsigned *ret_pct);

#endif
