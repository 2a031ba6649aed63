/* SPDX-License-Identifier: MIT */
/* status.c - takes a report, and has it written into a block that grows with the workers. */
#include "handler/status.h"

#include "handler/status_report.h"
#include "handler/status_upstreams.h"
#include "http/error_response.h"

#include <stdlib.h>

struct status {
    struct handler handler;
    struct http_context *http;
    const struct server_stats *stats;
    const struct worker_counters *workers;
    struct status_report report;
    char *text;
    size_t size;
};

static const struct status_format *format_for(struct slice name)
{
    if (slice_ends_with(name, SLICE_LITERAL("metrics")))
        return &status_metrics;
    return slice_ends_with(name, SLICE_LITERAL(".json")) ? &status_json : &status_html;
}

static bool make_room(struct status *self)
{
    size_t wanted = STATUS_BASE_SIZE + self->report.worker_count * STATUS_WORKER_SIZE +
                    status_server_count(self->report.upstreams) * STATUS_SERVER_SIZE;
    char *text;

    if (wanted <= self->size)
        return true;
    text = realloc(self->text, wanted);
    if (!text)
        return false;
    self->text = text;
    self->size = wanted;
    return true;
}

static void take_report(struct status *self)
{
    struct status_report *report = &self->report;

    report->stats = self->stats;
    report->workers = self->workers;
    report->worker_count = stats_slots(self->stats);
    report->upstreams = self->http->upstreams;
    report->now_ms = loop_now_ms(self->http->loop);
    report->now_s = loop_wall_seconds(self->http->loop);
    stats_sum(&report->totals, self->workers, report->worker_count);
}

static void start(struct handler *handler, const struct request *req, struct response *resp)
{
    struct status *self = container_of(handler, struct status, handler);
    const struct status_format *format = format_for(req->name);
    struct writer w;

    take_report(self);
    if (!make_room(self)) {
        error_response(self->http, resp, 503, "no-memory");
        return;
    }
    w = writer_on(self->text, self->size);
    format->write(&w, &self->report);
    assert(!w.overflow);
    resp->status = 200;
    resp->kind = CONTENT_TEXT;
    resp->text = writer_content(&w);
    resp->text_type = format->type;
    resp->reason = "status";
    writer_literal(&resp->headers, "Cache-Control: no-store\r\n"
                                   "X-Content-Type-Options: nosniff\r\n");
}

static void destroy(struct handler *handler)
{
    struct status *self = container_of(handler, struct status, handler);

    free(self->text);
    free(self);
}

static const struct handler_ops status_ops = {
    .name = "status",
    .start = start,
    .destroy = destroy,
};

struct handler *status_create(struct http_context *http, const struct server_stats *stats,
                              const struct worker_counters *workers)
{
    struct status *self = calloc(1, sizeof(*self));

    if (!self)
        return NULL;
    self->handler.ops = &status_ops;
    self->http = http;
    self->stats = stats;
    self->workers = workers;
    return &self->handler;
}
