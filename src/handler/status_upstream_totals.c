/* SPDX-License-Identifier: MIT */
/* status_upstream_totals.c - the counters that upstream/ has besides those of each server. */
#include "handler/status_upstream_totals.h"

#include "handler/status_report.h"
#include "upstream/group.h"

#include <inttypes.h>

static uint64_t attempts_of(const struct stats_totals *totals, unsigned outcome)
{
    return totals->values[STATS_INDEX(upstream_attempts) + outcome];
}

/* Those with a request; a worker may be between two of its counts. */
static uint64_t busy_connections(const struct stats_totals *totals)
{
    uint64_t open = STATS_TOTAL(totals, upstream_connections);
    uint64_t kept = STATS_TOTAL(totals, upstream_kept);

    return open > kept ? open - kept : 0;
}

void status_upstream_totals_json(struct writer *w, const struct stats_totals *totals)
{
    writer_format(w,
                  ",\"upstream_connections\":{\"busy\":%" PRIu64 ",\"kept\":%" PRIu64
                  ",\"made\":%" PRIu64 ",\"reused\":%" PRIu64 "},\"upstream_attempts\":{",
                  busy_connections(totals), STATS_TOTAL(totals, upstream_kept),
                  STATS_TOTAL(totals, upstream_connects), STATS_TOTAL(totals, upstream_reuses));
    for (unsigned i = 0; i < UPSTREAM_OUTCOMES; i++)
        writer_format(w, "%s\"%s\":%" PRIu64, i == 0 ? "" : ",",
                      fetch_outcome_name((enum fetch_outcome)i), attempts_of(totals, i));
    writer_char(w, '}');
}

void status_upstream_totals_metrics(struct writer *w, const struct stats_totals *totals)
{
    status_write_help(w, "upstream_connections", "gauge", "Connections to servers of upstreams.");
    writer_format(w,
                  "tinyweb_upstream_connections{state=\"busy\"} %" PRIu64
                  "\ntinyweb_upstream_connections{state=\"kept\"} %" PRIu64 "\n",
                  busy_connections(totals), STATS_TOTAL(totals, upstream_kept));
    status_write_help(w, "upstream_connects_total", "counter", "Connections made to servers.");
    writer_format(w, "tinyweb_upstream_connects_total %" PRIu64 "\n",
                  STATS_TOTAL(totals, upstream_connects));
    status_write_help(w, "upstream_reuses_total", "counter",
                      "Requests on a connection that was kept.");
    writer_format(w, "tinyweb_upstream_reuses_total %" PRIu64 "\n",
                  STATS_TOTAL(totals, upstream_reuses));
    status_write_help(w, "upstream_attempts_total", "counter",
                      "Requests sent to a server, by what came of it.");
    for (unsigned i = 0; i < UPSTREAM_OUTCOMES; i++)
        writer_format(w, "tinyweb_upstream_attempts_total{outcome=\"%s\"} %" PRIu64 "\n",
                      fetch_outcome_name((enum fetch_outcome)i), attempts_of(totals, i));
}
