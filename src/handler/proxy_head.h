/* SPDX-License-Identifier: MIT */
/*
 * proxy_head.h - heads to an upstream and back, by the configuration of a location; and what a client
 * is told when there is no reply. For whatever asks upstreams: the proxy, and the cache before it.
 */
#ifndef TINYWEB_HANDLER_PROXY_HEAD_H
#define TINYWEB_HANDLER_PROXY_HEAD_H

#include "http/access_line.h"
#include "http/forward.h"
#include "http/http_context.h"
#include "upstream/fetch.h"

/* One request, as it is passed on; all is borrowed. */
struct proxy_ask {
    const struct request *req;
    const struct http_site *site; /* of a location with `proxy` */
    const struct address *peer;
    struct slice request_id;
    /* Of the content that is sent, which may be known better than when the request came. */
    enum body_framing framing;
    uint64_t content_length;
    bool expects_continue, wants_upgrade;
    bool is_plain_get; /* as in struct forward_request, and the next one */
    struct slice more;
};

/* What this server calls itself in Via; NULL: nothing. */
const char *proxy_name(const struct http_context *http, const struct forward_config *config);

/* For fetch_ops.write_head. */
void proxy_write_request(struct http_context *http, const struct proxy_ask *ask,
                         const struct upstream_server *server, struct writer *w);

/*
 * @resp becomes @reply but for its content, which follows as pieces, or from a tunnel; written into
 * @space, which @resp borrows. What does not fit is seen by @space->overflow.
 */
void proxy_write_reply(struct http_context *http, const struct reply *reply, struct writer *space,
                       struct response *resp);

/* "Link: …" and the like, of an interim reply. */
void proxy_write_interim(const struct http_site *site, const struct reply *reply, struct writer *w);

/* The page for 502, 503, 504. */
void proxy_answer_failure(struct http_context *http, const struct fetch_failure *failure,
                          struct response *resp);

/* For the access log; @ret_described borrows the server's name. */
void proxy_describe(const struct fetch_facts *facts, struct access_upstream *ret_described);

/* What is refused before any server is asked; true: @resp says so. */
bool proxy_refuses(struct http_context *http, const struct request *req, struct response *resp);

/* Room for proxy_write_reply(), for all locations. */
size_t proxy_reply_space(const struct config *config);

#endif
