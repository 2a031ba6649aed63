/* SPDX-License-Identifier: MIT */
/*
 * limit_log.h - counts what clients run into, and says it in the error log, but seldom.
 *
 * A limit has at most one line in ten seconds, which names the client and says how many others met
 * with the same since the last line: thousands of them must not fill the disk.
 */
#ifndef TINYWEB_HTTP_LIMIT_LOG_H
#define TINYWEB_HTTP_LIMIT_LOG_H

#include "base/address.h"
#include "base/counters.h"
#include "base/limit.h"

#define LIMIT_LOG_PAUSE_MS 10000

/* One a worker; its fields are private. */
struct limit_log {
    struct worker_counters *counters; /* borrowed */
    struct {
        int64_t next_ms; /* no line before */
        uint64_t unsaid; /* since the last line */
    } limits[LIMIT_COUNT];
};

void limit_log_init(struct limit_log *log, struct worker_counters *counters);

/* @peer: who; NULL when that is not known. @now_ms of the loop's clock. */
void limit_log_note(struct limit_log *log, enum limit limit, const struct address *peer,
                    int64_t now_ms);

#endif
