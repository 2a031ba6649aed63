/* SPDX-License-Identifier: MIT */
/* retry.c - what was not sent may be sent; what was, only where it makes no difference. */
#include "upstream/retry.h"

bool retry_is_allowed(const struct attempt_facts *facts, const struct upstream_config *config)
{
    return (config->retry_on & facts->reason) != 0 && facts->attempts < config->tries &&
           (config->tries_time_ms == 0 || facts->elapsed_ms < config->tries_time_ms) &&
           facts->can_be_replayed && (!facts->was_sent || method_is_idempotent(facts->method));
}
