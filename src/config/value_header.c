/* SPDX-License-Identifier: MIT */
/* value_header.c - names and values of header fields (RFC 9110 section 5). */

#include "config/value_header.h"

#include "base/macros.h"
#include "config/media_grammar.h"

#include <stdlib.h>

/* What the server says itself, and has to be right about. */
static const char *const own_fields[] = {
    "Accept-Ranges",
    "Age",
    "Allow",
    "Connection",
    "Content-Encoding",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "Date",
    "ETag",
    "Keep-Alive",
    "Last-Modified",
    "Location",
    "Proxy-Connection",
    "Server",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Vary",
};

/* Those whose names are not written in the usual way, a capital letter after each "-". */
static const char *const odd_names[] = {
    "CDN-Cache-Control", "DNT", "NEL", "SourceMap", "X-UA-Compatible", "X-XSS-Protection",
};

/* About the file, or how long it may be kept: not said of errors and redirects. */
static const char *const file_fields[] = {
    "Cache-Control", "CDN-Cache-Control", "Content-Disposition", "Content-Language", "Expires",
    "Pragma",        "Surrogate-Control",
};

static const char *find_name(const char *const *names, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equal_nocase(slice_from_string(names[i]), name))
            return names[i];
    }
    return NULL;
}

/* Keys come in lower case. */
static char *spell_name(struct slice name, struct config_report *report)
{
    const char *odd = find_name(odd_names, COUNT_OF(odd_names), name);
    char *spelled = report_copy(report, odd ? slice_from_string(odd) : name);
    for (size_t i = 0; spelled && !odd && i < name.len; i++) {
        bool is_first = i == 0 || spelled[i - 1] == '-';
        if (is_first && spelled[i] >= 'a' && spelled[i] <= 'z')
            spelled[i] = (char)(spelled[i] - ('a' - 'A'));
    }
    return spelled;
}

bool header_is_field_text(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if ((c < 0x20 && c != '\t') || c > 0x7e)
            return false;
    }
    return true;
}

static bool check_header(const struct config_value *value, struct config_report *report)
{
    const char *own = find_name(own_fields, COUNT_OF(own_fields), value->member);
    if (!media_is_token(value->member))
        report_error(report, value->place, "header: \"%.*s\" is not a name of a header field",
                     REPORT_VALUE(value->member));
    else if (own)
        report_error(report, value->place, "header: %s is a field that the server sets itself",
                     own);
    else if (!header_is_field_text(value->text))
        report_error(report, value->place,
                     "header.%.*s: a value has printable ASCII characters only",
                     REPORT_VALUE(value->member));
    else
        return true;
    return false;
}

/* The entry of that name, a new one if need be; NULL without memory. */
static struct header_config *entry_of(struct slice name, struct header_config **list, size_t *count,
                                      struct config_report *report)
{
    for (size_t i = 0; i < *count; i++) {
        if (slice_equal_nocase(slice_from_string((*list)[i].name), name))
            return &(*list)[i];
    }
    char *spelled = spell_name(name, report);
    struct header_config *headers = spelled ? realloc(*list, (*count + 1) * sizeof(*headers))
                                            : NULL;
    if (!headers) {
        free(spelled);
        report->out_of_memory = true;
        return NULL;
    }
    *list = headers;
    struct header_config *header = &headers[(*count)++];
    *header = (struct header_config){
        .name = spelled, .is_of_file = find_name(file_fields, COUNT_OF(file_fields), name)};
    return header;
}

void header_list_set(struct header_config **list, size_t *count, const struct config_value *value,
                     struct config_report *report)
{
    char *text = report_copy(report, slice_trim(value->text));
    struct header_config *header = text ? entry_of(value->member, list, count, report) : NULL;
    if (!header) {
        free(text);
        return;
    }
    free(header->value);
    header->value = text;
}

size_t header_list_size(const struct header_config *list, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += strlen(list[i].name) + strlen(": ") + strlen(list[i].value) + strlen("\r\n");
    return size;
}

void header_list_free(struct header_config **list, size_t *count)
{
    for (size_t i = 0; i < *count; i++) {
        free((*list)[i].name);
        free((*list)[i].value);
    }
    free(*list);
    *list = NULL;
    *count = 0;
}

void header_store(const struct config_value *value, struct config_report *report,
                  struct site_config *site)
{
    if (!check_header(value, report))
        return;
    header_list_set(&site->headers, &site->header_count, value, report);
    if (header_list_size(site->headers, site->header_count) > HEADER_LINES_MAX)
        report_error(report, value->place, "header: all together have more than %d bytes",
                     HEADER_LINES_MAX);
}

void headers_free(struct site_config *site)
{
    header_list_free(&site->headers, &site->header_count);
}

void cache_control_store(const struct config_value *value, struct config_report *report,
                         char **field)
{
    unsigned word;
    char *text = NULL;
    if (!header_is_field_text(value->text)) {
        value_report_expected(value, report);
        return;
    }
    if (!value_find_word(value, &word))
        text = report_copy(report, value->text);
    else if (word == CACHE_CONTROL_AUTO)
        text = report_copy(report, SLICE_LITERAL("auto"));
    free(*field);
    *field = text;
}
