/* SPDX-License-Identifier: MIT */
/* cache_rules.c - one question after the other; the first "no" is the answer. */

#include "http/cache_rules.h"

#include "http/status.h"

const char *store_verdict_name(enum store_verdict verdict)
{
    static const char *const names[] = {
        [STORE_YES] = "stored",          [STORE_NOT_GET] = "method",
        [STORE_NOT_WHOLE] = "partial",   [STORE_FORBIDDEN] = "no-store",
        [STORE_PRIVATE] = "private",     [STORE_AUTHORIZED] = "authorization",
        [STORE_COOKIE] = "set-cookie",   [STORE_VARIES_ON_ALL] = "vary",
        [STORE_USELESS] = "no-lifetime",
    };
    static_assert(COUNT_OF(names) == STORE_USELESS + 1, "each verdict has a name");

    return names[verdict];
}

void cache_request_read(const struct header_table *headers, struct cache_control *ret_control)
{
    *ret_control = (struct cache_control){.present = 0};
    for (unsigned i = 0; i < headers->count; i++) {
        const struct header *row = &headers->rows[i];

        if (row->id == HEADER_OTHER && header_is(row, SLICE_LITERAL("cache-control")))
            cache_control_add(ret_control, row->value);
    }
}

static bool request_forbids(const struct header_table *headers)
{
    struct cache_control control;

    cache_request_read(headers, &control);
    return cache_control_has(&control, CC_NO_STORE);
}

/* Whether everybody may have what was sent to one who was asked for his name (section 3.5). */
static bool is_for_all(const struct cache_control *control)
{
    return (control->present & (BIT(CC_PUBLIC) | BIT(CC_S_MAXAGE) | BIT(CC_MUST_REVALIDATE))) != 0;
}

/* no-store beside must-understand is for caches that do not know the status (section 5.2.2.3). */
static bool reply_forbids(const struct cache_control *control, unsigned status)
{
    if (!cache_control_has(control, CC_MUST_UNDERSTAND))
        return cache_control_has(control, CC_NO_STORE);
    return status_line(status).len == 0;
}

/* What the status line and fields forbid, whatever the lifetime. */
static enum store_verdict judge(const struct cache_rules *rules,
                                const struct store_question *question)
{
    const struct caching_fields *fields = question->fields;
    const struct cache_control *control = &fields->control;

    if (question->method != METHOD_GET)
        return STORE_NOT_GET;
    if (question->status < 200 || question->status == 206 || question->status == 304)
        return STORE_NOT_WHOLE;
    if (reply_forbids(control, question->status) || request_forbids(question->request))
        return STORE_FORBIDDEN;
    if (cache_control_has(control, CC_PRIVATE))
        return STORE_PRIVATE;
    if (header_table_has(question->request, HEADER_AUTHORIZATION) && !is_for_all(control))
        return STORE_AUTHORIZED;
    if (fields->has_set_cookie && !rules->keeps_cookies)
        return STORE_COOKIE;
    return fields->varies_on_all ? STORE_VARIES_ON_ALL : STORE_YES;
}

/* Something says how long it lives, or that it has to be validated each time, with what to do so. */
static bool is_useful(const struct caching_fields *fields, const struct freshness *freshness,
                      time_t now)
{
    bool has_validator = fields->etag.len > 0 || fields->last_modified != -1;

    if (freshness_ttl(freshness, now) > 0 || freshness_may_serve_while(freshness, now) ||
        freshness_may_serve_on_error(freshness, now))
        return true;
    return has_validator &&
           (freshness_is_explicit(fields) || cache_control_has(&fields->control, CC_NO_CACHE));
}

enum store_verdict cache_rules_store(const struct cache_rules *rules,
                                     const struct store_question *question,
                                     struct freshness *ret_freshness)
{
    const struct caching_fields *fields = question->fields;
    enum store_verdict verdict = judge(rules, question);
    struct freshness freshness;

    if (verdict != STORE_YES)
        return verdict;
    freshness = freshness_of(fields, question->status, question->times, rules->uses_heuristic);
    if (!freshness_is_explicit(fields) && !cache_control_has(&fields->control, CC_NO_CACHE) &&
        (question->status == 404 || question->status == 410))
        freshness.lifetime = rules->errors_s;
    if (!is_useful(fields, &freshness, question->times->received_at))
        return STORE_USELESS;
    *ret_freshness = freshness;
    return STORE_YES;
}

static bool client_refuses(const struct freshness *freshness, const struct cache_control *request,
                           time_t now)
{
    if (cache_control_has(request, CC_NO_CACHE))
        return true;
    if (cache_control_has(request, CC_MAX_AGE) &&
        freshness_age(freshness, now) > request->seconds[CC_MAX_AGE])
        return true;
    return cache_control_has(request, CC_MIN_FRESH) &&
           freshness_ttl(freshness, now) < (int64_t)request->seconds[CC_MIN_FRESH];
}

enum reuse cache_rules_reuse(const struct cache_rules *rules, const struct freshness *freshness,
                             const struct cache_control *request, time_t now)
{
    if (rules->obeys_clients && client_refuses(freshness, request, now))
        return REUSE_NOT;
    if (freshness_ttl(freshness, now) > 0)
        return REUSE_FRESH;
    return freshness_may_serve_while(freshness, now) ? REUSE_WHILE : REUSE_NOT;
}

bool cache_rules_invalidate(enum http_method method, unsigned status)
{
    if (status < 200 || status > 399)
        return false;
    return method != METHOD_GET && method != METHOD_HEAD && method != METHOD_OPTIONS &&
           method != METHOD_TRACE;
}
