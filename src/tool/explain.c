/* SPDX-License-Identifier: MIT */
/* explain.c - asks the site and prints what was seen. */

#include "tool/explain.h"

#include "tool/explain_request.h"
#include "tool/explanation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void print(const struct config *config, const struct explain_options *options,
                  const char *request, const struct trace *trace, const struct offline_reply *reply)
{
    struct explanation explanation;
    explanation_init(&explanation, config, trace, reply);
    explanation.options = options;
    explanation.request = request;
    if (options->is_json)
        explanation_print_json(&explanation, stdout);
    else
        explanation_print_text(&explanation, stdout);
}

static int ask(const struct config *config, const struct explain_options *options,
               const char *request, struct trace *trace)
{
    struct offline_site *site = NULL;
    struct offline_reply reply = {.head = NULL};
    int err = offline_create(config, &trace->observer, &site);
    if (!err) {
        trace_attach(trace, offline_http(site));
        err = offline_ask(site, slice_from_string(request), &reply);
    }
    if (!err)
        print(config, options, request, trace, &reply);
    free(reply.head);
    offline_destroy(site);
    return err;
}

int explain(const struct config *config, const struct explain_options *options)
{
    struct trace trace;
    char *request = NULL;
    int err = explain_request(options, &request);
    if (err == -EINVAL)
        return err;
    trace_init(&trace);
    if (!err)
        err = ask(config, options, request, &trace);
    trace_done(&trace);
    free(request);
    if (err == -ECONNABORTED)
        fprintf(stderr, "tinyweb: the connection is closed without an answer\n");
    else if (err)
        fprintf(stderr, "tinyweb: there is no answer: %s\n", strerror(-err));
    return err;
}
