/* SPDX-License-Identifier: MIT */
/* header_table.c - field names to ids, and the lines of one message. */
#include "http/header_table.h"

static_assert(HEADER_ID_COUNT <= 32, "header_table.present has 32 bits");

/* Lower case; of letters and "-". */
#define NAME_SIZE 32
static const char names[][NAME_SIZE] = {
    [HEADER_OTHER] = "",
    [HEADER_ACCEPT] = "accept",
    [HEADER_ACCEPT_ENCODING] = "accept-encoding",
    [HEADER_ACCESS_CONTROL_REQUEST_METHOD] = "access-control-request-method",
    [HEADER_AUTHORIZATION] = "authorization",
    [HEADER_CONNECTION] = "connection",
    [HEADER_CONTENT_LENGTH] = "content-length",
    [HEADER_COOKIE] = "cookie",
    [HEADER_EXPECT] = "expect",
    [HEADER_FORWARDED] = "forwarded",
    [HEADER_HOST] = "host",
    [HEADER_IF_MATCH] = "if-match",
    [HEADER_IF_MODIFIED_SINCE] = "if-modified-since",
    [HEADER_IF_NONE_MATCH] = "if-none-match",
    [HEADER_IF_RANGE] = "if-range",
    [HEADER_IF_UNMODIFIED_SINCE] = "if-unmodified-since",
    [HEADER_ORIGIN] = "origin",
    [HEADER_RANGE] = "range",
    [HEADER_REFERER] = "referer",
    [HEADER_TE] = "te",
    [HEADER_TRAILER] = "trailer",
    [HEADER_TRANSFER_ENCODING] = "transfer-encoding",
    [HEADER_UPGRADE] = "upgrade",
    [HEADER_USER_AGENT] = "user-agent",
    [HEADER_VIA] = "via",
    [HEADER_X_FORWARDED_FOR] = "x-forwarded-for",
    [HEADER_X_REQUEST_ID] = "x-request-id",
};
static_assert(COUNT_OF(names) == HEADER_ID_COUNT, "a header without a name");

static bool folds_to_8(const char *text, const char *lower)
{
    uint64_t a, b;

    memcpy(&a, text, sizeof(a));
    memcpy(&b, lower, sizeof(b));
    /* A letter, which alone has the bit 0x40, may differ in the bit 0x20. */
    return ((a ^ b) & ~(b >> 1 & UINT64_C(0x2020202020202020))) == 0;
}

static bool folds_to_4(const char *text, const char *lower)
{
    uint32_t a, b;

    memcpy(&a, text, sizeof(a));
    memcpy(&b, lower, sizeof(b));
    return ((a ^ b) & ~(b >> 1 & UINT32_C(0x20202020))) == 0;
}

/* By words; the last one may overlap the one before it. */
static ALWAYS_INLINE enum header_id match(struct slice name, enum header_id id)
{
    const char *lower = names[id];
    size_t at = 0;

    if (name.len < 4)
        return ascii_lower(name.data[0]) == lower[0] && ascii_lower(name.data[1]) == lower[1] &&
                       ascii_lower(name.data[name.len - 1]) == lower[name.len - 1]
                   ? id
                   : HEADER_OTHER;
    if (name.len < 8)
        return folds_to_4(name.data, lower) &&
                       folds_to_4(name.data + name.len - 4, lower + name.len - 4)
                   ? id
                   : HEADER_OTHER;
    for (; at + 8 < name.len; at += 8) {
        if (!folds_to_8(name.data + at, lower + at))
            return HEADER_OTHER;
    }
    return folds_to_8(name.data + name.len - 8, lower + name.len - 8) ? id : HEADER_OTHER;
}

/* Among the names of one length the byte at @at, in lower case, leaves a single candidate. */
enum header_id header_id_from_name(struct slice name)
{
    const char *c = name.data;

    switch (name.len) {
    case 2: return match(name, HEADER_TE);
    case 3: return match(name, HEADER_VIA);
    case 4: return match(name, HEADER_HOST);
    case 5: return match(name, HEADER_RANGE);
    case 6:
        switch (ascii_lower(c[0])) {
        case 'a': return match(name, HEADER_ACCEPT);
        case 'c': return match(name, HEADER_COOKIE);
        case 'e': return match(name, HEADER_EXPECT);
        default: return match(name, HEADER_ORIGIN);
        }
    case 7:
        switch (ascii_lower(c[0])) {
        case 'r': return match(name, HEADER_REFERER);
        case 't': return match(name, HEADER_TRAILER);
        default: return match(name, HEADER_UPGRADE);
        }
    case 8: return match(name, ascii_lower(c[3]) == 'm' ? HEADER_IF_MATCH : HEADER_IF_RANGE);
    case 9: return match(name, HEADER_FORWARDED);
    case 10: return match(name, ascii_lower(c[0]) == 'c' ? HEADER_CONNECTION : HEADER_USER_AGENT);
    case 12: return match(name, HEADER_X_REQUEST_ID);
    case 13:
        return match(name, ascii_lower(c[0]) == 'a' ? HEADER_AUTHORIZATION : HEADER_IF_NONE_MATCH);
    case 14: return match(name, HEADER_CONTENT_LENGTH);
    case 15:
        return match(name,
                     ascii_lower(c[0]) == 'a' ? HEADER_ACCEPT_ENCODING : HEADER_X_FORWARDED_FOR);
    case 17:
        return match(name, ascii_lower(c[0]) == 'i' ? HEADER_IF_MODIFIED_SINCE
                                                    : HEADER_TRANSFER_ENCODING);
    case 19: return match(name, HEADER_IF_UNMODIFIED_SINCE);
    case 29: return match(name, HEADER_ACCESS_CONTROL_REQUEST_METHOD);
    default: return HEADER_OTHER;
    }
}

int header_table_add(struct header_table *table, struct slice name, struct slice value)
{
    return header_table_add_known(table, name, slice_trim(value), header_id_from_name(name));
}

struct slice header_table_get(const struct header_table *table, enum header_id id)
{
    if (!header_table_has(table, id))
        return slice_of(NULL, 0);
    return table->rows[table->first[id]].value;
}

struct slice header_table_find(const struct header_table *table, struct slice name)
{
    for (unsigned i = 0; i < table->count; i++) {
        if (header_is(&table->rows[i], name))
            return table->rows[i].value;
    }
    return slice_of(NULL, 0);
}

bool header_table_next(const struct header_table *table, enum header_id id, unsigned *position,
                       struct slice *ret_value)
{
    if (!header_table_has(table, id))
        return false;
    for (unsigned at = MAX(*position, table->first[id]); at < table->count; at++) {
        if (table->rows[at].id == id) {
            *ret_value = table->rows[at].value;
            *position = at + 1;
            return true;
        }
    }
    return false;
}

bool header_table_has_token(const struct header_table *table, enum header_id id, struct slice token)
{
    unsigned position = 0;
    struct slice rest;
    struct slice piece;

    while (header_table_next(table, id, &position, &rest)) {
        while (slice_next(&rest, ',', &piece)) {
            if (slice_equal_nocase(slice_trim(piece), token))
                return true;
        }
    }
    return false;
}
