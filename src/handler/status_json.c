/* SPDX-License-Identifier: MIT */
/* status_json.c - one object (RFC 8259); numbers and words of our own, so nothing to escape. */
#include "handler/status_report.h"
#include "handler/status_upstream_totals.h"
#include "handler/status_upstreams.h"

#include <inttypes.h>

static void member(struct writer *w, const char *name, uint64_t value)
{
    if (w->len > 0 && w->data[w->len - 1] != '{')
        writer_char(w, ',');
    writer_format(w, "\"%s\":%" PRIu64, name, value);
}

#define MEMBER(w, report, field) member(w, #field, STATS_TOTAL(&(report)->totals, field))

static void write_totals(struct writer *w, const struct status_report *report)
{
    static const char *const classes[] = {"unanswered", "1xx", "2xx", "3xx", "4xx", "5xx"};

    MEMBER(w, report, accepted);
    MEMBER(w, report, requests);
    writer_literal(w, ",\"responses\":{");
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        member(w, classes[i], report->totals.values[STATS_INDEX(responses) + i]);
    writer_char(w, '}');
    MEMBER(w, report, bytes_sent);
    MEMBER(w, report, mutex_tries);
    MEMBER(w, report, mutex_misses);
    MEMBER(w, report, accept_without_mutex);
    MEMBER(w, report, accept_errors);
    MEMBER(w, report, file_cache_hits);
    MEMBER(w, report, file_cache_misses);
    writer_literal(w, ",\"cache\":{");
    member(w, "hit", STATS_TOTAL(&report->totals, replies_hit));
    member(w, "stale", STATS_TOTAL(&report->totals, replies_stale));
    member(w, "miss", STATS_TOTAL(&report->totals, replies_missed));
    member(w, "bypass", STATS_TOTAL(&report->totals, replies_passed));
    member(w, "revalidated", STATS_TOTAL(&report->totals, replies_revalidated));
    member(w, "stored", STATS_TOTAL(&report->totals, replies_stored));
    writer_char(w, '}');
    MEMBER(w, report, log_lines_dropped);
    writer_literal(w, ",\"io\":{");
    member(w, "jobs", STATS_TOTAL(&report->totals, io_jobs));
    member(w, "refused", STATS_TOTAL(&report->totals, io_refused));
    member(w, "waiting", STATS_TOTAL(&report->totals, io_queued));
    member(w, "running", STATS_TOTAL(&report->totals, io_running));
    writer_char(w, '}');
    writer_literal(w, ",\"limits\":{");
    for (unsigned i = 0; i < LIMIT_COUNT; i++)
        member(w, limit_name((enum limit)i), report->totals.values[STATS_INDEX(limits) + i]);
    writer_literal(w, "},\"memory\":{");
    member(w, "small_in_use", STATS_TOTAL(&report->totals, small_memory));
    member(w, "small_held", STATS_TOTAL(&report->totals, slab_memory));
    member(w, "large_in_use", STATS_TOTAL(&report->totals, large_memory));
    writer_char(w, '}');
}

static void write_latency(struct writer *w, const struct histogram_copy *latency)
{
    writer_literal(w, ",\"latency_us\":{");
    member(w, "count", latency->count);
    member(w, "mean", latency->count > 0 ? latency->sum / latency->count : 0);
    member(w, "p50", histogram_quantile(latency, 0.5));
    member(w, "p90", histogram_quantile(latency, 0.9));
    member(w, "p99", histogram_quantile(latency, 0.99));
    member(w, "max", histogram_quantile(latency, 1));
    writer_char(w, '}');
}

static void write_workers(struct writer *w, const struct status_report *report)
{
    writer_literal(w, ",\"workers\":[");
    for (size_t i = 0; i < report->worker_count; i++) {
        const struct worker_counters *worker = &report->workers[i];

        if (i > 0)
            writer_char(w, ',');
        writer_char(w, '{');
        member(w, "slot", i);
        member(w, "active", counter_get(&worker->active));
        member(w, "connections", counter_get(&worker->connections));
        member(w, "accepted", counter_get(&worker->accepted));
        member(w, "requests", counter_get(&worker->requests));
        writer_char(w, '}');
    }
    writer_char(w, ']');
}

static void write(struct writer *w, const struct status_report *report)
{
    writer_literal(w, "{\"version\":\"" PACKAGE_VERSION "\"");
    member(w, "time", (uint64_t)report->now_s);
    member(w, "uptime", status_uptime(report));
    member(w, "configuration", counter_get(&report->stats->generation));
    member(w, "reloads", counter_get(&report->stats->reloads));
    member(w, "reloads_failed", counter_get(&report->stats->reloads_failed));
    member(w, "respawns", counter_get(&report->stats->respawns));
    writer_literal(w, ",\"connections\":{");
    member(w, "active", STATS_TOTAL(&report->totals, exchanges));
    member(w, "idle", status_idle_connections(report));
    member(w, "free_slots", STATS_TOTAL(&report->totals, free_slots));
    writer_char(w, '}');
    write_totals(w, report);
    write_latency(w, &report->totals.latency);
    write_workers(w, report);
    if (report->upstreams)
        status_upstream_totals_json(w, &report->totals);
    status_upstreams_json(w, report->upstreams, report->now_ms);
    writer_literal(w, "}\n");
}

const struct status_format status_json = {
    .type = {"application/json", sizeof("application/json") - 1},
    .write = write,
};
