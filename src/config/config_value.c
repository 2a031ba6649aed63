/* SPDX-License-Identifier: MIT */
/* config_value.c - one value between its text and its field, by its type. */

#include "config/config_value.h"

#include "base/writer.h"
#include "config/directive_text.h"
#include "config/error_page_file.h"
#include "config/media_grammar.h"
#include "config/value_forward.h"
#include "config/value_header.h"
#include "config/value_list.h"
#include "config/value_number.h"
#include "config/value_origin.h"
#include "config/value_route.h"
#include "config/value_upstream.h"

#include <stdlib.h>

void value_report_expected(const struct config_value *value, struct config_report *report)
{
    char expected[DIRECTIVE_TEXT_SIZE];
    struct slice name = slice_from_string(value->row->key);
    if (directive_is_family(value->row))
        name.len = (size_t)slice_find(name, '.') + 1; /* and the member behind it */
    directive_expected(value->row, expected);
    report_error(report, value->place, "%.*s%.*s: \"%.*s\" is not valid, expected %s",
                 SLICE_PRINTF(name), REPORT_VALUE(value->member), REPORT_VALUE(value->text),
                 expected);
}

bool value_find_word(const struct config_value *value, unsigned *ret_number)
{
    for (const struct directive_word *word = value->row->words; word && word->word; word++) {
        if (slice_equal_nocase(value->text, slice_from_string(word->word))) {
            *ret_number = word->value;
            return true;
        }
    }
    return false;
}

static void put_string(const struct directive *row, void *record, char *string)
{
    char **field = value_field(row, record);
    free(*field);
    *field = string;
}

/* Takes "." and "./" away at the front; the rest stays as it is written. */
static char *absolute_path(const struct config_value *value, struct config_report *report)
{
    struct slice path = value->text;
    if (path.data[0] == '/')
        return report_copy(report, path);
    while (slice_starts_with(path, SLICE_LITERAL("./")))
        path = slice_from(path, 2);

    size_t base_len = strlen(value->base_dir);
    if (base_len == 1)
        base_len = 0; /* of "/" */
    char *joined = malloc(base_len + 1 + path.len + 1);
    if (!joined) {
        report->out_of_memory = true;
        return NULL;
    }
    memcpy(joined, value->base_dir, base_len);
    joined[base_len] = '/';
    if (path.len > 0)
        memcpy(joined + base_len + 1, path.data, path.len);
    joined[base_len + 1 + path.len] = '\0';
    return joined;
}

static void store_path(const struct config_value *value, struct config_report *report, void *record)
{
    unsigned word;
    if (value_find_word(value, &word))
        put_string(value->row, record, NULL);
    else
        put_string(value->row, record, absolute_path(value, report));
}

static void store_string(const struct config_value *value, struct config_report *report,
                         void *record)
{
    unsigned word;
    bool is_valid = true;
    if (value->row->type == CFG_TOKEN)
        is_valid = media_is_token(value->text);
    else if (value->row->type == CFG_MEDIA_TYPE)
        is_valid = media_is_type(value->text);
    else if (value->row->type == CFG_TEXT)
        is_valid = header_is_field_text(value->text);

    if (value_find_word(value, &word))
        put_string(value->row, record, NULL);
    else if (is_valid)
        put_string(value->row, record, report_copy(report, value->text));
    else
        value_report_expected(value, report);
}

static void store_site_file(const struct config_value *value, struct config_report *report,
                            void *record)
{
    unsigned word;
    bool is_none = value_find_word(value, &word);
    if (!is_none && !route_check_path(value, value->text, report))
        return;
    put_string(value->row, record,
               is_none ? NULL : report_copy(report, slice_from(value->text, 1)));
}

/* Names of sections are the same in any letter case. */
static void store_label(const struct config_value *value, struct config_report *report,
                        void *record)
{
    unsigned word;
    char *label = value_find_word(value, &word) ? NULL : report_copy(report, value->text);
    for (char *c = label; c && *c; c++)
        *c = ascii_lower(*c);
    put_string(value->row, record, label);
}

static void store_log(const struct config_value *value, struct config_report *report, void *record)
{
    struct log_destination *log = value_field(value->row, record);
    struct config_value socket = *value; /* behind "syslog:" */
    unsigned word = LOG_TARGET_FILE;
    char *path = NULL;
    if (value_find_word(value, &word)) {
        if (word == LOG_TARGET_SYSLOG)
            path = report_copy(report, SLICE_LITERAL(SYSLOG_PATH));
    } else if (slice_starts_with(value->text, SLICE_LITERAL("syslog:"))) {
        word = LOG_TARGET_SYSLOG;
        socket.text = slice_from(value->text, sizeof("syslog:") - 1);
        path = absolute_path(&socket, report);
    } else {
        path = absolute_path(value, report);
    }
    free(log->path);
    *log = (struct log_destination){.target = (enum log_target)word, .path = path};
}

static void report_module(const struct config_value *value, struct config_report *report)
{
    char names[128];
    struct writer w = writer_on(names, sizeof(names) - 1);
    for (unsigned module = 0; module < LOG_MODULE_COUNT; module++) {
        writer_string(&w, module > 0 ? " " : "");
        writer_string(&w, log_module_name((enum log_module)module));
    }
    names[w.len] = '\0';
    report_error(report, value->place, "log_level: there is no module \"%.*s\", only %s",
                 REPORT_VALUE(value->member), names);
}

static void store_level(const struct config_value *value, struct config_report *report,
                        void *record)
{
    enum log_level level;
    if (!log_level_from_name(value->text, &level)) {
        value_report_expected(value, report);
        return;
    }
    struct config *config = record;
    if (value->row->type == CFG_LOG_LEVEL) {
        config->server.default_log_level = level;
        return;
    }
    enum log_module module;
    if (log_module_from_name(value->member, &module))
        config->server.log_level[module] = level;
    else
        report_module(value, report);
}

/* An empty text. False: nothing can be taken back. */
static bool unset(const struct config_value *value, struct config_report *report, void *record)
{
    const struct directive *row = value->row;
    struct config_value inner = *value;
    if (row->type == CFG_HEADERS) {
        header_store(value, report, record);
        return true;
    }
    if (row->type == CFG_SET_HEADERS) {
        set_header_store(value, report, record);
        return true;
    }
    if (!value->may_unset)
        return false;
    if (row->type == CFG_ERROR_PAGES) {
        error_page_store(value, NULL, report, record);
        return true;
    }
    if (!row->def)
        return false;
    inner.text = slice_from_string(row->def);
    inner.base_dir = "/";
    value_store(&inner, report, record);
    return true;
}

void value_store(const struct config_value *value, struct config_report *report, void *record)
{
    if (slice_trim(value->text).len == 0) {
        if (unset(value, report, record))
            return;
        char expected[DIRECTIVE_TEXT_SIZE];
        directive_expected(value->row, expected);
        report_error(report, value->place, "%s has no value, expected %s", value->row->key,
                     expected);
        return;
    }
    switch (value->row->type) {
    case CFG_BOOL: bool_store(value, report, record); break;
    case CFG_COUNT:
    case CFG_SIZE:
    case CFG_DURATION: number_store(value, report, record); break;
    case CFG_CHOICE: choice_store(value, report, record); break;
    case CFG_INCLUDES:
        report_error(report, value->place, "%s: stands in a file only", value->row->key);
        break;
    case CFG_NAMES: names_store(value, report, record); break;
    case CFG_MEDIA_TYPES: media_types_store(value, report, record); break;
    case CFG_ADDRESSES: addresses_store(value, report, record); break;
    case CFG_NETWORKS: networks_store(value, report, record); break;
    case CFG_HOST_NAMES: host_names_store(value, report, record); break;
    case CFG_PREFIX: prefix_store(value, report, record); break;
    case CFG_ORIGINS: origins_store(value, report, record); break;
    case CFG_GLOBS: globs_store(value, report, record); break;
    case CFG_REDIRECT: redirect_store(value, report, record); break;
    case CFG_SITE_FILE: store_site_file(value, report, record); break;
    case CFG_LABEL: store_label(value, report, record); break;
    case CFG_USER:
    case CFG_GROUP:
    case CFG_TOKEN:
    case CFG_TEXT:
    case CFG_MEDIA_TYPE: store_string(value, report, record); break;
    case CFG_DIRECTORY:
    case CFG_FILE: store_path(value, report, record); break;
    case CFG_LOG: store_log(value, report, record); break;
    case CFG_LOG_LEVEL:
    case CFG_MODULE_LEVELS: store_level(value, report, record); break;
    case CFG_CACHE_CONTROL:
        cache_control_store(value, report, value_field(value->row, record));
        break;
    case CFG_HEADERS: header_store(value, report, record); break;
    case CFG_SET_HEADERS: set_header_store(value, report, record); break;
    case CFG_FIELD_NAMES: field_names_store(value, report, record); break;
    case CFG_FORWARD_HOST: forward_host_store(value, report, record); break;
    case CFG_AUTHORITY: authority_store(value, report, record); break;
    case CFG_SERVERS: servers_store(value, report, record); break;
    case CFG_SERVER: server_store(value, report, record); break;
    case CFG_WORDS: words_store(value, report, record); break;
    case CFG_HASH_KEY: hash_key_store(value, report, record); break;
    case CFG_TARGET: target_store(value, report, record); break;
    case CFG_STATUS_RANGE: status_range_store(value, report, record); break;
    case CFG_ERROR_PAGES:
        error_page_store(value, absolute_path(value, report), report, record);
        break;
    }
}

void value_free(const struct directive *row, void *record)
{
    switch (row->type) {
    case CFG_BOOL:
    case CFG_COUNT:
    case CFG_SIZE:
    case CFG_DURATION:
    case CFG_CHOICE:
    case CFG_LOG_LEVEL:
    case CFG_MODULE_LEVELS:
    case CFG_WORDS:
    case CFG_STATUS_RANGE:
    case CFG_SERVERS: break; /* freed with CFG_SERVER */
    case CFG_SERVER: servers_free(record); break;
    case CFG_HASH_KEY: hash_key_free(value_field(row, record)); break;
    case CFG_FORWARD_HOST: forward_host_free(value_field(row, record)); break;
    case CFG_SET_HEADERS: set_headers_free(record); break;
    case CFG_FIELD_NAMES:
    case CFG_HOST_NAMES:
    case CFG_ORIGINS:
    case CFG_GLOBS:
    case CFG_MEDIA_TYPES:
    case CFG_INCLUDES:
    case CFG_NAMES: names_free(value_field(row, record)); break;
    case CFG_ADDRESSES: addresses_free(record); break;
    case CFG_NETWORKS: networks_free(value_field(row, record)); break;
    case CFG_REDIRECT: redirect_free(value_field(row, record)); break;
    case CFG_LABEL:
    case CFG_PREFIX:
    case CFG_SITE_FILE:
    case CFG_USER:
    case CFG_GROUP:
    case CFG_TOKEN:
    case CFG_MEDIA_TYPE:
    case CFG_CACHE_CONTROL:
    case CFG_TEXT:
    case CFG_AUTHORITY:
    case CFG_TARGET:
    case CFG_DIRECTORY:
    case CFG_FILE: put_string(row, record, NULL); break;
    case CFG_HEADERS: headers_free(record); break;
    case CFG_LOG: free(((struct log_destination *)value_field(row, record))->path); break;
    case CFG_ERROR_PAGES: error_pages_free(record); break;
    }
}
