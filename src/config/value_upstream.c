/* SPDX-License-Identifier: MIT */
/* value_upstream.c - servers with their options, hash keys, targets and ranges of statuses. */

#include "config/value_upstream.h"

#include "base/number.h"
#include "config/media_grammar.h"
#include "config/value_list.h"
#include "config/value_route.h"

#include <errno.h>
#include <stdlib.h>

/* Port of a server without one: that of http (RFC 9110 section 4.2.1). */
#define DEFAULT_PORT 80
#define WEIGHT_MAX 256
#define MAX_CONNS_MAX 1000000

static void server_done(struct upstream_server_config *server)
{
    free(server->label);
    free(server->text);
    free(server->host);
}

static void report_server(const struct config_value *value, struct slice word, const char *problem,
                          struct config_report *report)
{
    report_error(report, value->place, "%s: \"%.*s\" %s", value->row->key, REPORT_VALUE(word),
                 problem);
}

/* What is wrong with the beginnings that people copy from elsewhere; NULL: nothing. */
static const char *problem_of_start(struct slice word)
{
    if (slice_starts_with(word, SLICE_LITERAL("http://")))
        return "is a URL: write HOST:PORT, without http:// and a path";
    if (slice_starts_with(word, SLICE_LITERAL("https://")))
        return "is a URL: write HOST:PORT; servers are spoken to without TLS";
    if (slice_starts_with(word, SLICE_LITERAL("/")))
        return "is a path: write unix:PATH for a socket";
    return slice_find(word, '=') >= 0 ? "is an option: it stands behind a server" : NULL;
}

/* "10.0.0.256" is a mistake, and no name to look up. */
static bool looks_like_address(struct slice host)
{
    for (size_t i = 0; i < host.len; i++) {
        if (!ascii_is_digit(host.data[i]) && host.data[i] != '.')
            return false;
    }
    return true;
}

/* NAME or NAME:PORT; false: it is none. */
static bool take_name(struct slice word, struct config_report *report,
                      struct upstream_server_config *server)
{
    ptrdiff_t colon = slice_find(word, ':');
    struct slice host = slice_of(word.data, colon < 0 ? word.len : (size_t)colon);
    uint64_t port = DEFAULT_PORT;
    char *lower = report_copy_lower(report, host);
    bool is_name = lower && route_is_host_name(slice_from_string(lower)) &&
                   !looks_like_address(host);
    if (is_name && colon >= 0)
        is_name = number_parse(slice_from(word, (size_t)colon + 1), UINT16_MAX, &port) == 0 &&
                  port > 0;
    if (!is_name) {
        free(lower);
        return false;
    }
    server->host = lower;
    server->port = (uint16_t)port;
    return true;
}

/* False after a report. */
static bool take_address(const struct config_value *value, struct slice word,
                         struct config_report *report, struct upstream_server_config *server)
{
    struct address addr;
    const char *problem = problem_of_start(word);
    if (!problem && slice_starts_with(word, SLICE_LITERAL(ENDPOINT_UNIX))) {
        struct slice path = slice_from(word, strlen(ENDPOINT_UNIX));
        bool is_absolute = path.len > 0 && path.data[0] == '/';
        if (!is_absolute || endpoint_of_path(path, &server->endpoint) != 0)
            problem = is_absolute ? "is too long: the path of a socket has up to 107 bytes"
                                  : "needs an absolute path, as in unix:/run/app.sock";
    } else if (!problem && address_parse(word, DEFAULT_PORT, &addr) == 0) {
        server->endpoint = endpoint_of_address(&addr);
        server->port = address_port(&addr);
        if (address_is_any(&addr) || server->port == 0)
            problem = "is no address to connect to: write HOST:PORT";
    } else if (!problem && !take_name(word, report, server)) {
        problem = "is not a server: write HOST:PORT, [IPV6]:PORT, NAME:PORT or unix:PATH";
    }
    if (problem)
        report_server(value, word, problem, report);
    return !problem;
}

/* False after a report. */
static bool take_option(const struct config_value *value, struct slice word,
                        struct config_report *report, struct upstream_server_config *server)
{
    ptrdiff_t equals = slice_find(word, '=');
    struct slice name = slice_of(word.data, equals < 0 ? word.len : (size_t)equals);
    struct slice text = slice_from(word, equals < 0 ? word.len : (size_t)equals + 1);
    uint64_t number = 0;
    if (slice_equal_nocase(word, SLICE_LITERAL("backup"))) {
        server->is_backup = true;
        return true;
    }
    if (slice_equal_nocase(name, SLICE_LITERAL("weight"))) {
        if (number_parse(text, WEIGHT_MAX, &number) != 0 || number == 0) {
            report_server(value, word, "is not valid, expected weight=1 to weight=256", report);
            return false;
        }
        server->weight = (unsigned)number;
        return true;
    }
    if (slice_equal_nocase(name, SLICE_LITERAL("max_conns"))) {
        if (number_parse(text, MAX_CONNS_MAX, &number) != 0) {
            report_server(value, word, "is not valid, expected max_conns=0 to max_conns=1000000",
                          report);
            return false;
        }
        server->max_conns = (unsigned)number;
        return true;
    }
    report_server(value, word,
                  "is not an option of a server, expected weight=N, max_conns=N or backup; "
                  "servers are parted by commas",
                  report);
    return false;
}

/* An address and its options. False after a report, or without memory. */
static bool parse_server(const struct config_value *value, struct slice text,
                         struct config_report *report, struct upstream_server_config *ret_server)
{
    struct upstream_server_config server = {.weight = 1};
    struct slice rest = text, word;
    bool is_valid = list_next_word(&rest, &word);
    if (!is_valid)
        report_error(report, value->place, "%s: there is nothing between two commas",
                     value->row->key);
    is_valid = is_valid && take_address(value, word, report, &server);
    if (is_valid)
        server.text = report_copy(report, word);
    while (is_valid && list_next_word(&rest, &word))
        is_valid = take_option(value, word, report, &server);
    if (!is_valid || !server.text) {
        server_done(&server);
        return false;
    }
    *ret_server = server;
    return true;
}

/* Of those with a label, or of those without. */
static void drop_servers(struct upstream_config *upstream, const char *label)
{
    size_t kept = 0;
    for (size_t i = 0; i < upstream->server_count; i++) {
        struct upstream_server_config *server = &upstream->servers[i];
        bool is_meant = label ? server->label && strcmp(server->label, label) == 0 : !server->label;
        if (is_meant)
            server_done(server);
        else
            upstream->servers[kept++] = *server;
    }
    upstream->server_count = kept;
}

/* Takes @server. */
static bool add_server(const struct config_value *value, struct config_report *report,
                       struct upstream_config *upstream, struct upstream_server_config *server)
{
    struct upstream_server_config *servers = NULL;
    if (upstream->server_count == UPSTREAM_SERVERS_MAX)
        report_error(report, value->place, "%s: more than %d of them", value->row->key,
                     UPSTREAM_SERVERS_MAX);
    else if (!(servers = realloc(upstream->servers,
                                 (upstream->server_count + 1) * sizeof(*servers))))
        report->out_of_memory = true;
    if (!servers) {
        server_done(server);
        return false;
    }
    upstream->servers = servers;
    servers[upstream->server_count++] = *server;
    return true;
}

void servers_store(const struct config_value *value, struct config_report *report,
                   struct upstream_config *upstream)
{
    struct upstream_server_config server;
    struct slice rest = value->text, text;
    drop_servers(upstream, NULL);
    while (slice_next(&rest, ',', &text)) {
        if (parse_server(value, text, report, &server) &&
            !add_server(value, report, upstream, &server))
            return;
    }
}

void server_store(const struct config_value *value, struct config_report *report,
                  struct upstream_config *upstream)
{
    struct upstream_server_config server;
    if (!media_is_token(value->member)) {
        report_error(report, value->place, "server.%.*s: is not a name",
                     REPORT_VALUE(value->member));
        return;
    }
    if (slice_find(value->text, ',') >= 0) {
        report_error(report, value->place, "server.%.*s: is one server: put several into `servers`",
                     REPORT_VALUE(value->member));
        return;
    }
    if (!parse_server(value, value->text, report, &server))
        return;
    server.label = report_copy(report, value->member);
    if (!server.label) {
        server_done(&server);
        return;
    }
    drop_servers(upstream, server.label);
    (void)add_server(value, report, upstream, &server); /* else it has been reported */
}

void servers_free(struct upstream_config *upstream)
{
    for (size_t i = 0; i < upstream->server_count; i++)
        server_done(&upstream->servers[i]);
    free(upstream->servers);
    upstream->servers = NULL;
    upstream->server_count = 0;
}

void server_write(const struct upstream_server_config *server, FILE *out)
{
    fputs(server->text, out);
    if (server->weight != 1)
        fprintf(out, " weight=%u", server->weight);
    if (server->max_conns != 0)
        fprintf(out, " max_conns=%u", server->max_conns);
    if (server->is_backup)
        fputs(" backup", out);
}

void hash_key_free(struct hash_key_config *key)
{
    free(key->name);
    *key = (struct hash_key_config){.name = NULL};
}

void hash_key_store(const struct config_value *value, struct config_report *report, void *record)
{
    static const struct {
        const char *word;
        enum hash_key_kind kind;
        bool has_name;
    } kinds[] = {
        {"uri", HASH_KEY_URI, false},
        {"client", HASH_KEY_CLIENT, false},
        {"cookie", HASH_KEY_COOKIE, true},
        {"header", HASH_KEY_HEADER, true},
    };
    struct hash_key_config *field = value_field(value->row, record);
    ptrdiff_t colon = slice_find(value->text, ':');
    struct slice word = slice_of(value->text.data, colon < 0 ? value->text.len : (size_t)colon);
    struct slice name = slice_from(value->text, colon < 0 ? value->text.len : (size_t)colon + 1);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (!slice_equal_nocase(word, slice_from_string(kinds[i].word)) ||
            kinds[i].has_name != (colon >= 0) || (colon >= 0 && !media_is_token(name)))
            continue;
        char *copy = kinds[i].has_name ? report_copy(report, name) : NULL;
        if (kinds[i].has_name && !copy)
            return;
        hash_key_free(field);
        *field = (struct hash_key_config){kinds[i].kind, copy};
        return;
    }
    value_report_expected(value, report);
}

/* What may stand in a request line as it is. */
static bool is_target(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] <= 0x20 || text.data[i] >= 0x7f || text.data[i] == '#')
            return false;
    }
    return text.len > 0 && text.data[0] == '/';
}

void target_store(const struct config_value *value, struct config_report *report, void *record)
{
    char **field = value_field(value->row, record);
    unsigned word;
    char *copy = NULL;
    if (!value_find_word(value, &word)) {
        if (!is_target(value->text)) {
            value_report_expected(value, report);
            return;
        }
        copy = report_copy(report, value->text);
    }
    free(*field);
    *field = copy;
}

void status_range_store(const struct config_value *value, struct config_report *report,
                        void *record)
{
    struct status_range *field = value_field(value->row, record);
    ptrdiff_t dash = slice_find(value->text, '-');
    struct slice low_text = slice_of(value->text.data, dash < 0 ? value->text.len : (size_t)dash);
    struct slice high_text = dash < 0 ? low_text : slice_from(value->text, (size_t)dash + 1);
    uint64_t low = 0, high = 0;
    if (number_parse(low_text, 599, &low) != 0 || number_parse(high_text, 599, &high) != 0 ||
        low < 200 || high < low) {
        value_report_expected(value, report);
        return;
    }
    *field = (struct status_range){(unsigned)low, (unsigned)high};
}
