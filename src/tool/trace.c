/* SPDX-License-Identifier: MIT */
/* trace.c - each handler's table of operations is replaced by one that notes and passes on. */

#include "tool/trace.h"

#include "handler/proxy_head.h"
#include "http/representation.h"
#include "http/request.h"
#include "http/response.h"
#include "upstream/upstreams.h"

#include <stdlib.h>

static void note_lookup(struct file_observer *observer, const struct file_root *root,
                        struct slice path, unsigned variant, int err)
{
    struct trace *trace = container_of(observer, struct trace, observer);
    (void)root; /* a request has one */
    if (trace->lookup_count == TRACE_LOOKUPS_MAX)
        return;
    struct trace_lookup *lookup = &trace->lookups[trace->lookup_count];
    *lookup = (struct trace_lookup){strndup(path.data, path.len), (enum content_coding)variant,
                                    err};
    if (lookup->path)
        trace->lookup_count++;
}

static void note_request(struct trace *trace, const struct handler_ops *ops,
                         const struct request *req, const struct response *resp)
{
    if (trace->handler_count < TRACE_HANDLERS_MAX)
        trace->handlers[trace->handler_count++] = ops->name;
    trace->site = resp->site;
    trace->stripped = req->stripped;
    free(trace->path);
    trace->path = NULL;
    if (req->path.len > 0 && asprintf(&trace->path, "/%.*s", SLICE_PRINTF(req->name)) == -1)
        trace->path = NULL;
}

static void note_answer(struct trace *trace, const struct response *resp)
{
    trace->is_listing = resp->pending != NULL;
    if (!resp->file || (resp->kind != CONTENT_FILE && resp->kind != CONTENT_RANGES))
        return;
    free(trace->file);
    trace->file = strndup(resp->file->path, resp->file->path_len);
    trace->size = (uint64_t)resp->file->size;
    trace->coding = resp->rep ? resp->rep->coding : CODING_IDENTITY;
}

static_assert(offsetof(struct trace_spy, ops) == 0,
              "the operations of a watched handler are a spy");

static void start(struct handler *handler, const struct request *req, struct response *resp)
{
    const struct trace_spy *spy = (const struct trace_spy *)handler->ops;
    note_request(spy->trace, spy->inner, req, resp);
    spy->inner->start(handler, req, resp);
    note_answer(spy->trace, resp);
}

/* Which of them it would be can be told where the request decides, and not the moment. */
static void note_upstream(struct trace *trace, const struct request *req,
                          const struct response *resp)
{
    size_t number = resp->site->location->upstream;
    struct upstream_group *group = trace->http->upstreams->groups[number];
    uint64_t key = group_key(group, req, NULL);
    const struct upstream_server *server = key != 0 ? group_preview(group, key) : NULL;
    trace->upstream = group->config;
    free(trace->server);
    trace->server = server ? strdup(server->name) : NULL;
}

/* In place of a proxy, or of a cache before it. */
static void start_elsewhere(struct handler *handler, const struct request *req,
                            struct response *resp)
{
    const struct trace_spy *spy = (const struct trace_spy *)handler->ops;
    note_request(spy->trace, spy->inner, req, resp);
    if (proxy_refuses(spy->trace->http, req, resp))
        return;
    note_upstream(spy->trace, req, resp);
    resp->status = 204;
    resp->reason = "upstream";
}

static void watch(struct trace *trace, struct trace_spy *spy, struct handler *handler)
{
    if (!handler)
        return;
    spy->inner = handler->ops;
    spy->trace = trace;
    spy->ops = *handler->ops;
    spy->ops.start = start;
    handler->ops = &spy->ops;
}

void trace_init(struct trace *trace)
{
    *trace = (struct trace){.observer = {.looked = note_lookup}};
}

void trace_attach(struct trace *trace, struct http_context *http)
{
    trace->http = http;
    for (unsigned kind = 0; kind < ANSWER_KIND_COUNT; kind++)
        watch(trace, &trace->spies[kind], http->handlers[kind]);
    trace->spies[ANSWER_PROXY].ops.start = start_elsewhere;
    trace->spies[ANSWER_CACHE].ops.start = start_elsewhere;
    watch(trace, &trace->spies[ANSWER_KIND_COUNT], http->health);
    watch(trace, &trace->spies[ANSWER_KIND_COUNT + 1], http->status);
}

void trace_done(struct trace *trace)
{
    for (size_t i = 0; i < trace->lookup_count; i++)
        free(trace->lookups[i].path);
    free(trace->path);
    free(trace->file);
    free(trace->server);
}
