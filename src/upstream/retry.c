/* SPDX-License-Identifier: MIT */
/* retry.c - what was not sent may be sent; what was, only where it makes no difference. */
#include "upstream/retry.h"

#define TRY 100
#define TRIES_A_SECOND 3

bool retry_is_allowed(const struct attempt_facts *facts, const struct upstream_config *config)
{
    return (config->retry_on & facts->reason) != 0 && facts->attempts < config->tries &&
           facts->elapsed_ms < config->tries_time_ms && facts->can_be_replayed &&
           (!facts->was_sent || method_is_idempotent(facts->method));
}

void retry_budget_earn(struct retry_budget *budget, const struct upstream_config *config)
{
    budget->percents = MIN(budget->percents + config->retry_budget, RETRY_BUDGET_MAX * TRY);
}

bool retry_budget_spend(struct retry_budget *budget, int64_t now_ms)
{
    if (budget->percents < TRIES_A_SECOND * TRY &&
        (budget->filled_ms == 0 || now_ms - budget->filled_ms >= 1000)) {
        budget->percents = TRIES_A_SECOND * TRY;
        budget->filled_ms = now_ms;
    }
    if (budget->percents < TRY)
        return false;
    budget->percents -= TRY;
    return true;
}
