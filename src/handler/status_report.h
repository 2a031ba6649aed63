/* SPDX-License-Identifier: MIT */
/* status_report.h - one look at the counters, and the formats that it is written in. */
#ifndef TINYWEB_HANDLER_STATUS_REPORT_H
#define TINYWEB_HANDLER_STATUS_REPORT_H

#include "base/stats.h"
#include "base/writer.h"

struct upstreams;

/* All of it is borrowed but the sums. */
struct status_report {
    const struct server_stats *stats;
    const struct worker_counters *workers;
    size_t worker_count;               /* slots that were ever used */
    const struct upstreams *upstreams; /* NULL: there are none */
    int64_t now_s;                     /* wall clock */
    int64_t now_ms;                    /* of the loop */
    struct stats_totals totals;
};

struct status_format {
    struct slice type;
    void (*write)(struct writer *w, const struct status_report *report);
};

/* Room for any of them. */
#define STATUS_BASE_SIZE (48U * 1024)
#define STATUS_WORKER_SIZE 1024U

extern const struct status_format status_html;
extern const struct status_format status_json;
extern const struct status_format status_metrics;

/* What stands in front of the samples of a metric, whose @name is without "tinyweb_". */
void status_write_help(struct writer *w, const char *name, const char *type, const char *help);

/* Seconds since the start. */
static inline uint64_t status_uptime(const struct status_report *report)
{
    int64_t started = (int64_t)counter_get(&report->stats->started_s);

    return report->now_s > started ? (uint64_t)(report->now_s - started) : 0;
}

/* Open connections on which no request is under way. */
static inline uint64_t status_idle_connections(const struct status_report *report)
{
    uint64_t open = STATS_TOTAL(&report->totals, connections);
    uint64_t busy = STATS_TOTAL(&report->totals, exchanges);

    return open > busy ? open - busy : 0;
}

#endif
