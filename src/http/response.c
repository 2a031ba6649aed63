/* SPDX-License-Identifier: MIT */
/* response.c - heads are written on the stack and copied once; bodies are not copied at all. */
#include "http/response.h"

#include "http/common_lines.h"
#include "http/cors.h"
#include "http/http_date.h"
#include "http/site_lines.h"
#include "http/status.h"

#include <errno.h>

/* The longest line of ours, a representation's lines and a handler's short ones. Longer heads
 * (a redirect to a long target) are written in pieces. */
#define HEAD_SIZE (1024 + SITE_LINES_SIZE)
/* "\r\n--" boundary, Content-Type, Content-Range, of one part. */
#define PART_SIZE 512

struct parts {
    char boundary[24];
    size_t boundary_len;
    char text[RANGE_COUNT_MAX + 1][PART_SIZE]; /* the heads of the parts, then the last boundary */
    size_t len[RANGE_COUNT_MAX + 1];
    uint64_t total; /* with the content */
};

static int queue_piece(const struct response *resp, struct connection *conn, uint64_t offset,
                       uint64_t len)
{
    struct open_file *file = resp->file;
    int err;

    if (file->body)
        return conn_write_shared(conn, slice_of(file->body + offset, (size_t)len), &file->counted);
    err = conn_send_file(conn, file->fd, (off_t)offset, len, &file->counted);
    if (!err && file->may_wait)
        conn_file_may_wait(conn);
    return err;
}

static void write_parts(struct parts *parts, const struct response *resp, uint64_t boundary)
{
    struct writer name = writer_on(parts->boundary, sizeof(parts->boundary));

    writer_literal(&name, "TinyWeb");
    writer_hex(&name, boundary);
    parts->boundary_len = name.len;
    parts->total = 0;
    for (unsigned i = 0; i <= resp->range_count; i++) {
        struct writer w = writer_on(parts->text[i], PART_SIZE);

        writer_literal(&w, "\r\n--");
        writer_slice(&w, writer_content(&name));
        if (i == resp->range_count) {
            writer_literal(&w, "--\r\n");
        } else {
            writer_literal(&w, "\r\n");
            writer_slice(&w, resp->rep->type_line);
            write_content_range(&w, &resp->ranges[i], resp->file->size);
            writer_literal(&w, "\r\n");
            parts->total += resp->ranges[i].length;
        }
        parts->len[i] = w.len;
        parts->total += w.len;
    }
}

/* Keep-alive is what HTTP/1.1 means when nothing is said (RFC 9112 section 9.3). */
static inline struct slice line_of_persistence(const struct request *req, bool keep_alive)
{
    static const char close[] = "Connection: close\r\n";
    static const char kept[] = "Connection: keep-alive\r\n";

    if (!keep_alive)
        return slice_of(close, sizeof(close) - 1);
    return req->is_http10 ? slice_of(kept, sizeof(kept) - 1) : slice_of(NULL, 0);
}

static struct slice connection_line(const struct response_env *env)
{
    return line_of_persistence(env->req, env->keep_alive);
}

static void write_common_lines(struct writer *w, const struct response *resp,
                               const struct response_env *env)
{
    write_status_line(w, resp->status);
    writer_literal(w, "Server: TinyWeb\r\nDate: ");
    writer_append(w, env->date, HTTP_DATE_SIZE);
    writer_literal(w, "\r\n");
    writer_slice(w, connection_line(env));
}

static void write_range_lines(struct writer *w, const struct response *resp,
                              const struct parts *parts)
{
    const struct representation *rep = resp->rep;

    if (!parts) { /* a single one */
        write_content_length(w, resp->ranges[0].length);
        write_content_range(w, &resp->ranges[0], resp->file->size);
        writer_slice(w, rep->type_line);
    } else {
        write_content_length(w, parts->total);
        writer_literal(w, "Content-Type: multipart/byteranges; boundary=");
        writer_append(w, parts->boundary, parts->boundary_len);
        writer_literal(w, "\r\n");
    }
    writer_slice(w, rep->validator_lines);
    writer_slice(w, rep->other_lines);
}

static void write_type(struct writer *w, struct slice type)
{
    writer_literal(w, "Content-Type: ");
    writer_slice(w, type);
    writer_literal(w, "\r\n");
}

/* An error page that is a file: its type and length, but not its validators. */
static void write_file_lines(struct writer *w, const struct response *resp)
{
    const struct representation *rep = resp->rep;

    writer_slice(w, rep->length_line);
    writer_slice(w, rep->type_line);
    if (resp->status == 200) {
        writer_slice(w, rep->validator_lines);
        writer_slice(w, rep->other_lines);
    }
}

static void write_content_lines(struct writer *w, const struct response *resp,
                                const struct parts *parts)
{
    switch (resp->kind) {
    case CONTENT_NONE:
        if (resp->status == 304 && resp->rep)
            writer_slice(w, resp->rep->validator_lines);
        else if (status_has_content(resp->status))
            write_content_length(w, 0);
        break;
    case CONTENT_TEXT:
        write_content_length(w, resp->text.len);
        write_type(w, resp->text_type);
        break;
    case CONTENT_PIECES:
        if (resp->length != LENGTH_UNKNOWN)
            write_content_length(w, resp->length);
        write_type(w, resp->text_type);
        break;
    case CONTENT_TUNNEL: break;
    case CONTENT_FILE: write_file_lines(w, resp); break;
    case CONTENT_RANGES: write_range_lines(w, resp, parts); break;
    }
}

/* The lines of a representation have those of the site among them. */
static bool has_site_lines(const struct response *resp)
{
    return resp->rep && (resp->status == 200 || resp->status == 206 || resp->status == 304);
}

/* A time to come is replaced by that of the answer (RFC 9110 section 8.8.2.1). */
static void write_replaced_time(struct writer *w, const struct response *resp,
                                const struct response_env *env)
{
    char date[HTTP_DATE_SIZE];

    http_date_format(date, MIN(resp->file->mtime.tv_sec, env->now));
    writer_literal(w, "Last-Modified: ");
    writer_append(w, date, sizeof(date));
    writer_literal(w, "\r\n");
}

/* True when a handler has said so, with or without other fields. */
static bool varies_by_origin(const struct writer *headers)
{
    struct slice rest = writer_content(headers);
    struct slice line;

    while (slice_next(&rest, '\n', &line)) {
        if (slice_starts_with(line, SLICE_LITERAL("Vary: ")) &&
            slice_ends_with(line, SLICE_LITERAL("Origin\r")))
            return true;
    }
    return false;
}

/* Where they depend on the request, that is said of every answer; a representation says it. */
static void write_cors_lines(struct writer *w, const struct response *resp,
                             const struct request *req)
{
    const struct site_config *site = resp->site->config;
    if (!cors_depends_on_request(site))
        return;
    cors_write_lines_for(w, site, req);
    if (!has_site_lines(resp) && !varies_by_origin(&resp->headers))
        writer_literal(w, "Vary: Origin\r\n");
}

/* True when one of @lines, a handler's or another server's, starts so. */
static bool has_line(struct slice lines, struct slice start)
{
    struct slice line;

    while (slice_next(&lines, '\n', &line)) {
        if (line.len >= start.len && slice_equal_nocase(slice_of(line.data, start.len), start))
            return true;
    }
    return false;
}

static void write_site_lines(struct writer *w, const struct response *resp)
{
    const struct site_config *site = resp->site->config;

    if (UNLIKELY(site->auth_file) &&
        !has_line(writer_content(&resp->headers), SLICE_LITERAL("Cache-Control:")))
        site_lines_write_privacy(w, site);
    site_lines_write(w, site);
}

static int queue_head(const struct response *resp, const struct response_env *env,
                      const struct parts *parts, struct connection *conn)
{
    char head[HEAD_SIZE];
    struct writer w = writer_on(head, sizeof(head));
    int err;

    write_common_lines(&w, resp, env);
    if (!has_site_lines(resp))
        write_site_lines(&w, resp);
    else if (resp->rep->is_of_the_future)
        write_replaced_time(&w, resp, env);
    write_cors_lines(&w, resp, env->req);
    if (resp->headers.len > 0) {
        /* Of any length, so it goes its own way; neighbours share a chunk. */
        err = conn_write(conn, writer_content(&w));
        if (!err)
            err = conn_write(conn, writer_content(&resp->headers));
        if (err)
            return err;
        w.len = 0;
    }
    write_content_lines(&w, resp, parts);
    if (response_is_chunked(resp, env->req))
        writer_literal(&w, "Transfer-Encoding: chunked\r\n");
    writer_literal(&w, "\r\n");
    if (w.overflow)
        return -ENOMEM;
    return conn_write(conn, writer_content(&w));
}

/* Content that is likely to come with its head, so that both leave in one piece. */
#define SMALL_CONTENT (8U * 1024)

static uint32_t content_ahead(const struct response *resp)
{
    bool is_small = resp->kind == CONTENT_PIECES && resp->length <= SMALL_CONTENT;

    return is_small ? (uint32_t)resp->length : 0;
}

/* What another server has said, and what is between us and the client. */
static int queue_relayed(const struct response *resp, const struct response_env *env,
                         struct connection *conn)
{
    char head[HEAD_SIZE];
    struct writer w = writer_on(head, sizeof(head));
    int err;

    if (resp->kind != CONTENT_TUNNEL)
        writer_slice(&w, connection_line(env));
    if (response_is_chunked(resp, env->req))
        writer_literal(&w, "Transfer-Encoding: chunked\r\n");
    if (resp->site->config->auth_file && !has_line(resp->relayed, SLICE_LITERAL("Cache-Control:")))
        site_lines_write_privacy(&w, resp->site->config);
    site_lines_write(&w, resp->site->config);
    write_cors_lines(&w, resp, env->req);
    writer_literal(&w, "\r\n");
    if (w.overflow)
        return -ENOMEM;
    err = conn_write_ahead(conn, resp->relayed,
                           (uint32_t)(resp->headers.len + w.len) + content_ahead(resp));
    if (!err)
        err = conn_write(conn, writer_content(&resp->headers));
    return err ? err : conn_write(conn, writer_content(&w));
}

static int queue_parts(const struct response *resp, const struct parts *parts,
                       struct connection *conn)
{
    int err = 0;

    for (unsigned i = 0; i <= resp->range_count && !err; i++) {
        err = conn_write(conn, slice_of(parts->text[i], parts->len[i]));
        if (!err && i < resp->range_count)
            err = queue_piece(resp, conn, resp->ranges[i].first, resp->ranges[i].length);
    }
    return err;
}

/* Of anything but a multipart, whose parts know it. */
static uint64_t content_length(const struct response *resp)
{
    switch (resp->kind) {
    case CONTENT_NONE:
    case CONTENT_PIECES: /* counted as it comes */
    case CONTENT_TUNNEL: break;
    case CONTENT_TEXT: return resp->text.len;
    case CONTENT_FILE: return resp->file->size;
    case CONTENT_RANGES: return resp->ranges[0].length;
    }
    return 0;
}

static int queue_content(const struct response *resp, struct connection *conn)
{
    switch (resp->kind) {
    case CONTENT_NONE:
    case CONTENT_PIECES:
    case CONTENT_TUNNEL: break;
    case CONTENT_TEXT: return conn_write(conn, resp->text);
    case CONTENT_FILE: return queue_piece(resp, conn, 0, resp->file->size);
    case CONTENT_RANGES:
        return queue_piece(resp, conn, resp->ranges[0].first, resp->ranges[0].length);
    }
    return 0;
}

/* Several parts need their heads written before the length is known. */
static int send_multipart(struct response *resp, const struct response_env *env,
                          struct connection *conn, uint64_t *ret_content)
{
    struct parts parts;
    int err;

    write_parts(&parts, resp, env->boundary);
    *ret_content = parts.total;
    err = queue_head(resp, env, &parts, conn);
    return err ? err : queue_parts(resp, &parts, conn);
}

/* False: there are lines to be written between the head and the content, or no such piece. */
static inline bool can_send_whole(const struct response *resp, const struct response_env *env)
{
    return resp->kind == CONTENT_RANGES && resp->whole.len > 0 && env->keep_alive &&
           !env->req->is_http10 && site_lines_are_none(resp->site->config);
}

static int send_relayed(const struct response *resp, const struct response_env *env, bool is_head,
                        struct connection *conn)
{
    struct slice whole;
    int err;

    if (!can_send_whole(resp, env)) {
        err = queue_relayed(resp, env, conn);
        return err || is_head ? err : queue_content(resp, conn);
    }
    whole = resp->whole;
    if (is_head)
        whole.len -= (size_t)resp->ranges[0].length;
    return conn_write_shared(conn, whole, &resp->file->counted);
}

struct slice response_in_memory(const struct response *resp, const struct request *req,
                                bool keep_alive, time_t now, const char *date)
{
    struct slice whole;

    if (resp->kind != CONTENT_FILE || resp->status != 200 || resp->headers.len > 0)
        return slice_of(NULL, 0);
    whole = representation_whole(resp->file, line_of_persistence(req, keep_alive), now, date);
    if (UNLIKELY(req->method == METHOD_HEAD) && whole.len > 0)
        whole.len -= (size_t)resp->file->size;
    return whole;
}

int response_send(struct response *resp, const struct response_env *env, struct connection *conn,
                  uint64_t *ret_content)
{
    bool is_head = env->req->method == METHOD_HEAD;
    int err;

    if (resp->kind == CONTENT_RANGES && resp->range_count > 1)
        return send_multipart(resp, env, conn, ret_content);
    *ret_content = is_head ? 0 : content_length(resp);
    if (UNLIKELY(resp->is_relayed))
        return send_relayed(resp, env, is_head, conn);
    err = queue_head(resp, env, NULL, conn);
    return err || is_head ? err : queue_content(resp, conn);
}
