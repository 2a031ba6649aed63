/* SPDX-License-Identifier: MIT */
/* explanation_text.c - one line a step, in the order in which they are taken; on the right the line of
 * the configuration that decides. */

#include "tool/explanation.h"

#include "config/config_origin.h"
#include "http/status.h"

#include <stdarg.h>
#include <string.h>

/* Where the right column starts; longer lines push it. */
#define LEFT_WIDTH 64

/* What comes from a request or a file's name cannot steer a terminal. */
static void print_safe(const char *text, size_t len, FILE *out)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7f)
            fprintf(out, "\\x%02x", c);
        else
            fputc(c, out);
    }
}

static void print_decision(struct decision decision, size_t column, FILE *out)
{
    char where[DECISION_TEXT_SIZE];
    if (!decision.key)
        return;
    decision_text(decision, where);
    fprintf(out, "%*s  ; %s %s", column < LEFT_WIDTH ? (int)(LEFT_WIDTH - column) : 0, "",
            decision.key, where);
}

/* @label empty: that of the line above. */
static void step(FILE *out, const char *label, struct decision decision, const char *format, ...)
    PRINTF_LIKE(4, 5);

static void step(FILE *out, const char *label, struct decision decision, const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    size_t shown = len < 0 ? 0 : MIN((size_t)len, sizeof(text) - 1);
    fprintf(out, "  %-11s ", label);
    print_safe(text, shown, out);
    print_decision(decision, shown + 14, out);
    fputc('\n', out);
}

static void print_field(const struct explanation *e, struct slice name, struct slice value,
                        FILE *out)
{
    fputs("  ", out);
    print_safe(name.data, name.len, out);
    fputs(": ", out);
    print_safe(value.data, value.len, out);
    print_decision(explanation_of_field(e, name, value), name.len + value.len + 4, out);
    fputc('\n', out);
}

static const struct decision nobody = {.key = NULL};

static void print_site(const struct explanation *e, FILE *out)
{
    struct decision name = {.key = NULL}, paths = {.key = NULL};
    if (e->host)
        name = explanation_of_key(e, "server_name");
    if (e->host)
        step(out, "host", name, "[host %s]", e->host->name);
    else
        step(out, "host", nobody, "[server]%s",
             e->config->host_count > 0 ? ": no host has that name" : "");
    if (e->location) {
        paths = explanation_of_key(e, e->location->prefix ? "prefix" : "glob");
        step(out, "location", paths, "[location %s]%s%s", e->location->name,
             e->location->prefix ? ", below /" : "",
             e->location->prefix ? e->location->prefix : "");
    } else if (e->config->location_count > 0) {
        step(out, "location", nobody, "none has that path");
    }
}

static void print_paths(const struct explanation *e, FILE *out)
{
    const struct trace *trace = e->trace;
    if (trace->path)
        step(out, "path", nobody, "%s", trace->path);
    if (trace->path && trace->stripped > 0)
        step(out, "", explanation_of_key(e, "strip_prefix"), "looked up as %s",
             trace->path + trace->stripped);
    if (trace->lookup_count > 0 || trace->file)
        step(out, "root", explanation_of_key(e, "root"), "%s", trace->site->config->root);
    for (size_t i = 0; i < trace->lookup_count; i++) {
        const struct trace_lookup *lookup = &trace->lookups[i];
        step(out, i == 0 ? "looked for" : "", nobody, "%s: %s", lookup->path,
             lookup->err == 0 ? "is there" : strerror(-lookup->err));
    }
    if (trace->lookup_count == TRACE_LOOKUPS_MAX)
        step(out, "", nobody, "and more");
}

/* The directive that chose the file, if another than the path itself. */
static struct decision of_choice(const struct explanation *e)
{
    const char *path = e->trace->path ? e->trace->path : "";
    size_t len = strlen(path);
    if (strcmp(e->reply->reason, "fallback") == 0)
        return explanation_of_key(e, "fallback");
    if (len > 0 && path[len - 1] == '/')
        return explanation_of_key(e, "index");
    struct slice asked = slice_from_string(path + MIN(len, e->trace->stripped + 1));
    return slice_starts_with(slice_from_string(e->trace->file), asked) &&
                   slice_equal(slice_from(slice_from_string(e->trace->file), asked.len),
                               coding_suffix(e->trace->coding))
               ? nobody
               : explanation_of_key(e, "clean_urls");
}

/* Where a key of the upstream was set; NULL: it has its default. */
static const struct config_place *setting_place(const struct explanation *e,
                                                const struct upstream_config *upstream,
                                                const char *key)
{
    char section[INI_NAME_MAX + 16];
    (void)snprintf(section, sizeof(section), "upstream %s", upstream->name);
    return origin_find(e->config, section, key);
}

static void print_upstream(const struct explanation *e, FILE *out)
{
    static const char *const methods[] = {
        [BALANCE_ROUND_ROBIN] = "one of them, in turn",
        [BALANCE_LEAST_BUSY] = "one of them, the least busy",
        [BALANCE_RANDOM] = "one of them, the less busy of two",
        [BALANCE_HASH] = "one of them: nothing here tells which",
    };
    const struct upstream_config *upstream = e->trace->upstream;
    struct decision balance = {"balance", setting_place(e, upstream, "balance")};
    struct decision key = {"hash_key", setting_place(e, upstream, "hash_key")};
    step(out, "upstream", explanation_of_key(e, "proxy"), "[upstream %s]", upstream->name);
    for (size_t i = 0; i < upstream->server_count; i++)
        step(out, i == 0 ? "servers" : "", nobody, "%s%s", upstream->servers[i].text,
             upstream->servers[i].is_backup ? ", a backup" : "");
    if (e->trace->server)
        step(out, "server", key, "%s, by its hash, while it works", e->trace->server);
    else
        step(out, "server", balance, "%s", methods[upstream->balance]);
    step(out, "status", nobody, "what the server says, which was not asked");
}

static void print_answer(const struct explanation *e, FILE *out)
{
    const struct trace *trace = e->trace;
    char key[32];
    struct decision page = nobody;
    (void)snprintf(key, sizeof(key), "error_page.%u", e->status);
    if (trace->handler_count == 0)
        step(out, "answer", nobody, "refused before a location was looked for");
    for (size_t i = 0; i < trace->handler_count; i++)
        step(out, i == 0 ? "handler" : "", nobody, "%s", trace->handlers[i]);
    if (trace->is_listing && strcmp(e->reply->reason, "listing") == 0)
        step(out, "listing", explanation_of_key(e, "listing"), "made while others are served");
    if (trace->file)
        step(out, "file", of_choice(e), "%s, %llu bytes", trace->file,
             (unsigned long long)trace->size);
    if (trace->file && trace->coding != CODING_IDENTITY)
        step(out, "coding", explanation_of_key(e, "precompressed"), "%.*s",
             SLICE_PRINTF(coding_name(trace->coding)));
    if (trace->upstream) {
        print_upstream(e, out);
        return;
    }
    if (e->status >= 400)
        page = explanation_of_key(e, key);
    if (page.place)
        step(out, "page", page, "%s", key);
    for (struct slice notes = slice_from_string(e->reply->notes), note;
         slice_next(&notes, '\n', &note) && note.len > 0;)
        step(out, "note", nobody, "%.*s", SLICE_PRINTF(note));
    step(out, "status", nobody, "%u %s%s%s", e->status, status_reason(e->status),
         e->reply->reason[0] ? ": " : "", e->reply->reason);
}

void explanation_print_text(const struct explanation *e, FILE *out)
{
    struct slice rest = {.data = NULL}, name, value;
    print_safe(e->request, strcspn(e->request, "\r"), out);
    fputc('\n', out);
    if (e->trace->handler_count > 0)
        print_site(e, out);
    print_paths(e, out);
    print_answer(e, out);
    if (e->trace->upstream)
        return; /* the fields are the server's */
    fputc('\n', out);
    while (explanation_next_field(e, &rest, &name, &value))
        print_field(e, name, value, out);
}
