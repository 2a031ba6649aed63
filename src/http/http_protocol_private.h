/* SPDX-License-Identifier: MIT */
/* http_protocol_private.h - the state machine, for the http_*.c that make it up. */
#ifndef TINYWEB_HTTP_HTTP_PROTOCOL_PRIVATE_H
#define TINYWEB_HTTP_HTTP_PROTOCOL_PRIVATE_H

#include "http/exchange.h"
#include "http/response.h"

enum http_state {
    HTTP_IDLE,         /* no byte of a request is there */
    HTTP_READING_HEAD, /* some are */
    HTTP_READING_BODY, /* the head is complete and waits for the end of the body */
    HTTP_WAITING,      /* a handler works on the answer */
    HTTP_PRODUCING,    /* the answer's head is queued, its content follows piece by piece */
    HTTP_SENDING,      /* the answer is queued and has to leave first */
    HTTP_ENDED,        /* the last answer is queued: nothing is parsed any more */
};

struct http_protocol {
    struct protocol protocol;
    struct connection *conn; /* owns us */
    struct http_context *http;
    struct exchange *exchange; /* NULL while idle */
    uint32_t requests;         /* answered */
    enum http_state state;
};

/* http_protocol.c */
/* Set the name of the request, which is good until the next one is decoded. False: it has none. */
bool http_decode_odd_path(struct http_context *http, struct request *req);

static inline bool http_decode_path(struct http_context *http, struct request *req)
{
    if (UNLIKELY(!req->path_is_plain))
        return http_decode_odd_path(http, req);
    req->name = slice_of(req->path.data + 1, req->path.len - 1);
    return true;
}
static inline void http_begin_response(struct http_protocol *hp, struct response *resp)
{
    struct http_context *http = hp->http;

    response_init(resp, &http->site, http->header_space, http->header_space_size);
    if (UNLIKELY(http->identifies_requests))
        exchange_write_id(http, hp->exchange, &resp->headers);
}
void http_send_response(struct http_protocol *hp, struct response *resp);
/* Nothing of a response that goes on has left: another one comes in its place. */
void http_take_back(struct http_protocol *hp);
/* What came is no request, or one that ends the connection. */
void http_refuse(struct http_protocol *hp, unsigned status, const char *reason);
void http_refuse_by_limit(struct http_protocol *hp, enum limit limit);
/* What is behind the head passes through there, so the head may have to move. */
void http_make_room_for_body(struct http_protocol *hp);
/* Log the answer that has left and go on behind it: to the next request, or to the end. */
void http_finish_content(struct http_protocol *hp);
/* Read on, after a state in which nothing was read. */
void http_go_on(struct http_protocol *hp);

/* http_limits.c */
struct http_refusal {
    unsigned status;
    const char *reason; /* for the access log */
};
/* What ends the connection of a client that ran into @limit; NULL: no answer does. */
const struct http_refusal *http_limit_refusal(enum limit limit);
void http_note_limit(struct http_protocol *hp, enum limit limit);
/* The limits among the reasons to close. */
void http_note_close(struct http_protocol *hp, enum close_reason why);
/* The request is within request_rate; if not, it has been answered. */
bool http_may_ask(struct http_protocol *hp);
void http_begin_body_deadline(struct http_protocol *hp);
void http_extend_body_deadline(struct http_protocol *hp, size_t received);
/* Which limit it was when that deadline has come. */
enum limit http_late_body_limit(const struct http_protocol *hp);

/* http_pending.c */
/* After http_begin_flow(). */
void http_wait(struct http_protocol *hp, const struct response *resp);
void http_end_pending(struct exchange *exchange);
/* The head of a response of CONTENT_PIECES is queued. */
void http_begin_pieces(struct http_protocol *hp, const struct response *resp);
void http_produce(struct http_protocol *hp);

/* http_body.c */
/* @is_offered: the handler may take the content, of which nothing is read so far. */
void http_begin_flow(struct exchange *exchange, bool is_offered);
/* To the one that is pending now, which may want nothing of it. */
void http_direct_body(struct http_protocol *hp);
/* Of what has come, as much as it takes. */
void http_offer_body(struct http_protocol *hp);
/* An answer comes, which may be before the end of the content. */
void http_leave_body(struct http_protocol *hp, struct response *resp);
/* True: the rest of the content was there already, and has been read over. */
bool http_skip_body(struct http_protocol *hp);
void http_body_is_late(struct http_protocol *hp);
/* The client is gone, though bytes of it may be there. */
void http_body_is_reset(struct http_protocol *hp);
/* The client will send no more. */
void http_body_has_ended(struct http_protocol *hp);
void http_begin_tunnel(struct http_protocol *hp);
/* All of our side has been given; the end of it is said when it has left. */
void http_end_tunnel_output(struct http_protocol *hp);
/* Finish, if both sides have ended. */
void http_end_tunnel(struct http_protocol *hp);

#endif
