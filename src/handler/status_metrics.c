/* SPDX-License-Identifier: MIT */
/*
 * status_metrics.c - the text exposition format of Prometheus, version 0.0.4.
 *
 * Names follow its conventions: base units (seconds, bytes), _total for what only grows.
 */
#include "base/macros.h"
#include "handler/status_report.h"
#include "handler/status_upstream_totals.h"
#include "handler/status_upstreams.h"

#include <inttypes.h>

struct metric {
    const char *name, *type, *help;
    const char *labels; /* "" without any */
    size_t index;       /* of the sum */
};

/* Rows of one name stand together; the first has its help. */
static const struct metric metrics[] = {
    {"connections_accepted_total", "counter", "Connections accepted.", "", STATS_INDEX(accepted)},
    {"requests_total", "counter", "Requests answered, by class of status.", "{class=\"1xx\"}",
     STATS_INDEX(responses[1])},
    {"requests_total", NULL, NULL, "{class=\"2xx\"}", STATS_INDEX(responses[2])},
    {"requests_total", NULL, NULL, "{class=\"3xx\"}", STATS_INDEX(responses[3])},
    {"requests_total", NULL, NULL, "{class=\"4xx\"}", STATS_INDEX(responses[4])},
    {"requests_total", NULL, NULL, "{class=\"5xx\"}", STATS_INDEX(responses[5])},
    {"requests_unanswered_total", "counter", "Requests that ended without an answer.", "",
     STATS_INDEX(responses[0])},
    {"sent_bytes_total", "counter", "Bytes sent.", "", STATS_INDEX(bytes_sent)},
    {"accept_mutex_tries_total", "counter", "Attempts to take the accept mutex.", "",
     STATS_INDEX(mutex_tries)},
    {"accept_mutex_misses_total", "counter", "Those that found it taken.", "",
     STATS_INDEX(mutex_misses)},
    {"accept_mutex_bypassed_total", "counter", "Times that were accepted without it, after a wait.",
     "", STATS_INDEX(accept_without_mutex)},
    {"accept_errors_total", "counter", "Failures of accept.", "", STATS_INDEX(accept_errors)},
    {"file_cache_hits_total", "counter", "Files found in the cache.", "",
     STATS_INDEX(file_cache_hits)},
    {"file_cache_misses_total", "counter", "Files that were opened.", "",
     STATS_INDEX(file_cache_misses)},
    {"cache_requests_total", "counter",
     "Requests where a cache keeps answers, by what became of them.", "{result=\"hit\"}",
     STATS_INDEX(replies_hit)},
    {"cache_requests_total", NULL, NULL, "{result=\"stale\"}", STATS_INDEX(replies_stale)},
    {"cache_requests_total", NULL, NULL, "{result=\"miss\"}", STATS_INDEX(replies_missed)},
    {"cache_requests_total", NULL, NULL, "{result=\"bypass\"}", STATS_INDEX(replies_passed)},
    {"cache_revalidated_total", "counter", "Kept answers that an upstream called still true.", "",
     STATS_INDEX(replies_revalidated)},
    {"cache_stored_total", "counter", "Answers that were kept.", "", STATS_INDEX(replies_stored)},
    {"log_lines_dropped_total", "counter", "Lines of the access log that could not be written.", "",
     STATS_INDEX(log_lines_dropped)},
    {"io_jobs_total", "counter", "Jobs given to I/O threads.", "", STATS_INDEX(io_jobs)},
    {"io_refused_total", "counter", "Jobs that the loop had to do itself.", "",
     STATS_INDEX(io_refused)},
    {"io_jobs", "gauge", "Jobs of I/O threads.", "{state=\"waiting\"}", STATS_INDEX(io_queued)},
    {"io_jobs", NULL, NULL, "{state=\"running\"}", STATS_INDEX(io_running)},
    {"workers", "gauge", "Workers that accept connections.", "", STATS_INDEX(active)},
    {"connection_slots_free", "gauge", "Connections that workers could still take.", "",
     STATS_INDEX(free_slots)},
    {"memory_bytes", "gauge", "Memory of connections, as of the last second with requests.",
     "{kind=\"small_in_use\"}", STATS_INDEX(small_memory)},
    {"memory_bytes", NULL, NULL, "{kind=\"small_held\"}", STATS_INDEX(slab_memory)},
    {"memory_bytes", NULL, NULL, "{kind=\"large_in_use\"}", STATS_INDEX(large_memory)},
};

void status_write_help(struct writer *w, const char *name, const char *type, const char *help)
{
    writer_format(w, "# HELP tinyweb_%s %s\n# TYPE tinyweb_%s %s\n", name, help, name, type);
}

static void write_one(struct writer *w, const char *name, const char *type, const char *help,
                      uint64_t value)
{
    status_write_help(w, name, type, help);
    writer_format(w, "tinyweb_%s %" PRIu64 "\n", name, value);
}

static void write_server(struct writer *w, const struct status_report *report)
{
    const struct server_stats *stats = report->stats;

    status_write_help(w, "info", "gauge", "The program.");
    writer_literal(w, "tinyweb_info{version=\"" PACKAGE_VERSION "\"} 1\n");
    write_one(w, "start_time_seconds", "gauge", "When it started.", counter_get(&stats->started_s));
    write_one(w, "configuration", "gauge", "The number of the configuration in use.",
              counter_get(&stats->generation));
    status_write_help(w, "reloads_total", "counter", "Reloads of the configuration, by result.");
    writer_format(w, "tinyweb_reloads_total{result=\"ok\"} %" PRIu64 "\n",
                  counter_get(&stats->reloads));
    writer_format(w, "tinyweb_reloads_total{result=\"failed\"} %" PRIu64 "\n",
                  counter_get(&stats->reloads_failed));
    write_one(w, "worker_respawns_total", "counter", "Workers started in place of one that ended.",
              counter_get(&stats->respawns));
}

static void write_sums(struct writer *w, const struct status_report *report)
{
    for (size_t i = 0; i < COUNT_OF(metrics); i++) {
        const struct metric *metric = &metrics[i];

        if (metric->help)
            status_write_help(w, metric->name, metric->type, metric->help);
        writer_format(w, "tinyweb_%s%s %" PRIu64 "\n", metric->name, metric->labels,
                      report->totals.values[metric->index]);
    }
}

static void write_connections(struct writer *w, const struct status_report *report)
{
    status_write_help(w, "connections", "gauge",
                      "Open connections, by whether a request is under way.");
    writer_format(w, "tinyweb_connections{state=\"active\"} %" PRIu64 "\n",
                  STATS_TOTAL(&report->totals, exchanges));
    writer_format(w, "tinyweb_connections{state=\"idle\"} %" PRIu64 "\n",
                  status_idle_connections(report));
}

static void write_limits(struct writer *w, const struct status_report *report)
{
    status_write_help(w, "limits_total", "counter", "How often clients ran into a limit.");
    for (unsigned i = 0; i < LIMIT_COUNT; i++)
        writer_format(w, "tinyweb_limits_total{limit=\"%s\"} %" PRIu64 "\n",
                      limit_name((enum limit)i), report->totals.values[STATS_INDEX(limits) + i]);
}

/* A line a power of two is enough there; the finer buckets are for our own quantiles. */
static void write_latency(struct writer *w, const struct status_report *report)
{
    const struct histogram_copy *latency = &report->totals.latency;
    uint64_t count = 0;

    status_write_help(w, "request_duration_seconds", "histogram",
                      "From the first byte of a request to the last of its answer.");
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        count += latency->buckets[i];
        if (i % HISTOGRAM_SUBS == HISTOGRAM_SUBS - 1 && i + 1 < HISTOGRAM_BUCKETS)
            writer_format(w, "tinyweb_request_duration_seconds_bucket{le=\"%.6f\"} %" PRIu64 "\n",
                          (double)histogram_bucket_end(i) / 1e6, count);
    }
    writer_format(w, "tinyweb_request_duration_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n", count);
    writer_format(w, "tinyweb_request_duration_seconds_sum %.6f\n", (double)latency->sum / 1e6);
    writer_format(w, "tinyweb_request_duration_seconds_count %" PRIu64 "\n", count);
}

/* For the balance; a slot that nobody uses now still has what its workers counted. */
static void write_workers(struct writer *w, const struct status_report *report)
{
    status_write_help(w, "worker_connections", "gauge", "Open connections of a worker.");
    for (size_t i = 0; i < report->worker_count; i++) {
        if (counter_get(&report->workers[i].active))
            writer_format(w, "tinyweb_worker_connections{worker=\"%zu\"} %" PRIu64 "\n", i,
                          counter_get(&report->workers[i].connections));
    }
    status_write_help(w, "worker_requests_total", "counter",
                      "Requests answered by the workers of a slot.");
    for (size_t i = 0; i < report->worker_count; i++)
        writer_format(w, "tinyweb_worker_requests_total{worker=\"%zu\"} %" PRIu64 "\n", i,
                      counter_get(&report->workers[i].requests));
}

static void write(struct writer *w, const struct status_report *report)
{
    write_server(w, report);
    write_connections(w, report);
    write_sums(w, report);
    write_limits(w, report);
    write_latency(w, report);
    write_workers(w, report);
    if (report->upstreams)
        status_upstream_totals_metrics(w, &report->totals);
    status_upstreams_metrics(w, report->upstreams, report->now_ms);
}

const struct status_format status_metrics = {
    .type = {"text/plain; version=0.0.4; charset=utf-8",
             sizeof("text/plain; version=0.0.4; charset=utf-8") - 1},
    .write = write,
};
