/* SPDX-License-Identifier: MIT */
/* registry.c - the table of handlers. */
#include "handler/registry.h"

#include "handler/cache.h"
#include "handler/fixed_status.h"
#include "handler/guard.h"
#include "handler/proxy.h"
#include "handler/redirect.h"
#include "handler/static_file.h"

static struct handler *(*const makers[])(struct http_context *http) = {
    [ANSWER_FILES] = static_file_create,   [ANSWER_REDIRECT] = redirect_create,
    [ANSWER_STATUS] = fixed_status_create, [ANSWER_PROXY] = proxy_create,
    [ANSWER_CACHE] = cache_create,         [ANSWER_GUARD] = guard_create,
};
static_assert(COUNT_OF(makers) == ANSWER_KIND_COUNT, "a kind without a handler");

struct handler *registry_make_handler(struct http_context *http, enum answer_kind kind)
{
    return makers[kind](http);
}
