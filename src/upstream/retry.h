/* SPDX-License-Identifier: MIT */
/* retry.h - whether a request may be sent once more (RFC 9110 section 9.2.2): one pure function. */
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

bool retry_is_allowed(const struct attempt_facts *facts, const struct upstream_config *config);

#endif
