/* SPDX-License-Identifier: MIT */
/* freshness.c - s-maxage before max-age before Expires before a guess. */

#include "http/freshness.h"

#include "http/http_date.h"

#define DAY_S 86400U

static time_t date_of(struct slice value, time_t now)
{
    time_t seconds;

    return http_date_parse(value, now, &seconds) == 0 ? seconds : -1;
}

/* The first member of the first line counts; what is no number says nothing (section 5.1). */
static void read_age(struct slice value, bool *seen, uint32_t *age)
{
    struct slice first = value;

    if (*seen)
        return;
    *seen = true;
    (void)slice_next(&value, ',', &first);
    if (delta_seconds_parse(slice_trim(first), age) != 0)
        *age = 0;
}

static void read_expires(struct caching_fields *fields, struct slice value, time_t now)
{
    time_t expires = date_of(value, now);

    /* Two that differ: neither can be believed. */
    if (fields->has_expires && fields->expires != expires)
        expires = -1;
    fields->expires = expires;
    fields->has_expires = true;
}

static void read_vary(struct caching_fields *fields, struct slice value)
{
    struct slice member;

    while (slice_next(&value, ',', &member)) {
        member = slice_trim(member);
        fields->varies = fields->varies || member.len > 0;
        fields->varies_on_all = fields->varies_on_all || slice_equal(member, SLICE_LITERAL("*"));
    }
}

void caching_fields_read(const struct header_table *headers, time_t now,
                         struct caching_fields *ret_fields)
{
    struct caching_fields *fields = ret_fields;
    bool has_age = false, has_date = false;

    *fields = (struct caching_fields){.date = -1, .expires = -1, .last_modified = -1};
    for (unsigned i = 0; i < headers->count; i++) {
        const struct header *row = &headers->rows[i];

        if (header_is(row, SLICE_LITERAL("cache-control")))
            cache_control_add(&fields->control, row->value);
        else if (header_is(row, SLICE_LITERAL("age")))
            read_age(row->value, &has_age, &fields->age);
        else if (header_is(row, SLICE_LITERAL("date"))) {
            fields->date = has_date ? -1 : date_of(row->value, now);
            has_date = true;
        } else if (header_is(row, SLICE_LITERAL("expires")))
            read_expires(fields, row->value, now);
        else if (header_is(row, SLICE_LITERAL("last-modified")))
            fields->last_modified = date_of(row->value, now);
        else if (header_is(row, SLICE_LITERAL("set-cookie")))
            fields->has_set_cookie = true;
        else if (header_is(row, SLICE_LITERAL("vary")))
            read_vary(fields, row->value);
        else if (header_is(row, SLICE_LITERAL("etag")) && fields->etag.len == 0)
            fields->etag = row->value;
    }
}

static uint32_t clamp(int64_t seconds)
{
    if (seconds < 0)
        return 0;
    return (uint32_t)MIN(seconds, (int64_t)DELTA_SECONDS_MAX);
}

bool freshness_is_explicit(const struct caching_fields *fields)
{
    return (fields->control.present & (BIT(CC_S_MAXAGE) | BIT(CC_MAX_AGE))) != 0 ||
           fields->has_expires;
}

/* Of those of RFC 9110 section 15.1 that one has to be sure of: not the errors, which pass. */
static bool may_be_guessed(unsigned status)
{
    return status == 200 || status == 203 || status == 204 || status == 300 || status == 301 ||
           status == 308;
}

static uint32_t lifetime_of(const struct caching_fields *fields, unsigned status,
                            time_t received_at, bool uses_heuristic)
{
    const struct cache_control *control = &fields->control;
    time_t date = fields->date != -1 ? fields->date : received_at;

    if (cache_control_has(control, CC_S_MAXAGE))
        return control->seconds[CC_S_MAXAGE];
    if (cache_control_has(control, CC_MAX_AGE))
        return control->seconds[CC_MAX_AGE];
    if (fields->has_expires)
        return fields->expires == -1 ? 0 : clamp((int64_t)fields->expires - date);
    if (!uses_heuristic || fields->last_modified == -1 || !may_be_guessed(status))
        return 0;
    return MIN(clamp(((int64_t)date - fields->last_modified) / 10), DAY_S);
}

struct freshness freshness_of(const struct caching_fields *fields, unsigned status,
                              const struct exchange_times *times, bool uses_heuristic)
{
    const uint32_t never_stale = BIT(CC_MUST_REVALIDATE) | BIT(CC_PROXY_REVALIDATE) |
                                 BIT(CC_S_MAXAGE) | BIT(CC_NO_CACHE);
    const struct cache_control *control = &fields->control;
    struct freshness freshness = {.stored_at = times->received_at};
    int64_t apparent = fields->date != -1 ? (int64_t)times->received_at - fields->date : 0;
    int64_t delay = MAX((int64_t)times->received_at - times->requested_at, 0);

    freshness.age = clamp(MAX(apparent, (int64_t)fields->age + delay));
    if (!cache_control_has(control, CC_NO_CACHE))
        freshness.lifetime = lifetime_of(fields, status, times->received_at, uses_heuristic);
    if ((control->present & never_stale) == 0) {
        freshness.swr = control->seconds[CC_STALE_WHILE_REVALIDATE];
        freshness.sie = control->seconds[CC_STALE_IF_ERROR];
    }
    return freshness;
}

uint32_t freshness_age(const struct freshness *freshness, time_t now)
{
    int64_t resident = MAX((int64_t)now - freshness->stored_at, 0);

    return clamp(resident + freshness->age);
}

int64_t freshness_ttl(const struct freshness *freshness, time_t now)
{
    return (int64_t)freshness->lifetime - freshness_age(freshness, now);
}
