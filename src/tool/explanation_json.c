/* SPDX-License-Identifier: MIT */
/* explanation_json.c - the same as one object; its shape is in tinyweb(8). */

#include "tool/explanation.h"

#include "tool/json_text.h"

#include <string.h>

static struct slice optional(const char *text)
{
    return text ? slice_from_string(text) : slice_of(NULL, 0);
}

/* null, or {"directive": …, "file": …, "line": …}; without a file it is the default. */
static void print_decision(const char *name, struct decision decision, FILE *out)
{
    fprintf(out, ", \"%s\": ", name);
    if (!decision.key) {
        fputs("null", out);
        return;
    }
    fputc('{', out);
    json_member("directive", slice_from_string(decision.key), true, out);
    json_member("file",
                decision.place ? slice_from_string(decision.place->file) : slice_of(NULL, 0), false,
                out);
    fprintf(out, ", \"line\": %u}", decision.place ? decision.place->line : 0);
}

static void print_section(const char *name, const char *section, struct decision decision,
                          FILE *out)
{
    fprintf(out, ",\n  \"%s\": {", name);
    json_member("name", optional(section), true, out);
    print_decision("decided", decision, out);
    fputc('}', out);
}

static void print_site(const struct explanation *e, FILE *out)
{
    struct decision none = {.key = NULL};
    print_section("host", e->host ? e->host->name : NULL,
                  e->host ? explanation_of_key(e, "server_name") : none, out);
    print_section(
        "location", e->location ? e->location->name : NULL,
        e->location ? explanation_of_key(e, e->location->prefix ? "prefix" : "glob") : none, out);
}

static void print_paths(const struct explanation *e, FILE *out)
{
    const struct trace *trace = e->trace;
    fputs(",\n  ", out);
    json_member("path", optional(trace->path), true, out);
    fputs(",\n  ", out);
    json_member("root", trace->site ? optional(trace->site->config->root) : slice_of(NULL, 0), true,
                out);
    print_decision("root_decided",
                   trace->site ? explanation_of_key(e, "root") : (struct decision){.key = NULL},
                   out);
    fputs(",\n  \"looked_for\": [", out);
    for (size_t i = 0; i < trace->lookup_count; i++) {
        fputs(i > 0 ? ", {" : "{", out);
        json_member("path", slice_from_string(trace->lookups[i].path), true, out);
        fprintf(out, ", \"found\": %s", trace->lookups[i].err == 0 ? "true" : "false");
        json_member("error",
                    trace->lookups[i].err == 0
                        ? slice_of(NULL, 0)
                        : slice_from_string(strerror(-trace->lookups[i].err)),
                    false, out);
        fputc('}', out);
    }
    fputs("],\n  \"handlers\": [", out);
    for (size_t i = 0; i < trace->handler_count; i++) {
        fputs(i > 0 ? ", " : "", out);
        json_string(slice_from_string(trace->handlers[i]), out);
    }
    fputs("],\n  ", out);
    json_member("file", optional(trace->file), true, out);
    json_member("coding",
                trace->file && trace->coding != CODING_IDENTITY ? coding_name(trace->coding)
                                                                : slice_of(NULL, 0),
                false, out);
}

static void print_upstream(const struct explanation *e, FILE *out)
{
    const struct upstream_config *upstream = e->trace->upstream;
    fputs(",\n  ", out);
    json_member("upstream", slice_from_string(upstream->name), true, out);
    json_member("server", optional(e->trace->server), false, out);
    fputs(",\n  \"servers\": [", out);
    for (size_t i = 0; i < upstream->server_count; i++) {
        fputs(i > 0 ? ", " : "", out);
        json_string(slice_from_string(upstream->servers[i].text), out);
    }
    fputs("]\n}\n", out);
}

void explanation_print_json(const struct explanation *e, FILE *out)
{
    struct slice rest = {.data = NULL}, name, value;
    bool is_first = true;
    fputs("{\n  ", out);
    json_member("request", slice_of(e->request, strcspn(e->request, "\r")), true, out);
    print_site(e, out);
    print_paths(e, out);
    if (e->trace->upstream) {
        print_upstream(e, out);
        return;
    }
    fprintf(out, ",\n  \"status\": %u", e->status);
    json_member("reason", slice_from_string(e->reply->reason), false, out);
    json_member("notes", slice_from_string(e->reply->notes), false, out);
    fputs(",\n  \"headers\": [", out);
    for (; explanation_next_field(e, &rest, &name, &value); is_first = false) {
        fputs(is_first ? "\n    {" : ",\n    {", out);
        json_member("name", name, true, out);
        json_member("value", value, false, out);
        print_decision("decided", explanation_of_field(e, name, value), out);
        fputc('}', out);
    }
    fputs("\n  ]\n}\n", out);
}
