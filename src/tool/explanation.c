/* SPDX-License-Identifier: MIT */
/* explanation.c - from an answer back to the configuration. */

#include "tool/explanation.h"

#include "base/number.h"
#include "config/config_origin.h"

#include <stdlib.h>
#include <string.h>

static void add_section(struct explanation *explanation, const char *kind, const char *name)
{
    char *section = explanation->sections[explanation->section_count++];
    (void)snprintf(section, sizeof(explanation->sections[0]), "%s%s%s", kind, name ? " " : "",
                   name ? name : "");
}

/* The site that answered is one of the configuration's. */
static void find_sections(struct explanation *explanation)
{
    const struct config *config = explanation->config;
    const struct site_config *site = explanation->trace->site ? explanation->trace->site->config
                                                              : NULL;
    for (size_t i = 0; site && i < config->route_count; i++) {
        const struct route_config *route = &config->routes[i];
        if (&route->site != site)
            continue;
        explanation->location = route->location;
        explanation->host = route->host > 0 ? &config->hosts[route->host - 1] : NULL;
        add_section(explanation, "location", route->location->name);
    }
    for (size_t i = 0; site && i < config->host_count; i++) {
        if (&config->hosts[i].site == site)
            explanation->host = &config->hosts[i];
    }
    if (explanation->host)
        add_section(explanation, "host", explanation->host->name);
    add_section(explanation, "server", NULL);
}

void explanation_init(struct explanation *explanation, const struct config *config,
                      const struct trace *trace, const struct offline_reply *reply)
{
    *explanation = (struct explanation){.config = config, .trace = trace, .reply = reply};
    find_sections(explanation);
    if (reply->head_len > 12)
        explanation->status = (unsigned)strtoul(reply->head + 9, NULL, 10);
}

struct decision explanation_of_key(const struct explanation *explanation, const char *key)
{
    struct decision decision = {.key = key};
    for (size_t i = 0; i < explanation->section_count && !decision.place; i++)
        decision.place = origin_find(explanation->config, explanation->sections[i], key);
    return decision;
}

/* The answer is a file, or made of one while others are served. */
static bool is_of_file(const struct explanation *explanation)
{
    return explanation->trace->file || strstr(explanation->reply->head, "\r\nAccept-Ranges: ");
}

/* Whether a precompressed file had a say, or gzip. */
static struct decision of_coding(const struct explanation *explanation)
{
    const struct trace *trace = explanation->trace;
    bool has_sibling = false;
    for (size_t i = 0; i < trace->lookup_count; i++)
        has_sibling = has_sibling || trace->lookups[i].coding != CODING_IDENTITY;
    return explanation_of_key(
        explanation, has_sibling || !trace->site->config->gzip.is_on ? "precompressed" : "gzip");
}

static struct decision of_type(const struct explanation *explanation)
{
    const struct config *config = explanation->config;
    bool has_charset = slice_find(slice_from_string(explanation->reply->head), ';') >= 0;
    if (!is_of_file(explanation))
        return (struct decision){.key = NULL};
    if (config->mime.include)
        return (struct decision){"include", origin_find(config, "mime", "include")};
    return has_charset
               ? (struct decision){"charset", origin_find(config, "mime", "charset")}
               : (struct decision){"default_type", origin_find(config, "mime", "default_type")};
}

static struct decision of_location(const struct explanation *explanation)
{
    if (explanation->location && explanation->location->redirect.status != 0)
        return explanation_of_key(explanation, "redirect");
    if (strcmp(explanation->reply->reason, "clean-url") == 0)
        return explanation_of_key(explanation, "clean_urls");
    return (struct decision){.key = NULL};
}

/* Directives that fields follow from; a key that ends in "-" is the start of names. */
static const struct {
    const char *field, *key;
    bool is_of_files;
} field_keys[] = {
    {"cache-control", "cache_control", true},    {"etag", "etag", true},
    {"content-encoding", "precompressed", true}, {"content-disposition", "attachment", true},
    {"access-control-", "cors", false},          {"www-authenticate", "auth_file", false},
};

struct decision explanation_of_field(const struct explanation *explanation, struct slice name,
                                     struct slice value)
{
    char key[INI_NAME_MAX + 8] = "header.";
    size_t len = strlen(key);
    if (name.len < sizeof(key) - len) {
        for (size_t i = 0; i < name.len; i++)
            key[len + i] = ascii_lower(name.data[i]);
        key[len + name.len] = '\0';
    }
    struct decision own = explanation_of_key(explanation, key);
    if (own.place) {
        /* The name of the directive is the field's, which the reader sees beside it. */
        own.key = "header";
        return own;
    }
    const char *lower = key + len;
    if (strcmp(lower, "content-type") == 0)
        return of_type(explanation);
    if (strcmp(lower, "location") == 0)
        return of_location(explanation);
    if (is_of_file(explanation) && (strcmp(lower, "content-encoding") == 0 ||
                                    (strcmp(lower, "vary") == 0 &&
                                     slice_starts_with(value, SLICE_LITERAL("Accept-Encoding")))))
        return of_coding(explanation);
    for (size_t i = 0; i < COUNT_OF(field_keys); i++) {
        const char *field = field_keys[i].field;
        bool is_prefix = field[strlen(field) - 1] == '-';
        if (field_keys[i].is_of_files && !is_of_file(explanation))
            continue;
        if (is_prefix ? strncmp(lower, field, strlen(field)) == 0 : strcmp(lower, field) == 0)
            return explanation_of_key(explanation, field_keys[i].key);
    }
    return (struct decision){.key = NULL};
}

bool explanation_next_field(const struct explanation *explanation, struct slice *rest,
                            struct slice *ret_name, struct slice *ret_value)
{
    struct slice line;
    if (!rest->data) {
        *rest = slice_of(explanation->reply->head, explanation->reply->head_len);
        (void)slice_next(rest, '\n', &line); /* the status line */
    }
    if (!slice_next(rest, '\n', &line) || line.len <= 1)
        return false;
    size_t colon = (size_t)slice_find(line, ':');
    *ret_name = slice_of(line.data, colon);
    *ret_value = slice_trim(slice_of(line.data + colon + 1, line.len - colon - 2));
    return true;
}

void decision_text(struct decision decision, char out[DECISION_TEXT_SIZE])
{
    const struct config_place *place = decision.place;
    out[0] = '\0';
    if (place && place->line > 0)
        (void)snprintf(out, DECISION_TEXT_SIZE, "%.*s:%u", DECISION_TEXT_SIZE - 20, place->file,
                       place->line);
    else if (place)
        (void)snprintf(out, DECISION_TEXT_SIZE, "%s", place->file);
    else if (decision.key)
        (void)snprintf(out, DECISION_TEXT_SIZE, "(default)");
}
