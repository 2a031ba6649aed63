/* SPDX-License-Identifier: MIT */
/* proxy_head.c - settings and requests, brought to http/forward.h. */
#include "handler/proxy_head.h"

#include "file/path.h"
#include "http/error_response.h"
#include "upstream/group.h"

#define ALLOWED "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n"

/* The target without what strip_prefix takes from it. As it came where that can be told from its
 * bytes; else it is written anew from its name, into @space. */
static struct slice stripped_target(struct http_context *http, const struct request *req,
                                    struct writer *space)
{
    struct slice name;

    writer_char(space, '/');
    if (req->path_is_plain) {
        writer_slice(space, slice_from(req->path, req->stripped + 1));
    } else if (path_decode(req->path, http->path_space, &name) == 0) {
        writer_url_escaped(space, slice_from(name, req->stripped));
    }
    writer_slice(space, req->query);
    return writer_content(space);
}

/* In origin-form (RFC 9112 section 3.2.1). */
static struct slice target_of(struct http_context *http, const struct request *req,
                              struct writer *space)
{
    if (req->stripped > 0)
        return stripped_target(http, req, space);
    if (req->path.len == 0)
        return SLICE_LITERAL("*");
    if (req->target.len > 0 && req->target.data[0] == '/')
        return req->target;
    writer_slice(space, req->path);
    writer_slice(space, req->query);
    return writer_content(space);
}

const char *proxy_name(const struct http_context *http, const struct forward_config *config)
{
    return config->via && strcmp(config->via, "auto") == 0 ? http->via : config->via;
}

/* Connections are, of that upstream. */
static bool is_for_one_request(const struct upstream_config *config)
{
    return config->keepalive == 0 || config->prologue != UPSTREAM_PROLOGUE_NONE;
}

void proxy_write_request(struct http_context *http, const struct proxy_ask *ask,
                         const struct upstream_server *server, struct writer *w)
{
    struct writer space = writer_on(http->header_space, http->header_space_size);

    forward_write_request(w, &(struct forward_request){
                                 .req = ask->req,
                                 .config = &ask->site->location->forward,
                                 .trusted = &http->config->server.trusted_proxy,
                                 .peer = ask->peer,
                                 .via = proxy_name(http, &ask->site->location->forward),
                                 .target = target_of(http, ask->req, &space),
                                 .server_host = server_host(server),
                                 .request_id = ask->request_id,
                                 .framing = ask->framing,
                                 .content_length = ask->content_length,
                                 .own_cookie = server->group->config->sticky_cookie,
                                 .expects_continue = ask->expects_continue,
                                 .wants_upgrade = ask->wants_upgrade,
                                 .closes = is_for_one_request(server->group->config),
                                 .is_plain_get = ask->is_plain_get,
                                 .more = ask->more,
                             });
}

/* What the response to HEAD, or a 304, says of the content that it is without. */
static bool tells_length(const struct reply *reply)
{
    return reply->framing == REPLY_LENGTH ||
           (reply->framing == REPLY_NONE && reply->status >= 200 && reply->status != 204 &&
            header_table_has(&reply->headers, HEADER_CONTENT_LENGTH));
}

static void set_content(struct response *resp, const struct reply *reply)
{
    if (reply->may_switch) {
        resp->kind = CONTENT_TUNNEL;
    } else if (reply->framing == REPLY_NONE ||
               (reply->framing == REPLY_LENGTH && reply->content_length == 0)) {
        resp->kind = CONTENT_NONE;
    } else {
        resp->kind = CONTENT_PIECES;
        resp->length = reply->framing == REPLY_LENGTH ? reply->content_length : LENGTH_UNKNOWN;
    }
}

void proxy_write_reply(struct http_context *http, const struct reply *reply, struct writer *space,
                       struct response *resp)
{
    resp->status = reply->status;
    resp->reason = "relayed";
    set_content(resp, reply);
    forward_write_reply(space, &(struct forward_reply){
                                   .status = reply->status,
                                   .reason = reply->reason,
                                   .headers = &reply->headers,
                                   .config = &resp->site->location->forward,
                                   .site = resp->site->config,
                                   .has_request_id = http->config->server.request_id,
                                   .has_length = tells_length(reply),
                                   .length = reply->content_length,
                                   .date = http_context_date(http),
                               });
    resp->is_relayed = true;
    resp->relayed = writer_content(space);
}

void proxy_write_interim(const struct http_site *site, const struct reply *reply, struct writer *w)
{
    forward_write_interim(w, &(struct forward_reply){
                                 .headers = &reply->headers,
                                 .config = &site->location->forward,
                                 .site = site->config,
                             });
}

void proxy_answer_failure(struct http_context *http, const struct fetch_failure *failure,
                          struct response *resp)
{
    if (failure->retry_after_s > 0)
        writer_format(&resp->headers, "Retry-After: %u\r\n", failure->retry_after_s);
    error_response(http, resp, failure->status, failure->reason);
}

void proxy_describe(const struct fetch_facts *facts, struct access_upstream *ret_described)
{
    *ret_described = (struct access_upstream){
        .server = facts->server ? facts->server->name : NULL,
        .attempts = facts->attempts,
        .is_reused = facts->is_reused,
        .ended_by = facts->ended_by ? (char)facts->ended_by : (char)FETCH_ENDED_WELL,
        .connect_us = facts->connect_us,
        .first_byte_us = facts->first_byte_us,
        .total_us = facts->total_us,
    };
}

bool proxy_refuses(struct http_context *http, const struct request *req, struct response *resp)
{
    const struct forward_config *config = &resp->site->location->forward;

    if (req->method == METHOD_TRACE || req->method == METHOD_CONNECT) {
        writer_literal(&resp->headers, ALLOWED);
        error_response(http, resp, 405, "method");
        return true;
    }
    if (forward_is_loop(req, proxy_name(http, config))) {
        error_response(http, resp, 508, "loop");
        return true;
    }
    if (req->method == METHOD_OPTIONS && forward_max_forwards(req) == 0) {
        writer_literal(&resp->headers, ALLOWED); /* RFC 9110 section 7.6.2: we are the last */
        resp->status = 204;
        resp->reason = "options";
        return true;
    }
    if (config->body_max > 0 && req->content_length > config->body_max) {
        error_response(http, resp, 413, "body-too-large");
        return true;
    }
    return false;
}

size_t proxy_reply_space(const struct config *config)
{
    size_t head_max = 0;

    for (size_t i = 0; i < config->location_count; i++)
        head_max = MAX(head_max, (size_t)config->locations[i].forward.head_max);
    /* A blank that was not there, in each line; Date, Content-Length; a cookie, whose name is on a line. */
    return head_max * 2 + 3072;
}
