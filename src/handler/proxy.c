/* SPDX-License-Identifier: MIT */
/*
 * proxy.c - one relay for each request: a pending answer on one side, a fetch on the other.
 *
 * Either may end first. A client that leaves cancels the fetch; one that has got all of a reply leaves
 * it to end by itself, so that its connection can be kept. Calls go on while both ends are known: a
 * relay that ends within one is freed when it returns.
 */
#include "handler/proxy.h"

#include "base/log.h"
#include "handler/cache.h"
#include "handler/proxy_head.h"
#include "http/error_response.h"
#include "upstream/sticky.h"
#include "upstream/upstreams.h"

#include <stdio.h>
#include <stdlib.h>

/* Between two sentences about failures. */
#define WARNING_PAUSE_MS 1000

struct proxy {
    struct handler handler;
    struct http_context *http;
    struct access_upstream described; /* for the line that is being logged */
    int64_t next_warning_ms;          /* when failures are told again … */
    uint64_t unsaid;                  /* … and how many were not */
    size_t space_size;
    char space[]; /* of the reply's head that is being passed on */
};

struct relay {
    struct pending pending;
    struct fetch_user user;
    struct proxy *proxy;
    const struct request *req;
    const struct http_site *site;
    struct fetch *fetch;       /* NULL: not begun, or over */
    const struct reply *reply; /* that is being answered with: only within on_head() */
    struct slice offered;      /* of the reply's content, not taken yet: only within on_content() */
    uint64_t content_left;     /* of a reply whose length is known; else LENGTH_UNKNOWN */
    struct fetch_failure failure;
    struct fetch_facts facts; /* of a fetch that is over */
    struct task soon;         /* what cannot be told from within a call */
    unsigned calls;           /* from the fetch, under way */
    bool is_wanted;           /* by the client: end() has not come */
    bool is_answered;         /* its head has been */
    bool has_failed;          /* `failure` says why */
    bool has_ended;           /* the server has no more to say */
    bool content_waits;       /* … and is waited for by the fetch, until it is resumed */
    bool request_waits;       /* content of the request, for fetch_send() to take more */
    bool wants_upgrade;
    struct request_buffer {
        char *bytes; /* NULL: none */
        size_t len, sent, size;
        bool is_last; /* nothing follows it */
    } buffer;
};

static struct relay *relay_of(const struct pending *pending)
{
    return container_of((struct pending *)(uintptr_t)pending, struct relay, pending);
}

static struct relay *relay_of_user(struct fetch_user *user)
{
    return container_of(user, struct relay, user);
}

/* Neither side knows it any more. */
static void free_if_over(struct relay *relay)
{
    if (relay->is_wanted || relay->fetch || relay->calls > 0)
        return;
    loop_unpost(&relay->soon);
    free(relay->buffer.bytes);
    mempool_free(relay->proxy->http->mempool, relay, sizeof(*relay));
}

static void enter(struct relay *relay)
{
    relay->calls++;
}

static void leave(struct relay *relay)
{
    relay->calls--;
    free_if_over(relay);
}

/* The client's side has something to do. */
static void resume(struct relay *relay)
{
    if (relay->is_wanted)
        pending_resume(&relay->pending);
}

/* … and may go on sending. */
static void resume_body(struct relay *relay)
{
    if (!relay->is_wanted || !relay->request_waits)
        return;
    relay->request_waits = false;
    pending_resume_body(&relay->pending);
}

/* How the content of the request goes to the server: as it came, or in one piece of known length. */
struct sent_content {
    enum body_framing framing;
    uint64_t length;
    bool expects_continue;
};

static struct sent_content content_to_send(const struct relay *relay)
{
    const struct request *req = relay->req;
    const struct request_buffer *buffer = &relay->buffer;
    struct sent_content sent = {.framing = req->framing,
                                .length = req->content_length,
                                .expects_continue = req->expects_continue && !buffer->bytes};

    if (buffer->bytes && buffer->is_last) {
        sent.framing = BODY_LENGTH;
        sent.length = buffer->len;
    }
    return sent;
}

/* --- what the fetch tells */

static int on_write_head(struct fetch_user *user, const struct upstream_server *server,
                         struct writer *head)
{
    const struct relay *relay = relay_of_user(user);
    const struct sent_content sent = content_to_send(relay);

    proxy_write_request(relay->proxy->http,
                        &(struct proxy_ask){
                            .req = relay->req,
                            .site = relay->site,
                            .peer = pending_peer(&relay->pending),
                            .request_id = pending_request_id(&relay->pending),
                            .framing = sent.framing,
                            .content_length = sent.length,
                            .expects_continue = sent.expects_continue,
                            .wants_upgrade = relay->wants_upgrade,
                        },
                        server, head);
    return 0;
}

static void on_interim(struct fetch_user *user, const struct reply *reply)
{
    struct relay *relay = relay_of_user(user);
    struct writer w = writer_on(relay->proxy->space, relay->proxy->space_size);

    if (!relay->is_wanted)
        return;
    proxy_write_interim(relay->site, reply, &w);
    if (!w.overflow)
        pending_send_interim(&relay->pending, reply->status, writer_content(&w));
}

static void on_send_content(struct fetch_user *user)
{
    struct relay *relay = relay_of_user(user);

    if (relay->is_wanted)
        pending_send_continue(&relay->pending);
}

static void on_head(struct fetch_user *user, const struct reply *reply)
{
    struct relay *relay = relay_of_user(user);

    enter(relay);
    relay->reply = reply;
    relay->content_left = reply->framing == REPLY_LENGTH ? reply->content_length : LENGTH_UNKNOWN;
    if (reply->framing == REPLY_NONE && !reply->may_switch)
        relay->content_left = 0;
    resume(relay);
    relay->reply = NULL;
    leave(relay);
}

static size_t on_content(struct fetch_user *user, struct slice bytes)
{
    struct relay *relay = relay_of_user(user);
    size_t rest = 0;

    enter(relay);
    relay->offered = bytes;
    relay->content_waits = false;
    if (bytes.len == 0)
        relay->has_ended = true; /* of a tunnel, this side */
    resume(relay);
    if (relay->is_wanted) {
        rest = relay->offered.len;
        relay->content_waits = rest > 0;
    }
    relay->offered = slice_of(NULL, 0);
    leave(relay);
    return bytes.len - rest;
}

static bool send_buffer(struct relay *relay);

static void on_may_send(struct fetch_user *user)
{
    struct relay *relay = relay_of_user(user);

    enter(relay);
    if (send_buffer(relay))
        resume_body(relay);
    leave(relay);
}

/* In the error log, a failure a second at most. */
static void warn(struct relay *relay)
{
    struct proxy *proxy = relay->proxy;
    const struct fetch_failure *failure = &relay->failure;
    const struct upstream_server *server = relay->facts.server;
    int64_t now_ms = loop_now_ms(proxy->http->loop);
    char others[64] = "";

    if (now_ms < proxy->next_warning_ms) {
        proxy->unsaid++;
        return;
    }
    if (proxy->unsaid > 0)
        (void)snprintf(others, sizeof(others), " (and %llu failures that were not told)",
                       (unsigned long long)proxy->unsaid);
    proxy->next_warning_ms = now_ms + WARNING_PAUSE_MS;
    proxy->unsaid = 0;
    log_warn(LOG_HTTP, "upstream %s: %s: %s, after %u attempts and %u ms: %s%s",
             relay->site->location->proxy, server ? server->name : "no server", failure->reason,
             relay->facts.attempts, relay->facts.total_us / 1000,
             failure->had_head ? "an answer was cut" : "a request has no answer", others);
}

static void on_end(struct fetch_user *user, const struct fetch_failure *failure)
{
    struct relay *relay = relay_of_user(user);

    enter(relay);
    fetch_facts(relay->fetch, &relay->facts);
    relay->fetch = NULL;
    relay->has_ended = true;
    if (failure) {
        relay->has_failed = true;
        relay->failure = *failure;
        /* Tunnels may end in any way. */
        if (relay->is_wanted && !(relay->wants_upgrade && failure->had_head))
            warn(relay);
    }
    resume(relay);
    leave(relay);
}

static const struct fetch_ops fetch_ops = {
    .write_head = on_write_head,
    .interim = on_interim,
    .send_content = on_send_content,
    .head = on_head,
    .content = on_content,
    .may_send = on_may_send,
    .end = on_end,
};

/* --- the request */

static void go_on(struct task *task)
{
    struct relay *relay = container_of(task, struct relay, soon);

    if (relay->is_answered)
        resume_body(relay);
    else
        resume(relay);
}

static void start_fetch(struct relay *relay)
{
    struct http_context *http = relay->proxy->http;
    const struct request *req = relay->req;
    const struct sent_content sent = content_to_send(relay);
    struct upstream_group *group = http->upstreams->groups[relay->site->location->upstream];
    struct address local = {.any.sa_family = AF_UNSPEC};
    const struct fetch_request request = {
        .group = group,
        .method = req->method,
        .framing = sent.framing,
        .content_length = sent.length,
        .expects_continue = sent.expects_continue,
        .wants_upgrade = relay->wants_upgrade,
        .req = req,
        .client = pending_client(&relay->pending),
        .local = &local,
    };

    if (UNLIKELY(group->config->prologue != UPSTREAM_PROLOGUE_NONE))
        local = pending_local(&relay->pending);
    if (fetch_start(http->upstreams->fetcher, &request, &relay->user, &relay->fetch) == 0)
        return;
    relay->has_failed = true;
    relay->failure = (struct fetch_failure){.status = 503, .reason = "memory", .retry_after_s = 1};
    loop_post(http->loop, &relay->soon);
}

/* True: all of it has gone. */
static bool send_buffer(struct relay *relay)
{
    struct request_buffer *buffer = &relay->buffer;
    struct slice rest;

    if (!buffer->bytes)
        return true;
    rest = slice_of(buffer->bytes + buffer->sent, buffer->len - buffer->sent);
    if (relay->fetch)
        buffer->sent += fetch_send(relay->fetch, rest, buffer->is_last);
    if (buffer->sent < buffer->len)
        return false;
    if (!buffer->is_last) { /* what follows is streamed */
        free(buffer->bytes);
        buffer->bytes = NULL;
    }
    return true;
}

static size_t stream(struct relay *relay, struct slice part, bool is_last)
{
    size_t taken;

    if (!relay->fetch)
        return part.len; /* it has failed: an answer is on its way */
    taken = fetch_send(relay->fetch, part, is_last);
    relay->request_waits = taken < part.len;
    return taken;
}

/* Content that is collected before a server is asked. */
static size_t collect(struct relay *relay, struct slice part, bool is_last)
{
    struct request_buffer *buffer = &relay->buffer;
    size_t len = MIN(part.len, buffer->size - buffer->len);

    if (len > 0)
        memcpy(buffer->bytes + buffer->len, part.data, len);
    buffer->len += len;
    buffer->is_last = is_last && len == part.len;
    if (!buffer->is_last && len == part.len)
        return len;
    start_fetch(relay);
    if (send_buffer(relay) && !buffer->is_last)
        return len + stream(relay, slice_from(part, len), is_last);
    relay->request_waits = len < part.len;
    return len;
}

static size_t body(struct pending *pending, struct slice part, bool is_last)
{
    struct relay *relay = relay_of(pending);

    if (relay->buffer.bytes && !relay->fetch && !relay->has_failed)
        return collect(relay, part, is_last);
    if (!relay->reply)
        return stream(relay, part, is_last);
    /* What a client sends ahead through a tunnel: the fetch takes it when its call has returned. */
    relay->request_waits = true;
    loop_post(relay->proxy->http->loop, &relay->soon);
    return 0;
}

static void begin(struct pending *pending, const struct request *req)
{
    struct relay *relay = relay_of(pending);
    uint64_t size = relay->site->location->forward.buffer_request;

    relay->req = req;
    relay->is_wanted = true;
    if (req->framing == BODY_NONE || size == 0) {
        start_fetch(relay);
        return;
    }
    if (req->framing == BODY_LENGTH)
        size = MIN(size, req->content_length);
    relay->buffer.bytes = malloc((size_t)size);
    relay->buffer.size = (size_t)size;
    if (!relay->buffer.bytes)
        start_fetch(relay); /* then without */
    else
        pending_send_continue(pending);
}

/* --- the answer */

/* A client that stays with a server gets a cookie that tells which, unless it has just that. */
static void write_sticky_cookie(const struct relay *relay, const struct request *req,
                                struct writer *w)
{
    const struct http_context *http = relay->proxy->http;
    const struct upstream_config *config =
        http->upstreams->groups[relay->site->location->upstream]->config;
    bool may_be_kept = req->method == METHOD_GET || req->method == METHOD_HEAD;
    struct fetch_facts facts;

    if (LIKELY(!config->sticky_cookie))
        return;
    fetch_facts(relay->fetch, &facts);
    if (facts.server->sticky_id != sticky_read(config, req))
        sticky_write(w, config, facts.server->sticky_id,
                     forward_is_https(req, &http->config->server.trusted_proxy,
                                      pending_peer(&relay->pending)),
                     may_be_kept);
}

static void answer(struct pending *pending, const struct request *req, struct response *resp)
{
    struct relay *relay = relay_of(pending);
    struct http_context *http = relay->proxy->http;
    struct writer space = writer_on(relay->proxy->space, relay->proxy->space_size);

    relay->is_answered = true;
    if (relay->reply) {
        cache_note_reply(http, relay->site, req, relay->reply);
        proxy_write_reply(http, relay->reply, &space, resp);
        write_sticky_cookie(relay, req, &space);
        resp->relayed = writer_content(&space);
    }
    if (relay->reply && !space.overflow) {
        resp->reads_on = resp->status < 300; /* else it wants no more of the request */
        resp->may_fail = resp->kind == CONTENT_PIECES;
        return;
    }
    resp->is_relayed = false;
    if (!relay->has_failed)
        relay->failure = (struct fetch_failure){.status = 502, .reason = "reply-head"};
    proxy_answer_failure(http, &relay->failure, resp);
}

static enum piece content(struct pending *pending, size_t room, struct slice *ret_piece)
{
    struct relay *relay = relay_of(pending);

    if (relay->has_failed)
        return PIECE_FAILED;
    *ret_piece = slice_of(relay->offered.data, MIN(relay->offered.len, room));
    relay->offered = slice_from(relay->offered, ret_piece->len);
    if (relay->content_left != LENGTH_UNKNOWN)
        relay->content_left -= ret_piece->len;
    if (ret_piece->len > 0)
        return PIECE_GIVEN;
    if (relay->has_ended)
        return PIECE_LAST;
    if (relay->content_waits) {
        relay->content_waits = false;
        fetch_resume(relay->fetch);
    }
    return PIECE_LATER;
}

/* The client has got all of a reply whose end has not been told yet. */
static bool is_passed_on(const struct relay *relay)
{
    return relay->is_answered && relay->content_left == 0;
}

static void describe(const struct pending *pending, struct access_record *record)
{
    struct relay *relay = relay_of(pending);
    struct access_upstream *described = &relay->proxy->described;
    struct fetch_facts facts = relay->facts;

    if (relay->fetch)
        fetch_facts(relay->fetch, &facts);
    proxy_describe(&facts, described);
    if (relay->fetch && !relay->has_ended && !is_passed_on(relay)) /* nobody waited for its end */
        described->ended_by = FETCH_ENDED_BY_CLIENT;
    record->upstream = described;
}

static void end(struct pending *pending)
{
    struct relay *relay = relay_of(pending);

    relay->is_wanted = false;
    /* Then it ends by itself, and its connection can be kept. */
    if (relay->fetch && !is_passed_on(relay)) {
        fetch_cancel(relay->fetch);
        relay->fetch = NULL;
    }
    free_if_over(relay);
}

static const struct pending_ops pending_ops = {
    .begin = begin,
    .answer = answer,
    .body = body,
    .content = content,
    .describe = describe,
    .end = end,
};

static void start(struct handler *handler, const struct request *req, struct response *resp)
{
    struct proxy *proxy = container_of(handler, struct proxy, handler);
    const struct forward_config *config = &resp->site->location->forward;
    struct relay *relay;

    if (proxy_refuses(proxy->http, req, resp))
        return;
    relay = mempool_alloc(proxy->http->mempool, sizeof(*relay));
    if (!relay) {
        error_response(proxy->http, resp, 503, "memory");
        return;
    }
    *relay = (struct relay){
        .pending.ops = &pending_ops,
        .pending.body_max = config->body_max > 0 ? config->body_max : BODY_MAX_NONE,
        .user.ops = &fetch_ops,
        .proxy = proxy,
        .site = resp->site,
        .wants_upgrade = forward_wants_upgrade(req, config),
    };
    task_init(&relay->soon, go_on);
    resp->pending = &relay->pending;
}

static void destroy(struct handler *handler)
{
    free(container_of(handler, struct proxy, handler));
}

static const struct handler_ops proxy_ops = {
    .name = "proxy",
    .start = start,
    .destroy = destroy,
    .takes_body = true,
};

struct handler *proxy_create(struct http_context *http)
{
    size_t size = proxy_reply_space(http->config);
    struct proxy *proxy = calloc(1, sizeof(*proxy) + size);

    if (!proxy)
        return NULL;
    proxy->handler.ops = &proxy_ops;
    proxy->http = http;
    proxy->space_size = size;
    return &proxy->handler;
}
