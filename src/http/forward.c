/* SPDX-License-Identifier: MIT */
/*
 * forward.c - heads written anew, field by field.
 *
 * What this server says itself (Host, Via, X-Forwarded-…) comes first; then what passes, in order, as
 * it came; then what tells where the message ends.
 */
#include "http/forward.h"

#include "base/hash.h"
#include "base/number.h"
#include "http/common_lines.h"
#include "http/cookie.h"
#include "http/forward_fields.h"
#include "http/http_date.h"
#include "http/site_lines.h"
#include "http/status.h"

#include <assert.h>
#include <unistd.h>

static void write_field(struct writer *w, struct slice name, struct slice value)
{
    writer_slice(w, name);
    writer_literal(w, ": ");
    writer_slice(w, value);
    writer_literal(w, "\r\n");
}

/* Lines that pass on, one behind the other as they came: most of a head is copied at once. */
struct run {
    const char *start, *end; /* NULL: none */
};

static void end_run(struct writer *w, struct run *run)
{
    if (run->start)
        writer_append(w, run->start, (size_t)(run->end - run->start));
    run->start = run->end = NULL;
}

/* It was written as we write it, in the message where it is. */
static bool is_written_so(const struct header *row)
{
    const char *colon = row->name.data + row->name.len;
    const char *end = row->value.data + row->value.len;

    return row->value.data == colon + 2 && colon[1] == ' ' && end[0] == '\r' && end[1] == '\n';
}

static void pass_line(struct writer *w, struct run *run, const struct header *row)
{
    if (UNLIKELY(row->value.len == 0 || !is_written_so(row))) {
        end_run(w, run);
        write_field(w, row->name, row->value);
        return;
    }
    if (run->end != row->name.data) {
        end_run(w, run);
        run->start = row->name.data;
    }
    run->end = row->value.data + row->value.len + 2;
}

/* --- requests */

static bool is_trusted(const struct forward_request *forward)
{
    return network_list_contains(forward->trusted, forward->peer);
}

/* The values of all lines of @name in one, with ", " behind each. */
static void write_list(struct writer *w, const struct header_table *headers, struct slice name)
{
    for (size_t i = 0; i < headers->count; i++) {
        const struct header *row = &headers->rows[i];

        if (row->value.len > 0 && header_is(row, name)) {
            writer_slice(w, row->value);
            writer_literal(w, ", ");
        }
    }
}

/* The configuration says what the field is. */
static bool is_set(const struct forward_config *config, struct slice name)
{
    for (size_t i = 0; i < config->set_count; i++) {
        if (forward_name_is(name, slice_from_string(config->set_fields[i].name)))
            return true;
    }
    return false;
}

/* A field of ours, unless the configuration has another one in its place. */
static void write_own_field(struct writer *w, const struct forward_request *forward,
                            struct slice name, struct slice value)
{
    if (LIKELY(!is_set(forward->config, name)))
        write_field(w, name, value);
}

static struct slice method_name_of(const struct request *req)
{
    ptrdiff_t end = slice_find(req->line, ' ');

    return slice_of(req->line.data, end < 0 ? 0 : (size_t)end);
}

static void write_request_line(struct writer *w, const struct forward_request *forward)
{
    writer_slice(w, forward->is_plain_get ? SLICE_LITERAL("GET") : method_name_of(forward->req));
    writer_char(w, ' ');
    writer_slice(w, forward->target);
    writer_literal(w, " HTTP/1.1\r\n");
}

static void write_host(struct writer *w, const struct forward_request *forward)
{
    struct slice host = forward->req->host;

    switch (forward->config->host_kind) {
    case FORWARD_HOST_KEEP: break;
    case FORWARD_HOST_UPSTREAM: host = forward->server_host; break;
    case FORWARD_HOST_NAME: host = slice_from_string(forward->config->host); break;
    }
    if (!host.data)
        host = forward->server_host;
    assert(host.data);
    write_field(w, SLICE_LITERAL("Host"), host);
}

/* For whom a trusted peer asks, and who that peer is; of any other peer only the latter. */
static void write_x_forwarded_for(struct writer *w, const struct forward_request *forward,
                                  struct slice peer, bool trusts)
{
    if (is_set(forward->config, SLICE_LITERAL("X-Forwarded-For")))
        return;
    writer_literal(w, "X-Forwarded-For: ");
    if (trusts)
        write_list(w, &forward->req->headers, SLICE_LITERAL("X-Forwarded-For"));
    writer_slice(w, peer);
    writer_literal(w, "\r\n");
}

/* What was asked for, by the word of a trusted peer, or as it came here. */
static void write_x_forwarded(struct writer *w, const struct forward_request *forward, bool trusts)
{
    const struct header_table *headers = &forward->req->headers;
    struct slice host = slice_of(NULL, 0);
    struct slice proto = slice_of(NULL, 0);

    if (trusts) {
        host = header_table_find(headers, SLICE_LITERAL("X-Forwarded-Host"));
        proto = header_table_find(headers, SLICE_LITERAL("X-Forwarded-Proto"));
    }
    if (!host.data)
        host = forward->req->host;
    if (host.data)
        write_own_field(w, forward, SLICE_LITERAL("X-Forwarded-Host"), host);
    write_own_field(w, forward, SLICE_LITERAL("X-Forwarded-Proto"),
                    proto.data ? proto : SLICE_LITERAL("http"));
}

/* The same in the words of RFC 7239, where a trusted peer uses them. */
static void write_forwarded(struct writer *w, const struct forward_request *forward,
                            struct slice peer)
{
    const struct header_table *headers = &forward->req->headers;
    bool is_v6 = slice_find(peer, ':') >= 0;

    if (!header_table_has(headers, HEADER_FORWARDED) ||
        is_set(forward->config, SLICE_LITERAL("Forwarded")))
        return;
    writer_literal(w, "Forwarded: ");
    write_list(w, headers, SLICE_LITERAL("Forwarded"));
    writer_literal(w, "for=");
    if (is_v6)
        writer_literal(w, "\"[");
    writer_slice(w, peer);
    if (is_v6)
        writer_literal(w, "]\"");
    writer_literal(w, ";proto=http\r\n");
}

static void write_via(struct writer *w, const struct forward_request *forward)
{
    if (!forward->via)
        return;
    writer_literal(w, "Via: ");
    write_list(w, &forward->req->headers, SLICE_LITERAL("Via"));
    writer_string(w, forward->req->is_http10 ? "1.0 " : "1.1 ");
    writer_string(w, forward->via);
    writer_literal(w, "\r\n");
}

static void write_ours(struct writer *w, const struct forward_request *forward)
{
    char text[ADDRESS_TEXT_SIZE];
    struct slice peer = slice_of(text, address_format_host(forward->peer, text));
    bool trusts = is_trusted(forward);

    if (slice_equal(peer, SLICE_LITERAL("-")))
        peer = SLICE_LITERAL("unknown"); /* RFC 7239 section 6.2 */
    write_x_forwarded_for(w, forward, peer, trusts);
    write_x_forwarded(w, forward, trusts);
    if (trusts)
        write_forwarded(w, forward, peer);
    write_via(w, forward);
    if (forward->request_id.len > 0)
        write_own_field(w, forward, SLICE_LITERAL("X-Request-ID"), forward->request_id);
}

static bool passes_up(const struct forward_request *forward, const struct header *row,
                      bool has_named, bool trusts)
{
    struct slice name = row->name;
    unsigned rule = forward_rule_of_line(row);

    if (rule & (FORWARD_HOP | FORWARD_OURS_UP))
        return false;
    if ((rule & FORWARD_TRUSTED) && !trusts)
        return false;
    if ((rule & FORWARD_REQUEST_ID) && forward->request_id.len > 0)
        return false;
    if ((rule & FORWARD_CONDITION) && forward->is_plain_get)
        return false;
    if ((rule & FORWARD_MAX_FORWARDS) && forward->req->method == METHOD_OPTIONS)
        return false;
    if (has_named && forward_is_named(&forward->req->headers, name))
        return false;
    return forward->config->set_count == 0 || !is_set(forward->config, name);
}

/* A Cookie field without one of them, or no field at all; false: that one is not in it. */
static bool write_other_cookies(struct writer *w, struct run *run, const struct header *row,
                                struct slice name)
{
    const struct slice field = SLICE_LITERAL("Cookie: ");
    size_t before;

    end_run(w, run);
    before = w->len;
    writer_slice(w, field);
    if (!cookie_write_without(w, row->value, name)) {
        w->len = before;
        return false;
    }
    if (w->len == before + field.len)
        w->len = before;
    else
        writer_literal(w, "\r\n");
    return true;
}

static void write_passing(struct writer *w, const struct forward_request *forward)
{
    const struct header_table *headers = &forward->req->headers;
    bool has_named = forward_has_named(headers);
    bool trusts = is_trusted(forward);
    struct run run = {NULL, NULL};

    for (size_t i = 0; i < headers->count; i++) {
        const struct header *row = &headers->rows[i];

        if (!passes_up(forward, row, has_named, trusts))
            continue;
        if (UNLIKELY(forward->own_cookie != NULL) && row->id == HEADER_COOKIE &&
            write_other_cookies(w, &run, row, slice_from_string(forward->own_cookie)))
            continue;
        pass_line(w, &run, row);
    }
    end_run(w, &run);
}

static void write_set_fields(struct writer *w, const struct forward_config *config)
{
    for (size_t i = 0; i < config->set_count; i++) {
        const struct header_config *field = &config->set_fields[i];

        if (field->value[0] != '\0')
            write_field(w, slice_from_string(field->name), slice_from_string(field->value));
    }
}

static void write_framing(struct writer *w, const struct forward_request *forward)
{
    switch (forward->framing) {
    case BODY_NONE:
        /* Of a method that means some, its absence is told (RFC 9110 section 8.6). */
        if (header_table_has(&forward->req->headers, HEADER_CONTENT_LENGTH))
            write_content_length(w, 0);
        break;
    case BODY_LENGTH: write_content_length(w, forward->content_length); break;
    case BODY_CHUNKED: writer_literal(w, "Transfer-Encoding: chunked\r\n"); break;
    }
}

void forward_write_request(struct writer *w, const struct forward_request *forward)
{
    const struct request *req = forward->req;
    int64_t hops = req->method == METHOD_OPTIONS ? forward_max_forwards(req) : -1;

    write_request_line(w, forward);
    write_host(w, forward);
    write_ours(w, forward);
    write_passing(w, forward);
    write_set_fields(w, forward->config);
    if (hops > 0)
        writer_format(w, "Max-Forwards: %lld\r\n", (long long)hops - 1);
    if (forward->wants_upgrade)
        writer_literal(w, "Connection: Upgrade\r\nUpgrade: websocket\r\n");
    else if (forward->closes)
        writer_literal(w, "Connection: close\r\n");
    if (forward->expects_continue)
        writer_literal(w, "Expect: 100-continue\r\n");
    if (forward->is_plain_get)
        writer_slice(w, forward->more);
    else
        write_framing(w, forward);
    writer_literal(w, "\r\n");
}

bool forward_wants_upgrade(const struct request *req, const struct forward_config *config)
{
    switch (config->upgrade) {
    case FORWARD_UPGRADE_NONE: break;
    case FORWARD_UPGRADE_WEBSOCKET:
        /* RFC 6455 section 4.1: a GET of HTTP/1.1, both fields, any case. */
        return req->method == METHOD_GET && !req->is_http10 && req->framing == BODY_NONE &&
               header_table_has_token(&req->headers, HEADER_CONNECTION, SLICE_LITERAL("upgrade")) &&
               header_table_has_token(&req->headers, HEADER_UPGRADE, SLICE_LITERAL("websocket"));
    }
    return false;
}

/* "1.1 name (comment)", "HTTP/1.1 name:80": the second word. */
static struct slice received_by(struct slice element)
{
    struct slice rest = slice_trim(element);
    ptrdiff_t blank = slice_find(rest, ' ');

    if (blank < 0)
        return slice_of(NULL, 0);
    rest = slice_trim(slice_from(rest, (size_t)blank));
    blank = slice_find(rest, ' ');
    if (blank >= 0)
        rest.len = (size_t)blank;
    return rest;
}

bool forward_is_https(const struct request *req, const struct network_list *trusted,
                      const struct address *peer)
{
    struct slice proto = header_table_find(&req->headers, SLICE_LITERAL("X-Forwarded-Proto"));
    struct slice first;

    return proto.data && network_list_contains(trusted, peer) && slice_next(&proto, ',', &first) &&
           slice_equal_nocase(slice_trim(first), SLICE_LITERAL("https"));
}

bool forward_is_loop(const struct request *req, const char *via)
{
    const struct header_table *headers = &req->headers;

    if (!via)
        return false;
    for (size_t i = 0; i < headers->count; i++) {
        struct slice rest = headers->rows[i].value;
        struct slice element;

        if (!header_is(&headers->rows[i], SLICE_LITERAL("Via")))
            continue;
        while (slice_next(&rest, ',', &element)) {
            if (slice_equal_nocase(received_by(element), slice_from_string(via)))
                return true;
        }
    }
    return false;
}

void forward_make_name(struct slice place, char out[FORWARD_NAME_SIZE])
{
    char host[256] = "";
    struct writer w = writer_on(out, FORWARD_NAME_SIZE - 1);
    uint64_t hash;

    (void)gethostname(host, sizeof(host) - 1); /* else the place alone tells it */
    hash = hash_bytes(hash_bytes(0, slice_from_string(host)), place);
    writer_literal(&w, "tinyweb-");
    writer_hex(&w, hash & 0xffffff);
    out[w.len] = '\0';
}

int64_t forward_max_forwards(const struct request *req)
{
    struct slice value = header_table_find(&req->headers, SLICE_LITERAL("Max-Forwards"));
    uint64_t hops;

    if (!value.data || number_parse(value, INT32_MAX, &hops) != 0)
        return -1;
    return (int64_t)hops;
}

/* --- replies */

static bool is_hidden(const struct forward_config *config, struct slice name)
{
    for (size_t i = 0; i < config->hide_fields.count; i++) {
        if (slice_equal_nocase(name, slice_from_string(config->hide_fields.items[i])))
            return true;
    }
    return false;
}

static bool is_of_site(const struct site_config *site, struct slice name)
{
    for (size_t i = 0; i < site->header_count; i++) {
        if (!site->headers[i].is_of_file &&
            slice_equal_nocase(slice_from_string(site->headers[i].name), name))
            return true;
    }
    return false;
}

static bool passes_down(const struct forward_reply *forward, struct slice name, unsigned rule,
                        bool has_named)
{
    if (rule & (FORWARD_HOP | FORWARD_OURS_DOWN))
        return false;
    if ((rule & FORWARD_REQUEST_ID) && forward->has_request_id)
        return false;
    if ((rule & FORWARD_CORS) && forward->site->cors.count > 0)
        return false;
    if (has_named && forward_is_named(forward->headers, name))
        return false;
    return !is_hidden(forward->config, name) && !is_of_site(forward->site, name);
}

/* Returns true when Date is among them. */
static bool write_reply_fields(struct writer *w, const struct forward_reply *forward)
{
    const struct header_table *headers = forward->headers;
    bool has_named = forward_has_named(headers);
    bool has_date = false;
    struct run run = {NULL, NULL};

    for (size_t i = 0; i < headers->count; i++) {
        const struct header *row = &headers->rows[i];
        unsigned rule = forward_rule_of_line(row);

        if (!passes_down(forward, row->name, rule, has_named))
            continue;
        pass_line(w, &run, row);
        has_date |= (rule & FORWARD_DATE) != 0;
    }
    end_run(w, &run);
    return has_date;
}

static void write_reply_line(struct writer *w, const struct forward_reply *forward)
{
    struct slice line = status_line(forward->status);

    /* "HTTP/1.1 200 " reason CRLF */
    if (line.len == forward->reason.len + 15 && forward->reason.len > 0 &&
        memcmp(line.data + 13, forward->reason.data, forward->reason.len) == 0) {
        writer_slice(w, line);
        return;
    }
    writer_literal(w, "HTTP/1.1 ");
    writer_number(w, forward->status);
    writer_char(w, ' ');
    writer_slice(w, forward->reason);
    writer_literal(w, "\r\n");
}

void forward_write_reply(struct writer *w, const struct forward_reply *forward)
{
    bool has_date;

    write_reply_line(w, forward);
    if (forward->status == 101)
        writer_literal(w, "Connection: Upgrade\r\nUpgrade: websocket\r\n");
    has_date = write_reply_fields(w, forward);
    if (!has_date && forward->date) {
        writer_literal(w, "Date: ");
        writer_append(w, forward->date, HTTP_DATE_SIZE);
        writer_literal(w, "\r\n");
    }
    if (forward->has_length)
        write_content_length(w, forward->length);
}

void forward_write_interim(struct writer *w, const struct forward_reply *forward)
{
    (void)write_reply_fields(w, forward);
}
