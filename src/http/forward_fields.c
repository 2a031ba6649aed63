/* SPDX-License-Identifier: MIT */
/* forward_fields.c - the table, by the length of names, so that most are told by it alone. */
#include "http/forward_fields.h"

#define LENGTH_MAX 27
#define SAME_LENGTH_MAX 4

struct row {
    const char *name; /* in lower case */
    unsigned rule;
};

static const struct row rows[LENGTH_MAX + 1][SAME_LENGTH_MAX] = {
    [2] = {{"te", FORWARD_HOP}},
    [3] = {{"via", FORWARD_OURS_UP}},
    [4] = {{"host", FORWARD_OURS_UP}, {"date", FORWARD_DATE}},
    /* HTTP_PROXY of CGI is another thing than a field. */
    [5] = {{"proxy", FORWARD_OURS_UP}, {"range", FORWARD_CONDITION}},
    [6] = {{"expect", FORWARD_OURS_UP}},
    [7] = {{"upgrade", FORWARD_HOP}, {"trailer", FORWARD_HOP}},
    [8] = {{"if-match", FORWARD_CONDITION}, {"if-range", FORWARD_CONDITION}},
    [9] = {{"forwarded", FORWARD_OURS_UP}, {"x-real-ip", FORWARD_TRUSTED}},
    [10] = {{"connection", FORWARD_HOP}, {"keep-alive", FORWARD_HOP}},
    [11] = {{"x-forwarded", FORWARD_TRUSTED}},
    [12] = {{"x-request-id", FORWARD_REQUEST_ID}, {"max-forwards", FORWARD_MAX_FORWARDS}},
    [13] = {{"if-none-match", FORWARD_CONDITION}},
    [14] = {{"content-length", FORWARD_OURS_UP | FORWARD_OURS_DOWN},
            {"http2-settings", FORWARD_HOP}},
    [15] = {{"x-forwarded-for", FORWARD_OURS_UP}, {"x-forwarded-ssl", FORWARD_TRUSTED}},
    [16] = {{"x-forwarded-host", FORWARD_OURS_UP},
            {"proxy-connection", FORWARD_HOP},
            {"x-forwarded-port", FORWARD_TRUSTED},
            {"x-forwarded-user", FORWARD_TRUSTED}},
    [17] = {{"transfer-encoding", FORWARD_HOP},
            {"x-forwarded-proto", FORWARD_OURS_UP},
            {"if-modified-since", FORWARD_CONDITION}},
    [18] = {{"proxy-authenticate", FORWARD_HOP},
            {"x-forwarded-server", FORWARD_TRUSTED},
            {"x-forwarded-scheme", FORWARD_TRUSTED},
            {"x-forwarded-prefix", FORWARD_TRUSTED}},
    [19] = {{"proxy-authorization", FORWARD_HOP}, {"if-unmodified-since", FORWARD_CONDITION}},
    [25] = {{"proxy-authentication-info", FORWARD_HOP}},
    [27] = {{"access-control-allow-origin", FORWARD_CORS}},
};

/* Those of header_table.h, whose names are in the table above, too. */
static const unsigned char rules_by_id[] = {
    [HEADER_CONNECTION] = FORWARD_HOP,
    [HEADER_CONTENT_LENGTH] = FORWARD_OURS_UP | FORWARD_OURS_DOWN,
    [HEADER_EXPECT] = FORWARD_OURS_UP,
    [HEADER_FORWARDED] = FORWARD_OURS_UP,
    [HEADER_HOST] = FORWARD_OURS_UP,
    [HEADER_IF_MATCH] = FORWARD_CONDITION,
    [HEADER_IF_MODIFIED_SINCE] = FORWARD_CONDITION,
    [HEADER_IF_NONE_MATCH] = FORWARD_CONDITION,
    [HEADER_IF_RANGE] = FORWARD_CONDITION,
    [HEADER_IF_UNMODIFIED_SINCE] = FORWARD_CONDITION,
    [HEADER_RANGE] = FORWARD_CONDITION,
    [HEADER_TE] = FORWARD_HOP,
    [HEADER_TRAILER] = FORWARD_HOP,
    [HEADER_TRANSFER_ENCODING] = FORWARD_HOP,
    [HEADER_UPGRADE] = FORWARD_HOP,
    [HEADER_X_FORWARDED_FOR] = FORWARD_OURS_UP,
    [HEADER_X_REQUEST_ID] = FORWARD_REQUEST_ID,
};

static char plain(char c)
{
    return c == '_' ? '-' : ascii_lower(c);
}

static bool is_named(struct slice name, const char *lower)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] != lower[i] && plain(name.data[i]) != lower[i])
            return false;
    }
    return true;
}

bool forward_name_is(struct slice name, struct slice other)
{
    if (name.len != other.len)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if (plain(name.data[i]) != plain(other.data[i]))
            return false;
    }
    return true;
}

unsigned forward_rule_of(struct slice name)
{
    const struct row *row;
    char first;

    if (name.len > LENGTH_MAX || name.len == 0)
        return 0;
    row = rows[name.len];
    first = plain(name.data[0]);
    for (unsigned i = 0; i < SAME_LENGTH_MAX && row[i].name; i++) {
        if (row[i].name[0] == first && is_named(name, row[i].name))
            return row[i].rule;
    }
    return 0;
}

unsigned forward_rule_of_line(const struct header *line)
{
    if (line->id == HEADER_OTHER)
        return forward_rule_of(line->name);
    return line->id < COUNT_OF(rules_by_id) ? rules_by_id[line->id] : 0;
}

/* One of its options that is no name of a field we would pass on. */
static bool is_known_option(struct slice option)
{
    return option.len == 0 || slice_equal_nocase(option, SLICE_LITERAL("close")) ||
           (forward_rule_of(option) & FORWARD_HOP) != 0;
}

bool forward_has_named(const struct header_table *headers)
{
    unsigned position = 0;
    struct slice value;

    while (header_table_next(headers, HEADER_CONNECTION, &position, &value)) {
        struct slice option;

        while (slice_next(&value, ',', &option)) {
            if (!is_known_option(slice_trim(option)))
                return true;
        }
    }
    return false;
}

bool forward_is_named(const struct header_table *headers, struct slice name)
{
    return header_table_has_token(headers, HEADER_CONNECTION, name);
}
