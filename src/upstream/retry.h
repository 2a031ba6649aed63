/* SPDX-License-Identifier: MIT */
/* retry.h - whether a request may be sent once more (RFC 9110 section 9.2.2): pure functions. */
#ifndef TINYWEB_UPSTREAM_RETRY_H
#define TINYWEB_UPSTREAM_RETRY_H

#include "config/config.h"
#include "http/method.h"

struct attempt_facts {
    enum http_method method;
    enum retry_reason reason; /* what it came to; 0: nothing that another server would mend */
    unsigned attempts;        /* so far */
    uint32_t elapsed_ms;      /* since the first began */
    bool was_sent;            /* a byte of the request may have left */
    bool can_be_replayed;     /* all of its content so far is at hand */
};

/* Nothing of an answer has been passed on: that is for the caller to know. */
bool retry_is_allowed(const struct attempt_facts *facts, const struct upstream_config *config);

/*
 * What may be asked again, of all that is asked: each request brings `retry_budget` percent of one more
 * try, and each second makes up for three; what is not used is kept up to RETRY_BUDGET_MAX. So a storm of
 * failures does not become one of requests. Zeroed at first.
 */
#define RETRY_BUDGET_MAX 100
struct retry_budget {
    unsigned percents; /* at hand: 100 are a try */
    int64_t filled_ms; /* when there were three last */
};

void retry_budget_earn(struct retry_budget *budget, const struct upstream_config *config);
/* Take a try; false: there is none. */
bool retry_budget_spend(struct retry_budget *budget, int64_t now_ms);

#endif
