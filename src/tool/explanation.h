/* SPDX-License-Identifier: MIT */
/* explanation.h - what is known of an answer, and the lines of the configuration behind it. */
#ifndef TINYWEB_TOOL_EXPLANATION_H
#define TINYWEB_TOOL_EXPLANATION_H

#include "config/ini_scanner.h"
#include "tool/explain.h"
#include "tool/offline_site.h"
#include "tool/trace.h"

/* Where one thing was decided. */
struct decision {
    const char *key;                  /* the directive; NULL: none has a say */
    const struct config_place *place; /* NULL: its default */
};

struct explanation {
    const struct config *config;
    const struct explain_options *options;
    const char *request; /* the head that was sent */
    const struct trace *trace;
    const struct offline_reply *reply;
    unsigned status;
    /* Whose settings count; NULL: no such section. */
    const struct host_config *host;
    const struct location_config *location;
    char sections[3][128]; /* the names of these, innermost first; the last one is "server" */
    size_t section_count;
};

/* Finds host, location and status; all pointers are borrowed. */
void explanation_init(struct explanation *explanation, const struct config *config,
                      const struct trace *trace, const struct offline_reply *reply);

/* The directive of the site: in its location, its host, or [server]. */
struct decision explanation_of_key(const struct explanation *explanation, const char *key);

/* What decides about a field line of the answer. */
struct decision explanation_of_field(const struct explanation *explanation, struct slice name,
                                     struct slice value);

/* The next field line of the answer; start with a zeroed @rest. False at their end. */
bool explanation_next_field(const struct explanation *explanation, struct slice *rest,
                            struct slice *ret_name, struct slice *ret_value);

/* "tinyweb.conf:12", "environment TINYWEB_…" or "(default)". */
#define DECISION_TEXT_SIZE 300
void decision_text(struct decision decision, char out[DECISION_TEXT_SIZE]);

void explanation_print_text(const struct explanation *explanation, FILE *out);
void explanation_print_json(const struct explanation *explanation, FILE *out);

#endif
