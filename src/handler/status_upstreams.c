/* SPDX-License-Identifier: MIT */
/* status_upstreams.c - what all workers know of each server, as the one that answers sees it. */
#include "handler/status_upstreams.h"

#include "handler/status_report.h"
#include "upstream/server_order.h"

#include <inttypes.h>

/* One server, read once. */
struct view {
    const struct upstream_server *server;
    const char *state;
    bool is_asked;
    enum server_order order;
    unsigned check_status;
    uint32_t latency_us;
    struct server_sum sum;
};

struct walk {
    const struct upstreams *upstreams;
    int64_t now_ms;
    size_t group, server;
};

/* The next server with an address. */
static bool next(struct walk *walk, struct view *ret_view)
{
    const struct upstreams *upstreams = walk->upstreams;
    for (; upstreams && walk->group < upstreams->count; walk->group++, walk->server = 0) {
        const struct upstream_group *group = upstreams->groups[walk->group];
        while (walk->server < group->count) {
            const struct upstream_server *server = &group->servers[walk->server++];
            if (!server_is_there(server))
                continue;
            const struct server_entry *entry = server_entry_of(server);
            struct server_health health = health_of_word(server_health_word(server), group->config);
            *ret_view = (struct view){
                .server = server,
                .state = health_word(&health, walk->now_ms),
                .is_asked = health_verdict(&health, walk->now_ms) == HEALTH_USABLE,
                .order = health.order,
                .check_status = MIN(atomic_load(&entry->check_status), 999U),
                .latency_us = atomic_load(&entry->latency_us),
                .sum = servertable_sum(group->table, server->entry),
            };
            return true;
        }
    }
    return false;
}

size_t status_server_count(const struct upstreams *upstreams)
{
    size_t count = 0;
    for (size_t i = 0; upstreams && i < upstreams->count; i++)
        count += upstreams->groups[i]->count;
    return count;
}

static struct slice upstream_of(const struct view *view)
{
    return slice_from_string(view->server->group->config->name);
}

void status_upstreams_html(struct writer *w, const struct upstreams *upstreams, int64_t now_ms)
{
    struct walk walk = {.upstreams = upstreams, .now_ms = now_ms};
    struct view view;
    if (!upstreams)
        return;
    writer_literal(w, "<section><table><thead><tr><th>Upstream<th>Server<th>State<th>Weight"
                      "<th>Under way<th>Requests<th>Failures<th>Time<th>Check</thead>\n<tbody>\n");
    while (next(&walk, &view)) {
        writer_literal(w, "<tr><td>");
        writer_html_escaped(w, upstream_of(&view));
        writer_literal(w, "<td>");
        writer_html_escaped(w, slice_from_string(view.server->name));
        writer_format(w, "<td>%s<td>%u%s<td>%" PRIu64 "<td>%" PRIu64 "<td>%" PRIu64 "<td>",
                      view.state, view.server->config->weight,
                      view.server->config->is_backup ? ", backup" : "", view.sum.in_flight,
                      view.sum.requests, view.sum.failures);
        if (view.latency_us > 0)
            writer_duration(w, view.latency_us);
        writer_literal(w, "<td>");
        if (view.check_status > 0)
            writer_number(w, view.check_status);
        writer_char(w, '\n');
    }
    writer_literal(w, "</tbody></table></section>\n");
}

void status_upstreams_json(struct writer *w, const struct upstreams *upstreams, int64_t now_ms)
{
    struct walk walk = {.upstreams = upstreams, .now_ms = now_ms};
    struct view view;
    bool is_first = true;
    if (!upstreams)
        return;
    writer_literal(w, ",\"servers\":[");
    while (next(&walk, &view)) {
        writer_string(w, is_first ? "{\"upstream\":" : ",{\"upstream\":");
        writer_json_string(w, upstream_of(&view));
        writer_literal(w, ",\"server\":");
        writer_json_string(w, slice_from_string(view.server->name));
        writer_format(
            w,
            ",\"state\":\"%s\",\"admin\":\"%s\",\"weight\":%u,\"backup\":%s,\"under_way\":%" PRIu64
            ",\"requests\":%" PRIu64 ",\"failures\":%" PRIu64
            ",\"latency_us\":%u,\"check_status\":%u}",
            view.state, serverorder_word(view.order), view.server->config->weight,
            view.server->config->is_backup ? "true" : "false", view.sum.in_flight,
            view.sum.requests, view.sum.failures, view.latency_us, view.check_status);
        is_first = false;
    }
    writer_char(w, ']');
}

static void write_up(struct writer *w, const struct view *view)
{
    writer_char(w, view->is_asked ? '1' : '0');
}

static void write_order(struct writer *w, const struct view *view)
{
    writer_number(w, view->order);
}

static void write_under_way(struct writer *w, const struct view *view)
{
    writer_number(w, view->sum.in_flight);
}

static void write_requests(struct writer *w, const struct view *view)
{
    writer_number(w, view->sum.requests);
}

static void write_failures(struct writer *w, const struct view *view)
{
    writer_number(w, view->sum.failures);
}

static void write_seconds(struct writer *w, const struct view *view)
{
    writer_format(w, "%.6f", (double)view->latency_us / 1e6);
}

void status_upstreams_metrics(struct writer *w, const struct upstreams *upstreams, int64_t now_ms)
{
    static const struct {
        const char *name, *type, *help;
        void (*write)(struct writer *w, const struct view *view);
    } metrics[] = {
        {"upstream_server_up", "gauge", "Whether a server is asked.", write_up},
        {"upstream_server_admin", "gauge",
         "What an admin says of a server: 0 ready, 1 drain, 2 maint.", write_order},
        {"upstream_server_requests_in_flight", "gauge", "Requests of a server that are under way.",
         write_under_way},
        {"upstream_server_requests_total", "counter", "Requests sent to a server.", write_requests},
        {"upstream_server_failures_total", "counter", "Requests that failed by a server.",
         write_failures},
        {"upstream_server_latency_seconds", "gauge", "The time of its last answers, smoothed.",
         write_seconds},
    };
    for (size_t i = 0; upstreams && i < COUNT_OF(metrics); i++) {
        struct walk walk = {.upstreams = upstreams, .now_ms = now_ms};
        struct view view;
        status_write_help(w, metrics[i].name, metrics[i].type, metrics[i].help);
        while (next(&walk, &view)) {
            writer_format(w, "tinyweb_%s{upstream=", metrics[i].name);
            writer_json_string(w, upstream_of(&view));
            writer_literal(w, ",server=");
            writer_json_string(w, slice_from_string(view.server->name));
            writer_literal(w, "} ");
            metrics[i].write(w, &view);
            writer_char(w, '\n');
        }
    }
}
