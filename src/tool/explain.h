/* SPDX-License-Identifier: MIT */
/*
 * explain.h - `tinyweb explain URL`: how a request would be answered, and which line of the
 * configuration decides what. The answer is that of the code that serves (tool/offline_site.h).
 */
#ifndef TINYWEB_TOOL_EXPLAIN_H
#define TINYWEB_TOOL_EXPLAIN_H

#include "base/macros.h"
#include "config/config.h"

struct explain_options {
    const char *url;            /* "http://host/path", "host/path" or "/path" */
    const char *method;         /* NULL: GET */
    const char *const *headers; /* "Name: value" */
    size_t header_count;
    bool is_json;
};

/* On standard output; what goes wrong on standard error. 0, or -errno: there is no answer. */
MUST_CHECK int explain(const struct config *config, const struct explain_options *options);

#endif
