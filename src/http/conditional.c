/* SPDX-License-Identifier: MIT */
/* conditional.c - entity-tag lists, dates, and the order in which they count. */
#include "http/conditional.h"

#include "http/http_date.h"

struct entity_tag {
    struct slice opaque; /* with its quotes */
    bool is_weak;
};

/* etagc, RFC 9110 section 8.8.3: no control, no blank, no quote; a backslash is a plain byte. */
static bool is_tag_byte(char c)
{
    unsigned char byte = (unsigned char)c;

    return byte > 0x20 && byte != '"' && byte != 0x7f;
}

/* Take an entity-tag off the front of *@text. */
static bool read_tag(struct slice *text, struct entity_tag *ret_tag)
{
    struct slice rest = *text;
    struct entity_tag tag = {.is_weak = slice_starts_with(rest, SLICE_LITERAL("W/"))};
    size_t end = 1;

    if (tag.is_weak)
        rest = slice_from(rest, 2);
    if (rest.len == 0 || rest.data[0] != '"')
        return false;
    while (end < rest.len && is_tag_byte(rest.data[end]))
        end++;
    if (end == rest.len || rest.data[end] != '"')
        return false;
    tag.opaque = slice_of(rest.data, end + 1);
    *text = slice_from(rest, end + 1);
    *ret_tag = tag;
    return true;
}

/* Section 8.8.3.2: the strong comparison wants both to be strong. */
static bool tags_match(const struct entity_tag *a, const struct entity_tag *b, bool is_strong)
{
    return slice_equal(a->opaque, b->opaque) && !(is_strong && (a->is_weak || b->is_weak));
}

struct tag_list {
    unsigned count;
    bool is_malformed, has_match;
};

/* Read one line's list: tags between commas, blanks around them, pieces may be empty. */
static void read_tag_line(struct slice text, const struct entity_tag *own, bool is_strong,
                          struct tag_list *list)
{
    struct entity_tag tag;

    for (;;) {
        text = slice_trim(text);
        if (text.len > 0 && text.data[0] != ',') {
            if (!read_tag(&text, &tag)) {
                list->is_malformed = true;
                return;
            }
            list->count++;
            if (own && tags_match(&tag, own, is_strong))
                list->has_match = true;
            text = slice_trim(text);
        }
        if (text.len == 0)
            return;
        if (text.data[0] != ',') {
            list->is_malformed = true;
            return;
        }
        text = slice_from(text, 1);
    }
}

/* True when the field @id names the representation: by "*", or by a tag of its lists. */
static bool field_matches(const struct header_table *headers, enum header_id id, struct slice etag,
                          bool is_strong)
{
    struct slice own_text = etag;
    struct entity_tag own;
    bool has_own = read_tag(&own_text, &own) && own_text.len == 0;
    struct tag_list list = {0};
    bool has_star = false;
    unsigned position = 0;
    struct slice line;

    while (header_table_next(headers, id, &position, &line)) {
        if (slice_equal(line, SLICE_LITERAL("*"))) {
            if (has_star)
                return false;
            has_star = true;
        } else {
            read_tag_line(line, has_own ? &own : NULL, is_strong, &list);
        }
    }
    if (list.is_malformed || (has_star && list.count > 0))
        return false;
    return has_star || list.has_match;
}

/* A date field counts when it stands on one line and parses. */
static bool field_date(const struct header_table *headers, enum header_id id, time_t now,
                       time_t *ret_seconds)
{
    unsigned position = 0;
    struct slice line;
    struct slice second_line;

    if (!header_table_next(headers, id, &position, &line) ||
        header_table_next(headers, id, &position, &second_line))
        return false;
    return http_date_parse(line, now, ret_seconds) == 0;
}

/* Steps 1 and 2 of section 13.2.2. */
static bool is_lost_update(const struct header_table *headers, const struct validators *validators,
                           time_t now, const char **ret_reason)
{
    time_t date;

    if (header_table_has(headers, HEADER_IF_MATCH)) {
        if (field_matches(headers, HEADER_IF_MATCH, validators->etag, true))
            return false;
        *ret_reason = "if-match";
        return true;
    }
    if (validators->mtime == -1 || !field_date(headers, HEADER_IF_UNMODIFIED_SINCE, now, &date) ||
        validators->mtime <= date)
        return false;
    *ret_reason = "if-unmodified-since";
    return true;
}

unsigned conditional_check(const struct header_table *headers, enum http_method method,
                           const struct validators *validators, time_t now, const char **ret_reason)
{
    bool is_reading = method == METHOD_GET || method == METHOD_HEAD;
    time_t date;

    if (is_lost_update(headers, validators, now, ret_reason))
        return 412;

    /* Steps 3 and 4: the date is not even looked at where there are tags. */
    if (header_table_has(headers, HEADER_IF_NONE_MATCH)) {
        if (!field_matches(headers, HEADER_IF_NONE_MATCH, validators->etag, false))
            return 0;
        *ret_reason = is_reading ? "etag" : "if-none-match";
        return is_reading ? 304 : 412;
    }
    if (is_reading && validators->mtime != -1 &&
        field_date(headers, HEADER_IF_MODIFIED_SINCE, now, &date) && validators->mtime <= date) {
        *ret_reason = "not-modified-since";
        return 304;
    }
    return 0;
}

bool conditional_tags_match(struct slice one, struct slice other)
{
    struct entity_tag a, b;

    return read_tag(&one, &a) && one.len == 0 && read_tag(&other, &b) && other.len == 0 &&
           tags_match(&a, &b, false);
}

bool conditional_range_applies(const struct header_table *headers,
                               const struct validators *validators, time_t now)
{
    unsigned position = 0;
    struct slice line;
    struct slice other;
    struct slice own_text = validators->etag;
    struct entity_tag tag;
    struct entity_tag own;
    time_t date;

    if (!header_table_next(headers, HEADER_IF_RANGE, &position, &line))
        return true;
    if (header_table_next(headers, HEADER_IF_RANGE, &position, &other))
        return false;
    if (read_tag(&line, &tag))
        return line.len == 0 && read_tag(&own_text, &own) && tags_match(&tag, &own, true);

    /* Section 8.8.2.2: a second that is not over yet may still see another change. */
    return validators->mtime != -1 && validators->mtime < now &&
           http_date_parse(line, now, &date) == 0 && date == validators->mtime;
}
