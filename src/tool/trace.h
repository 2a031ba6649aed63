/* SPDX-License-Identifier: MIT */
/*
 * trace.h - watches how one request is answered: which handlers were asked, for which path, which
 * files were looked for. It stands between the protocol and the handlers, so what serves does not
 * know of it. Other servers are not asked: the answer that would be theirs is an empty one.
 */
#ifndef TINYWEB_TOOL_TRACE_H
#define TINYWEB_TOOL_TRACE_H

#include "file/content_coding.h"
#include "http/http_context.h"

#define TRACE_LOOKUPS_MAX 64
#define TRACE_HANDLERS_MAX 4

struct trace_lookup {
    char *path; /* below the root of the site */
    enum content_coding coding;
    int err; /* 0: it is there */
};

struct trace;

/* A handler's operations, and what comes before them. */
struct trace_spy {
    struct handler_ops ops;
    const struct handler_ops *inner;
    struct trace *trace;
};

struct trace {
    struct file_observer observer; /* for http_settings */
    struct http_context *http;
    struct trace_spy spies[ANSWER_KIND_COUNT + 2];
    struct trace_lookup lookups[TRACE_LOOKUPS_MAX]; /* in their order; more are not kept */
    size_t lookup_count;
    const char *handlers[TRACE_HANDLERS_MAX]; /* that were asked, outermost first */
    size_t handler_count;                     /* 0: the request was refused before */
    const struct http_site *site;
    char *path;      /* decoded, with its leading "/" */
    size_t stripped; /* bytes of it that are not looked up */
    char *file;      /* whose bytes are sent, below the root; NULL: none, or not a file's */
    uint64_t size;
    enum content_coding coding;
    bool is_listing;                        /* or another answer that comes later */
    const struct upstream_config *upstream; /* that would answer, and is not asked; NULL: none */
    char *server;                           /* of it that the hash leads to; NULL: nothing does */
};

void trace_init(struct trace *trace);
/* Once for a context, before its first request. */
void trace_attach(struct trace *trace, struct http_context *http);
void trace_done(struct trace *trace);

#endif
