/* SPDX-License-Identifier: MIT */
/* guard.c - known credentials -> the site's handler; new ones -> a check -> the same, or 401. */
#include "handler/guard.h"

#include "base/hash.h"
#include "config/auth_file.h"
#include "handler/credential_cache.h"
#include "handler/errno_answer.h"
#include "handler/password_check.h"
#include "http/basic_credentials.h"
#include "http/cors.h"
#include "http/error_response.h"

#include <errno.h>
#include <stdlib.h>

struct guard {
    struct handler handler;
    struct http_context *http;
    struct credential_cache *cache;
    struct password_checks *checks;
};

/* Whose password is being checked. */
struct visitor {
    struct pending pending;
    struct password_waiter waiter;
    struct guard *guard;
    struct siphash_tag tag;
    const struct auth_users *users;
    const struct auth_user *user; /* NULL: there is none of that name */
    int result;
};

static void enter(const struct request *req, struct response *resp, const struct auth_user *user)
{
    struct handler *handler = resp->site->guarded;

    if (user)
        resp->user = user->name;
    handler->ops->start(handler, req, resp);
}

static void ask_for_password(const struct guard *guard, struct response *resp, const char *reason)
{
    struct writer *w = &resp->headers;

    writer_literal(w, "WWW-Authenticate: Basic realm=\"");
    for (const char *c = resp->site->config->auth_realm; *c; c++) {
        if (*c == '"' || *c == '\\')
            writer_char(w, '\\');
        writer_char(w, *c);
    }
    writer_literal(w, "\", charset=\"UTF-8\"\r\n");
    error_response(guard->http, resp, 401, reason);
}

static void answer(struct pending *pending, const struct request *req, struct response *resp)
{
    const struct visitor *visitor = container_of(pending, struct visitor, pending);

    if (visitor->result < 0) {
        errno_answer(visitor->guard->http, resp, visitor->result);
        return;
    }
    if (visitor->result == 1 && visitor->user) {
        enter(req, resp, visitor->user);
        return;
    }
    /* The name of a user is no secret; any other may be a password in the wrong place. */
    if (visitor->user)
        resp->user = visitor->user->name;
    ask_for_password(visitor->guard, resp, visitor->user ? "wrong-password" : "unknown-user");
}

static void end(struct pending *pending)
{
    struct visitor *visitor = container_of(pending, struct visitor, pending);

    password_checks_forget(visitor->guard->checks, &visitor->waiter);
    free(visitor);
}

static const struct pending_ops visitor_ops = {.answer = answer, .end = end};

static void on_checked(struct password_waiter *waiter, int result)
{
    struct visitor *visitor = container_of(waiter, struct visitor, waiter);
    struct guard *guard = visitor->guard;

    visitor->result = result;
    if (result == 1 && visitor->user)
        credential_cache_add(guard->cache, visitor->tag, visitor->users, visitor->user,
                             loop_now_ms(guard->http->loop));
    pending_resume(&visitor->pending);
}

/* 0: @resp is pending. */
static int begin_check(struct guard *guard, struct response *resp, struct siphash_tag tag,
                       const struct basic_credentials *credentials)
{
    const struct auth_users *users = resp->site->config->auth_users;
    const struct auth_user *user = auth_users_find(users, credentials->user);
    const struct auth_user *other = user ? user : auth_users_stand_in(users, credentials->user);
    const struct password_question question = {
        .tag = tag,
        .of = users,
        .password = credentials->password.data,
        .hash = other->hash,
    };
    struct visitor *visitor = malloc(sizeof(*visitor));
    int err;

    if (!visitor)
        return -ENOMEM;
    *visitor = (struct visitor){
        .pending.ops = &visitor_ops,
        .waiter.done = on_checked,
        .guard = guard,
        .tag = tag,
        .users = users,
        .user = user,
    };
    err = password_checks_ask(guard->checks, &question, &visitor->waiter);
    if (err)
        free(visitor);
    else
        resp->pending = &visitor->pending;
    return err;
}

static void check_password(struct guard *guard, struct response *resp, struct slice authorization,
                           struct siphash_tag tag)
{
    struct http_context *http = guard->http;
    struct basic_credentials credentials;
    int err;

    if (!basic_credentials_read(authorization, &credentials) ||
        resp->site->config->auth_users->count == 0) {
        ask_for_password(guard, resp, "bad-credentials");
        basic_credentials_wipe(&credentials);
        return;
    }
    err = begin_check(guard, resp, tag, &credentials);
    basic_credentials_wipe(&credentials);
    if (err == -EAGAIN) {
        counter_add(&http->counters->limits[LIMIT_PASSWORD_CHECKS], 1);
        writer_literal(&resp->headers, "Retry-After: 1\r\n");
        error_response(http, resp, 503, "password-queue");
    } else if (err) {
        errno_answer(http, resp, err);
    }
}

static void start(struct handler *handler, const struct request *req, struct response *resp)
{
    struct guard *guard = container_of(handler, struct guard, handler);
    const struct header_table *headers = &req->headers;
    const struct auth_user *user;
    struct slice value, other;
    struct siphash_tag tag;
    unsigned position = 0;

    if (!header_table_next(headers, HEADER_AUTHORIZATION, &position, &value)) {
        /* A browser asks without credentials whether it may ask with them (Fetch, "CORS-preflight
         * fetch"); what it learns is how the site is configured, and nothing of its files. */
        if (cors_is_preflight(resp->site->config, req))
            enter(req, resp, NULL);
        else
            ask_for_password(guard, resp, "no-password");
        return;
    }
    if (header_table_next(headers, HEADER_AUTHORIZATION, &position, &other)) {
        ask_for_password(guard, resp, "bad-credentials"); /* of whom? */
        return;
    }
    tag = credential_cache_tag(guard->cache, value);
    user = credential_cache_find(guard->cache, tag, resp->site->config->auth_users,
                                 loop_now_ms(guard->http->loop));
    if (LIKELY(user != NULL))
        enter(req, resp, user);
    else
        check_password(guard, resp, value, tag);
}

static void destroy(struct handler *handler)
{
    struct guard *guard = container_of(handler, struct guard, handler);

    password_checks_destroy(guard->checks);
    credential_cache_destroy(guard->cache);
    free(guard);
}

static const struct handler_ops guard_ops = {
    .name = "guard",
    .start = start,
    .destroy = destroy,
};

struct handler *guard_create(struct http_context *http)
{
    struct guard *guard = calloc(1, sizeof(*guard));

    if (!guard)
        return NULL;
    guard->handler.ops = &guard_ops;
    guard->http = http;
    guard->cache = credential_cache_create();
    guard->checks = password_checks_create(http->threads);
    if (!guard->cache || !guard->checks) {
        destroy(&guard->handler);
        return NULL;
    }
    return &guard->handler;
}
