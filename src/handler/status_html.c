/* SPDX-License-Identifier: MIT */
/*
 * status_html.c - the live page: complete as it is sent, and renewed by a script of three lines.
 *
 * The script asks for this very page and takes over its <main>, so there is one place that draws,
 * and a browser without scripts sees the same, once.
 */
#include "base/macros.h"
#include "handler/status_plot.h"
#include "handler/status_report.h"
#include "handler/status_upstreams.h"

#include <inttypes.h>

static const char page_start[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<link rel=\"icon\" href=\"data:,\">\n"
    "<title>tinyweb</title>\n"
    "<style>\n"
    ":root{--back:#fbfaf7;--card:#fff;--text:#1c2321;--soft:#5b6663;--line:#e3e0d8;"
    "--one:#0f766e;--two:#b45309}\n"
    "@media(prefers-color-scheme:dark){:root{--back:#0f1514;--card:#161e1c;--text:#e8eeec;"
    "--soft:#98a6a2;--line:#26312e;--one:#5eead4;--two:#fbbf24}}\n"
    "*{box-sizing:border-box}\n"
    "body{max-width:72rem;margin:0 auto;padding:clamp(1rem,3vw,2.5rem);background:var(--back);"
    "color:var(--text);font:1rem/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}\n"
    "header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline}\n"
    "h1{margin:0;font-size:1.5rem;letter-spacing:-.02em}\n"
    "h2{flex:1 0 100%;margin:0;font-size:.9rem;font-weight:600}\n"
    "p{margin:0;color:var(--soft);font-size:.9rem}\n"
    "dl,.plots{display:grid;gap:.75rem;margin:1.25rem 0}\n"
    "dl{grid-template-columns:repeat(auto-fit,minmax(9rem,1fr))}\n"
    ".plots{grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr))}\n"
    "dl div,figure,section{background:var(--card);border:1px solid var(--line);"
    "border-radius:.75rem;padding:.75rem 1rem}\n"
    "dt{color:var(--soft);font-size:.8rem}\n"
    "dd{margin:0;font-size:1.25rem;font-weight:600}\n"
    "figure{margin:0}\n"
    "figcaption{display:flex;flex-wrap:wrap;gap:0 .9rem;font-size:.85rem;color:var(--soft)}\n"
    "figcaption h2{color:var(--text)}\n"
    "figcaption b{color:var(--text)}\n"
    "svg{display:block;width:100%;height:7rem;margin-top:.5rem;border-bottom:1px solid "
    "var(--line);overflow:visible}\n"
    "polyline{fill:none;stroke:var(--one);stroke-width:1.75;vector-effect:non-scaling-stroke;"
    "stroke-linejoin:round;stroke-linecap:round}\n"
    "polyline.l1{stroke:var(--two)}\n"
    "span.l0::before,span.l1::before{content:\"\";display:inline-block;width:.6rem;height:.6rem;"
    "margin-right:.35rem;border-radius:50%;background:var(--one)}\n"
    "span.l1::before{background:var(--two)}\n"
    ".top{margin-left:auto}\n"
    "section{overflow-x:auto;margin-bottom:.75rem}\n"
    "table{width:100%;border-collapse:collapse;font-size:.9rem}\n"
    "th,td{padding:.3rem .5rem;text-align:right;white-space:nowrap}\n"
    "th:first-child,td:first-child{text-align:left}\n"
    "th{font-weight:600;color:var(--soft);font-size:.8rem}\n"
    "td{border-top:1px solid var(--line)}\n"
    "meter{width:8rem;max-width:30vw}\n"
    "footer{margin-top:1.5rem;font-size:.85rem;color:var(--soft)}\n"
    "a{color:var(--one)}\n"
    ".stale main{opacity:.5}\n"
    "</style>\n"
    "<body>\n";

static const char page_end[] =
    "<footer>The same as <a href=\"/-/status.json\">JSON</a> and for "
    "<a href=\"/-/metrics\">Prometheus</a>.</footer>\n"
    "<script>\n"
    "setInterval(async()=>{if(document.hidden)return;try{"
    "const a=await fetch(location.href,{cache:'no-store'});if(!a.ok)throw 0;"
    "const d=new DOMParser().parseFromString(await a.text(),'text/html');"
    "document.querySelector('main').replaceWith(d.querySelector('main'));"
    "document.body.classList.remove('stale')}"
    "catch{document.body.classList.add('stale')}},1000)\n"
    "</script>\n"
    "</html>\n";

#define VALUE_OF(field)                                                                            \
    static uint64_t sample_##field(const struct stats_sample *sample)                              \
    {                                                                                              \
        return counter_get(&sample->field);                                                        \
    }
VALUE_OF(requests)
VALUE_OF(errors)
VALUE_OF(bytes)
VALUE_OF(connections)
VALUE_OF(p50_us)
VALUE_OF(p99_us)

static uint64_t percent(uint64_t part, uint64_t rest)
{
    return part + rest > 0 ? (uint64_t)(100.0 * (double)part / ((double)part + (double)rest)) : 100;
}

static uint64_t sample_hit_rate(const struct stats_sample *sample)
{
    return percent(counter_get(&sample->cache_hits), counter_get(&sample->cache_misses));
}

static const struct plot plots[] = {
    {"Requests per second",
     {{"answered", sample_requests}, {"5xx", sample_errors}},
     2,
     write_count,
     10},
    {"Time of a request",
     {{"p50", sample_p50_us}, {"p99", sample_p99_us}},
     2,
     writer_duration,
     100},
    {"Connections", {{"open", sample_connections}}, 1, write_count, 10},
    {"Bytes per second", {{"sent", sample_bytes}}, 1, write_bytes, 1024},
    {"File cache", {{"hits", sample_hit_rate}}, 1, write_percent, 100},
};

static void write_card(struct writer *w, const char *id, const char *name, number_writer write,
                       uint64_t value)
{
    writer_format(w, "<div><dt>%s</dt><dd id=\"%s\" title=\"%" PRIu64 "\">", name, id, value);
    write(w, value);
    writer_literal(w, "</dd></div>\n");
}

static void write_uptime(struct writer *w, uint64_t seconds)
{
    if (seconds >= 86400)
        writer_format(w, "%" PRIu64 " d ", seconds / 86400);
    if (seconds >= 3600)
        writer_format(w, "%" PRIu64 " h ", seconds / 3600 % 24);
    if (seconds < 86400)
        writer_format(w, "%" PRIu64 " min ", seconds / 60 % 60);
    if (seconds < 3600)
        writer_format(w, "%" PRIu64 " s", seconds % 60);
}

static void write_header(struct writer *w, const struct status_report *report)
{
    writer_literal(w, "<header><h1>tinyweb " PACKAGE_VERSION "</h1>\n<p>up ");
    write_uptime(w, status_uptime(report));
    writer_format(w,
                  " · configuration %" PRIu64 " · %" PRIu64 " reloads, %" PRIu64
                  " failed · %" PRIu64 " workers started again</p></header>\n",
                  counter_get(&report->stats->generation), counter_get(&report->stats->reloads),
                  counter_get(&report->stats->reloads_failed),
                  counter_get(&report->stats->respawns));
}

static void write_cards(struct writer *w, const struct status_report *report)
{
    const struct stats_totals *totals = &report->totals;

    writer_literal(w, "<dl>\n");
    write_card(w, "active", "Active", write_count, STATS_TOTAL(totals, exchanges));
    write_card(w, "idle", "Idle", write_count, status_idle_connections(report));
    write_card(w, "accepted", "Accepted", write_count, STATS_TOTAL(totals, accepted));
    write_card(w, "requests", "Requests", write_count, STATS_TOTAL(totals, requests));
    write_card(w, "errors", "5xx", write_count, STATS_TOTAL(totals, responses[5]));
    write_card(w, "sent", "Sent", write_bytes, STATS_TOTAL(totals, bytes_sent));
    write_card(w, "p50", "p50", writer_duration, histogram_quantile(&totals->latency, 0.5));
    write_card(w, "p99", "p99", writer_duration, histogram_quantile(&totals->latency, 0.99));
    write_card(
        w, "hits", "Cache hits", write_percent,
        percent(STATS_TOTAL(totals, file_cache_hits), STATS_TOTAL(totals, file_cache_misses)));
    writer_literal(w, "</dl>\n");
}

static uint64_t most_connections(const struct status_report *report)
{
    uint64_t most = 1;

    for (size_t i = 0; i < report->worker_count; i++)
        most = MAX(most, counter_get(&report->workers[i].connections));
    return most;
}

static void write_workers(struct writer *w, const struct status_report *report)
{
    uint64_t most = most_connections(report);

    writer_literal(w, "<section><table><thead><tr><th>Worker<th>Balance<th>Connections"
                      "<th>Accepted<th>Requests<th>Mutex missed</thead>\n<tbody>\n");
    for (size_t i = 0; i < report->worker_count; i++) {
        const struct worker_counters *worker = &report->workers[i];
        uint64_t connections = counter_get(&worker->connections);

        if (!counter_get(&worker->active))
            continue;
        writer_format(w,
                      "<tr><td>%zu<td><meter max=\"%" PRIu64 "\" value=\"%" PRIu64
                      "\"></meter><td>%" PRIu64 "<td>%" PRIu64 "<td>%" PRIu64 "<td>%" PRIu64 "\n",
                      i, most, MIN(connections, most), connections, counter_get(&worker->accepted),
                      counter_get(&worker->requests), counter_get(&worker->mutex_misses));
    }
    writer_literal(w, "</tbody></table></section>\n");
}

/* Where a cache has been asked. */
static void write_caches(struct writer *w, const struct stats_totals *totals)
{
    uint64_t hit = STATS_TOTAL(totals, replies_hit), stale = STATS_TOTAL(totals, replies_stale);
    uint64_t missed = STATS_TOTAL(totals, replies_missed);
    uint64_t passed = STATS_TOTAL(totals, replies_passed);

    if (hit + stale + missed + passed == 0)
        return;
    writer_format(
        w,
        "<section id=\"caches\"><table><thead><tr><th>Kept answers<th>Hit<th>Stale<th>Miss"
        "<th>Bypass<th>Revalidated<th>Stored</thead>\n<tbody>\n<tr><td>%" PRIu64 " %%<td>%" PRIu64
        "<td>%" PRIu64 "<td>%" PRIu64 "<td>%" PRIu64 "<td>%" PRIu64 "<td>%" PRIu64
        "\n</tbody></table></section>\n",
        percent(hit + stale, missed + passed), hit, stale, missed, passed,
        STATS_TOTAL(totals, replies_revalidated), STATS_TOTAL(totals, replies_stored));
}

/* Those that ever happened. */
static void write_limits(struct writer *w, const struct status_report *report)
{
    const uint64_t *limits = &report->totals.values[STATS_INDEX(limits)];
    uint64_t any = 0;

    for (unsigned i = 0; i < LIMIT_COUNT; i++)
        any |= limits[i];
    if (!any)
        return;
    writer_literal(w, "<section><table><thead><tr><th>Limit<th>Reached</thead>\n<tbody>\n");
    for (unsigned i = 0; i < LIMIT_COUNT; i++) {
        if (limits[i] > 0)
            writer_format(w, "<tr><td>%s<td>%" PRIu64 "\n", limit_name((enum limit)i), limits[i]);
    }
    writer_literal(w, "</tbody></table></section>\n");
}

static void write(struct writer *w, const struct status_report *report)
{
    writer_literal(w, page_start);
    writer_literal(w, "<main>\n");
    write_header(w, report);
    write_cards(w, report);
    writer_literal(w, "<div class=\"plots\">\n");
    for (size_t i = 0; i < COUNT_OF(plots); i++)
        plot_write(w, &plots[i], report->stats);
    writer_literal(w, "</div>\n");
    write_workers(w, report);
    status_upstreams_html(w, report->upstreams, report->now_ms);
    write_caches(w, &report->totals);
    write_limits(w, report);
    writer_literal(w, "</main>\n");
    writer_literal(w, page_end);
}

const struct status_format status_html = {
    .type = {"text/html; charset=utf-8", sizeof("text/html; charset=utf-8") - 1},
    .write = write,
};
