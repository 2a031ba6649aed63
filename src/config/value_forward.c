/* SPDX-License-Identifier: MIT */
/* value_forward.c - names of hosts and of header fields. */

#include "config/value_forward.h"

#include "base/number.h"
#include "config/media_grammar.h"
#include "config/value_header.h"
#include "config/value_list.h"
#include "config/value_route.h"

#include <stdlib.h>

/* What each connection has of its own (RFC 9110 section 7.6.1), and what frames a message. */
static const char *const framing_fields[] = {
    "Connection", "Content-Length", "Keep-Alive",        "Proxy-Connection", "TE",
    "Trailer",    "Upgrade",        "Transfer-Encoding", "HTTP2-Settings",
};

static bool is_framing_field(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(framing_fields); i++) {
        if (slice_equal_nocase(slice_from_string(framing_fields[i]), name))
            return true;
    }
    return false;
}

/* HOST or HOST:PORT as a Host field has it, in lower case. */
static bool is_authority(struct slice text)
{
    size_t bracket = slice_find_last(text, ']') < 0 ? 0 : (size_t)slice_find_last(text, ']');
    ptrdiff_t colon = slice_find(slice_from(text, bracket), ':');
    uint64_t port;
    struct slice host = text;
    if (colon >= 0) {
        host.len = bracket + (size_t)colon;
        if (number_parse(slice_from(text, host.len + 1), UINT16_MAX, &port) != 0)
            return false;
    }
    return route_is_host_name(host);
}

/* A copy in lower case; NULL after a report. */
static char *authority(const struct config_value *value, struct config_report *report)
{
    char *lower = report_copy_lower(report, value->text);
    if (lower && is_authority(slice_from_string(lower)))
        return lower;
    if (lower)
        value_report_expected(value, report);
    free(lower);
    return NULL;
}

void forward_host_free(struct forward_config *forward)
{
    free(forward->host);
    forward->host = NULL;
}

void forward_host_store(const struct config_value *value, struct config_report *report,
                        void *record)
{
    struct forward_config *forward = value_field(value->row, record);
    unsigned word = FORWARD_HOST_NAME;
    char *host = NULL;
    if (!value_find_word(value, &word) && !(host = authority(value, report)))
        return;
    forward_host_free(forward);
    forward->host_kind = (enum forward_host)word;
    forward->host = host;
}

void authority_store(const struct config_value *value, struct config_report *report, void *record)
{
    char **field = value_field(value->row, record);
    unsigned word;
    char *host = NULL;
    if (!value_find_word(value, &word) && !(host = authority(value, report)))
        return;
    free(*field);
    *field = host;
}

void field_names_store(const struct config_value *value, struct config_report *report, void *record)
{
    struct string_list *field = value_field(value->row, record), list = {.items = NULL};
    struct slice rest = value->text, word;
    unsigned off;
    while (!value_find_word(value, &off) && list_next_word(&rest, &word)) {
        if (slice_ends_with(word, SLICE_LITERAL(",")))
            word.len--;
        bool is_good = media_is_token(word) && !is_framing_field(word);
        if (!is_good)
            report_error(report, value->place, "%s: \"%.*s\" is %s", value->row->key,
                         REPORT_VALUE(word),
                         media_is_token(word) ? "of the connection, and never passed on"
                                              : "not a name of a header field");
        if (!is_good || !list_check_count(value, list.count, report) ||
            !list_add(&list, word, report)) {
            names_free(&list);
            return;
        }
    }
    names_free(field);
    *field = list;
}

/* NULL: it may be set. */
static const char *problem_of_field(const struct config_value *value)
{
    if (!media_is_token(value->member))
        return "is not a name of a header field";
    if (is_framing_field(value->member) ||
        slice_equal_nocase(value->member, SLICE_LITERAL("Expect")))
        return "is a field that the server sets itself";
    if (slice_equal_nocase(value->member, SLICE_LITERAL("Host")))
        return "is set by proxy_host";
    if (slice_equal_nocase(value->member, SLICE_LITERAL("Via")))
        return "is set by via";
    return header_is_field_text(value->text) ? NULL : "has printable ASCII characters only";
}

void set_header_store(const struct config_value *value, struct config_report *report,
                      struct location_config *location)
{
    struct forward_config *forward = &location->forward;
    const char *problem = problem_of_field(value);
    if (problem) {
        report_error(report, value->place, "set_header.%.*s: %s", REPORT_VALUE(value->member),
                     problem);
        return;
    }
    header_list_set(&forward->set_fields, &forward->set_count, value, report);
    if (header_list_size(forward->set_fields, forward->set_count) > HEADER_LINES_MAX)
        report_error(report, value->place, "set_header: all together have more than %d bytes",
                     HEADER_LINES_MAX);
}

void set_headers_free(struct location_config *location)
{
    header_list_free(&location->forward.set_fields, &location->forward.set_count);
}
