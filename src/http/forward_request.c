/* SPDX-License-Identifier: MIT */
/*
 * forward_request.c - the head of a request written anew, field by field.
 *
 * What this server says itself (Host, Via, X-Forwarded-…) comes first; then what passes, in order, as
 * it came; then what tells where the message ends.
 */
#include "http/common_lines.h"
#include "http/cookie.h"
#include "http/forward.h"
#include "http/forward_fields.h"
#include "http/forward_lines.h"

#include <assert.h>

static bool is_trusted(const struct forward_request *forward)
{
    return network_list_contains(forward->trusted, forward->peer);
}

/* The values of all lines of @id in one, with ", " behind each. */
static void write_list(struct writer *w, const struct header_table *headers, enum header_id id)
{
    unsigned position = 0;
    struct slice value;

    while (header_table_next(headers, id, &position, &value)) {
        if (value.len > 0) {
            writer_slice(w, value);
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
        write_list(w, &forward->req->headers, HEADER_X_FORWARDED_FOR);
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
    write_list(w, headers, HEADER_FORWARDED);
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
    write_list(w, &forward->req->headers, HEADER_VIA);
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
