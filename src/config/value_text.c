/* SPDX-License-Identifier: MIT */
/* value_text.c - a field as text. */

#include "config/value_text.h"

#include "base/utf8.h"
#include "config/config_value.h"
#include "config/directive_text.h"
#include "config/ini_scanner.h"
#include "config/value_list.h"
#include "config/value_number.h"
#include "config/value_route.h"
#include "config/value_upstream.h"

#include <errno.h>

static const char *word_of(const struct directive *row, uint64_t value)
{
    for (const struct directive_word *word = row->words; word && word->word; word++) {
        if (word->value == value)
            return word->word;
    }
    return NULL;
}

static void write_number(const struct directive *row, const void *record, FILE *out)
{
    char text[DIRECTIVE_TEXT_SIZE];
    uint64_t value = number_of_field(row, record);
    const char *word = word_of(row, value);
    directive_number(row->type, value, text);
    fputs(word ? word : text, out);
}

static void write_list(const struct string_list *names, FILE *out)
{
    for (size_t i = 0; i < names->count; i++)
        fprintf(out, "%s%s", i > 0 ? " " : "", names->items[i]);
}

static void write_names(const struct directive *row, const struct string_list *names, FILE *out)
{
    if (names->count == 0 && row->words)
        fputs(row->words[0].word, out);
    write_list(names, out);
}

static void write_addresses(const struct server_config *server, FILE *out)
{
    char text[ADDRESS_TEXT_SIZE];
    for (size_t i = 0; i < server->listen_count; i++) {
        address_format(&server->listen[i].addr, text);
        fprintf(out, "%s%s%s", i > 0 ? " " : "", text,
                server->listen[i].proxy_protocol ? " " LISTEN_PROXY_PROTOCOL : "");
    }
}

static void write_networks(const struct directive *row, const void *record, FILE *out)
{
    const struct network_list *list = value_field_const(row, record);
    char text[ADDRESS_TEXT_SIZE];
    if (list->count == 0)
        fputs(row->words[0].word, out);
    for (size_t i = 0; i < list->count; i++) {
        network_format(&list->items[i], text);
        fprintf(out, "%s%s", i > 0 ? " " : "", text);
    }
}

static void write_string(const struct directive *row, const void *record, FILE *out)
{
    const char *const *field = value_field_const(row, record);
    const char *none = row->words ? row->words[0].word : "";
    fputs(*field ? *field : none, out);
}

static void write_host_names(const struct host_config *host, FILE *out)
{
    write_list(&host->server_names, out);
    if (host->is_default)
        fprintf(out, "%sdefault", host->server_names.count > 0 ? " " : "");
}

static void write_prefix(const struct directive *row, const void *record, FILE *out)
{
    const char *const *field = value_field_const(row, record);
    if (*field)
        fprintf(out, "/%s%s", *field, **field ? "/" : "");
}

static void write_redirect(const struct redirect_config *redirect, FILE *out)
{
    if (redirect->status != 0)
        fprintf(out, "%u %s%s", redirect->status, redirect->target,
                redirect->has_tail ? REDIRECT_TAIL : "");
}

static void write_site_file(const struct directive *row, const void *record, FILE *out)
{
    const char *const *field = value_field_const(row, record);
    fprintf(out, "%s%s", *field ? "/" : "", *field ? *field : row->words[0].word);
}

static void write_log(const struct directive *row, const void *record, FILE *out)
{
    const struct log_destination *log = value_field_const(row, record);
    bool has_path = log->target == LOG_TARGET_FILE ||
                    (log->target == LOG_TARGET_SYSLOG && strcmp(log->path, SYSLOG_PATH) != 0);
    if (log->target != LOG_TARGET_FILE)
        fputs(word_of(row, log->target), out);
    if (has_path)
        fprintf(out, "%s%s", log->target == LOG_TARGET_SYSLOG ? ":" : "", log->path);
}

static void write_forward_host(const struct directive *row, const struct forward_config *forward,
                               FILE *out)
{
    fputs(forward->host ? forward->host : word_of(row, forward->host_kind), out);
}

static void write_servers(const struct upstream_config *upstream, FILE *out)
{
    bool is_first = true;
    for (size_t i = 0; i < upstream->server_count; i++) {
        if (upstream->servers[i].label)
            continue;
        fputs(is_first ? "" : ", ", out);
        server_write(&upstream->servers[i], out);
        is_first = false;
    }
}

static void write_words(const struct directive *row, const void *record, FILE *out)
{
    uint64_t bits = number_of_field(row, record);
    bool is_first = true;
    if (bits == 0)
        fputs(row->words[0].word, out);
    for (const struct directive_word *word = row->words + 1; word->word; word++) {
        if (!(bits & word->value))
            continue;
        fprintf(out, "%s%s", is_first ? "" : ", ", word->word);
        is_first = false;
    }
}

static void write_hash_key(const struct hash_key_config *key, FILE *out)
{
    switch (key->kind) {
    case HASH_KEY_URI: fputs("uri", out); break;
    case HASH_KEY_CLIENT: fputs("client", out); break;
    case HASH_KEY_COOKIE: fprintf(out, "cookie:%s", key->name); break;
    case HASH_KEY_HEADER: fprintf(out, "header:%s", key->name); break;
    }
}

static void write_status_range(const struct status_range *range, FILE *out)
{
    fprintf(out, "%u", range->low);
    if (range->high != range->low)
        fprintf(out, "-%u", range->high);
}

int value_write(const struct directive *row, const void *record, FILE *out)
{
    assert(!directive_is_family(row));
    switch (row->type) {
    case CFG_BOOL: fputs(number_of_field(row, record) ? "on" : "off", out); break;
    case CFG_COUNT:
    case CFG_SIZE:
    case CFG_DURATION:
    case CFG_CHOICE: write_number(row, record, out); break;
    case CFG_HOST_NAMES: write_host_names(record, out); break;
    case CFG_REDIRECT: write_redirect(value_field_const(row, record), out); break;
    case CFG_SITE_FILE: write_site_file(row, record, out); break;
    case CFG_PREFIX: write_prefix(row, record, out); break;
    case CFG_FORWARD_HOST: write_forward_host(row, value_field_const(row, record), out); break;
    case CFG_SERVERS: write_servers(record, out); break;
    case CFG_WORDS: write_words(row, record, out); break;
    case CFG_HASH_KEY: write_hash_key(value_field_const(row, record), out); break;
    case CFG_STATUS_RANGE: write_status_range(value_field_const(row, record), out); break;
    case CFG_FIELD_NAMES:
    case CFG_ORIGINS:
    case CFG_GLOBS:
    case CFG_MEDIA_TYPES:
    case CFG_INCLUDES:
    case CFG_NAMES: write_names(row, value_field_const(row, record), out); break;
    case CFG_ADDRESSES: write_addresses(&((const struct config *)record)->server, out); break;
    case CFG_NETWORKS: write_networks(row, record, out); break;
    case CFG_AUTHORITY:
    case CFG_TARGET:
    case CFG_CACHE_CONTROL:
    case CFG_TEXT:
    case CFG_LABEL:
    case CFG_USER:
    case CFG_GROUP:
    case CFG_TOKEN:
    case CFG_MEDIA_TYPE:
    case CFG_DIRECTORY:
    case CFG_FILE: write_string(row, record, out); break;
    case CFG_LOG: write_log(row, record, out); break;
    case CFG_LOG_LEVEL:
        fputs(log_level_name(((const struct config *)record)->server.default_log_level), out);
        break;
    case CFG_MODULE_LEVELS:
    case CFG_HEADERS:
    case CFG_SET_HEADERS:
    case CFG_SERVER:
    case CFG_ERROR_PAGES: break;
    }
    return ferror(out) ? -EIO : 0;
}

static bool fits_unquoted(struct slice text)
{
    char first = text.data[0], last = text.data[text.len - 1];
    return slice_equal(slice_trim(text), text) && first != '"' && first != '\'' && last != '\\' &&
           slice_find(text, ';') < 0 && slice_find(text, '#') < 0;
}

/* Room for the longest key, " = " and two quotes. */
#define VALUE_LINE_ROOM (INI_NAME_MAX + 5)

const char *value_quote_for(const char *text)
{
    struct slice value = slice_from_string(text);
    if (value.len == 0 || value.len > INI_LINE_MAX - VALUE_LINE_ROOM ||
        utf8_valid_length(value) < value.len)
        return NULL;
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.data[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return NULL;
    }
    if (fits_unquoted(value))
        return "";
    if (slice_find(value, '\\') >= 0)
        return NULL;
    if (slice_find(value, '"') < 0)
        return "\"";
    return slice_find(value, '\'') < 0 ? "'" : NULL;
}
