/* SPDX-License-Identifier: MIT */
/*
 * exchange.h - one request and its answer, while they are under way.
 *
 * A connection has one from the first byte of a request to the last of its answer; an idle
 * connection has none. They come from and return to the worker's http_context.
 */
#ifndef TINYWEB_HTTP_EXCHANGE_H
#define TINYWEB_HTTP_EXCHANGE_H

#include "http/http_context.h"
#include "http/range.h"
#include "http/request_id.h"

/* Content of a request whose handler takes it. */
enum body_flow {
    BODY_OVER, /* there is none any more that it would get */
    BODY_OPEN, /* it gets what comes */
    BODY_HELD, /* it has had enough for now: nothing is read */
};

struct exchange {
    struct exchange *next; /* of the spare ones */
    struct http_parser *parser;
    struct request req;
    size_t head_len;
    size_t used;                  /* of the input: head and body, once it is complete */
    const struct address *client; /* who asks: the connection's peer, or `client_space` */
    int64_t started_us;           /* the first byte came: of the loop's clock */
    int64_t body_started_ms;
    uint64_t body_bytes; /* that came since, content and framing */
    /* The answer. */
    unsigned status;
    const char *reason;
    const char *user;        /* as in struct response */
    uint64_t content;        /* bytes of it */
    uint64_t content_end;    /* where it ends among all that the connection ever sends */
    bool has_deadline;       /* the head's deadline runs */
    bool is_sending_content; /* logged, and its input consumed, when the content has left */
    uint8_t request_id_len;  /* 0: there is none, yet */
    uint8_t coding;          /* enum content_coding: what the file is kept in */
    uint8_t part_count;      /* of a 206 alone: so many ranges … */
    struct byte_range part;  /* … and the first of them; no length: unknown */
    /* Of an answer that comes later. */
    const struct http_site *site;
    uint64_t starts_at;          /* its head, among all that the connection ever sends */
    bool may_fail;               /* and is taken back then, as long as it is there still */
    bool must_close, keep_alive; /* as in struct response, struct response_env */
    struct pending *pending;     /* NULL: there is none */
    uint64_t content_left;       /* not yet asked of `pending`; LENGTH_UNKNOWN: it will tell */
    bool is_chunked;             /* what it gives is framed so */
    bool is_tunnel;              /* … or not at all, and neither is what comes */
    bool was_reset;              /* by the client: it takes nothing any more */
    bool is_last;                /* the end of the request's content has been seen */
    enum body_flow flow;
    size_t body_at; /* of the input: what `pending` has not got yet starts here … */
    size_t untaken; /* … and so many bytes of it are known to be content */
    /* Of identified requests. */
    struct address client_space;
    char request_id[REQUEST_ID_SIZE_MAX];
};

struct exchange *exchange_take(struct http_context *http);                /* NULL: out of memory */
void exchange_give(struct http_context *http, struct exchange *exchange); /* NULL is fine */

/* The head is complete: take the client and the id that a trusted proxy tells. */
void exchange_identify(struct http_context *http, struct exchange *exchange);
/* Add the answer's X-Request-ID, when there is to be one, to @headers; it is made if need be. */
void exchange_write_id(struct http_context *http, struct exchange *exchange,
                       struct writer *headers);

/* The answer has left, or never will: write the line of the access log, which there is. @unsent:
 * bytes of content that never left. */
void exchange_log(struct http_context *http, const struct exchange *exchange, uint64_t unsent,
                  const char *reason);

#endif
