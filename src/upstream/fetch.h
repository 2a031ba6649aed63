/* SPDX-License-Identifier: MIT */
/*
 * fetch.h - one request to an upstream, from the choice of a server to the last byte of its reply.
 *
 *   fetch_start() ─► pick ─► connect, or a kept connection ─► head ─► content ─► end()
 *                     ▲                                        │
 *                     └──── another server, where that is safe ┘
 *
 * Whoever wants the reply is a fetch_user: a client's pending answer, the cache, or a check. A fetch
 * needs no client: it runs until end(), or until fetch_cancel(). Its content is streamed: what the
 * user does not take stays unread, so that a slow one slows the server down and memory is bounded.
 */
#ifndef TINYWEB_UPSTREAM_FETCH_H
#define TINYWEB_UPSTREAM_FETCH_H

#include "base/address.h"
#include "base/writer.h"
#include "http/reply_parser.h"
#include "http/request.h"

struct fetch;
struct fetcher;
struct fetch_user;
struct upstream_group;
struct upstream_server;

/* Why there is no reply, or no whole one. */
struct fetch_failure {
    unsigned status;        /* 500, 502, 503, 504: what to answer, unless `had_head` */
    const char *reason;     /* for the log: "connect-refused", "head-timeout" … a literal */
    uint32_t retry_after_s; /* 0: not known */
    bool had_head;          /* head() was called: the reply has to be cut, visibly */
};

/*
 * None is called from within fetch_start(), fetch_send(), fetch_resume() or fetch_cancel(), but for
 * write_head, which fetch_start() may call. Each may call fetch_send, fetch_resume and fetch_cancel;
 * after the latter, and after end(), there is no further call, and the fetch is gone.
 */
struct fetch_ops {
    /* The whole head of the request, with its framing fields and its empty line; anew for each attempt.
     * 0 or -errno; what does not fit is seen by @head->overflow. */
    int (*write_head)(struct fetch_user *user, const struct upstream_server *server,
                      struct writer *head);
    /* 1xx but 100 and 101. NULL: they are dropped. */
    void (*interim)(struct fetch_user *user, const struct reply *reply);
    /* Of a request that expects_continue: the server wants the content, or has said nothing for a second
     * (RFC 9110 section 10.1.1). NULL: there is none. */
    void (*send_content)(struct fetch_user *user);
    /* The final head; its slices die when this returns. With reply->may_switch both sides are raw from
     * now on: fetch_send takes, and content() gives, the bytes of whatever it was switched to. */
    void (*head)(struct fetch_user *user, const struct reply *reply);
    /* Content without framing. Returns how much was taken; with less than all of it nothing more comes
     * until fetch_resume(). Borrowed. */
    size_t (*content)(struct fetch_user *user, struct slice bytes);
    /* fetch_send() takes more, after it took less than was offered. NULL: no content is sent. */
    void (*may_send)(struct fetch_user *user);
    /* The last call; fetch_facts() may be asked from within. @failure NULL: the reply is complete. */
    void (*end)(struct fetch_user *user, const struct fetch_failure *failure);
};

/* Embedded in what wants the reply. */
struct fetch_user {
    const struct fetch_ops *ops;
};

/* What is asked, as far as it matters here; the head itself is write_head's. */
struct fetch_request {
    struct upstream_group *group;
    enum http_method method;
    /* Of the request's content, as write_head announces it. */
    enum body_framing framing;
    uint64_t content_length;
    bool expects_continue; /* the content is held back until send_content() */
    bool wants_upgrade;    /* a 101 is expected */
    /* For hashes, cookies and PROXY headers; borrowed until fetch_start() returns. NULL: none. */
    const struct request *req;
    const struct address *client;
    /* Where the client has connected to; for those servers that are told so. The same. */
    const struct address *local;
};

/*
 * Begin. 0, and end() will be called once unless fetch_cancel() is; -ENOMEM. All that goes wrong later
 * comes by end(), also when no server can be picked. @user lives until end() or fetch_cancel().
 */
MUST_CHECK int fetch_start(struct fetcher *fetcher, const struct fetch_request *request,
                           struct fetch_user *user, struct fetch **ret_fetch);

/*
 * The next bytes of the request's content, without framing; @is_last with the last of them, or without
 * any. Returns how much was taken, and copied; when that is less, may_send() says when to go on, and
 * @is_last was not seen. After head() more may be sent, to a server that reads on while it answers; one
 * that has answered whole takes it and drops it.
 */
size_t fetch_send(struct fetch *fetch, struct slice bytes, bool is_last);

/* content() comes again, soon. */
void fetch_resume(struct fetch *fetch);

/* Nobody wants the reply any more: no further call. */
void fetch_cancel(struct fetch *fetch);

/* Who ended it, in the words of logs: `-` nobody yet, or all went well. */
enum fetch_ender {
    FETCH_ENDED_WELL = '-',
    FETCH_ENDED_BY_CLIENT = 'C',
    FETCH_ENDED_BY_SERVER = 'S',
    FETCH_ENDED_BY_PROXY = 'P', /* we: a limit, memory, no server to ask */
    FETCH_ENDED_BY_TIME = 'T',
};

/* For logs and counters; of the last attempt where that is not said otherwise. */
struct fetch_facts {
    const struct upstream_server *server; /* NULL: none was picked */
    unsigned attempts;                    /* begun */
    bool is_reused;                       /* a kept connection */
    enum fetch_ender ended_by;
    uint32_t connect_us;    /* 0 when it is reused */
    uint32_t first_byte_us; /* from fetch_start to the first byte of the final head; 0: none came */
    uint32_t total_us;      /* since fetch_start */
    uint64_t sent_bytes;    /* of the request's content */
    uint64_t content_bytes; /* of the reply's content that were taken */
};

void fetch_facts(const struct fetch *fetch, struct fetch_facts *ret_facts);

#endif
