/* SPDX-License-Identifier: MIT */
/* forward_fields.c - the table, by the length of names, so that most are told by it alone. */
#include "http/forward_fields.h"

#define LENGTH_MAX 27
#define SAME_LENGTH_MAX 4

struct row {
    const char *name; /* in lower case */
    unsigned rule;
};

/* Names of one length; a bit for each letter that one of them begins with tells most others apart. */
struct names {
    uint32_t letters;
    struct row rows[SAME_LENGTH_MAX];
};

#define LETTER(c) BIT((c)&31)

static const struct names names_of_length[LENGTH_MAX + 1] = {
    [2] = {LETTER('t'), {{"te", FORWARD_HOP}}},
    [3] = {LETTER('v'), {{"via", FORWARD_OURS_UP}}},
    [4] = {LETTER('h') | LETTER('d'), {{"host", FORWARD_OURS_UP}, {"date", FORWARD_DATE}}},
    /* HTTP_PROXY of CGI is another thing than a field. */
    [5] = {LETTER('p') | LETTER('r'), {{"proxy", FORWARD_OURS_UP}, {"range", FORWARD_CONDITION}}},
    [6] = {LETTER('e'), {{"expect", FORWARD_OURS_UP}}},
    [7] = {LETTER('u') | LETTER('t'), {{"upgrade", FORWARD_HOP}, {"trailer", FORWARD_HOP}}},
    [8] = {LETTER('i'), {{"if-match", FORWARD_CONDITION}, {"if-range", FORWARD_CONDITION}}},
    [9] = {LETTER('f') | LETTER('x'),
           {{"forwarded", FORWARD_OURS_UP}, {"x-real-ip", FORWARD_TRUSTED}}},
    [10] = {LETTER('c') | LETTER('k'), {{"connection", FORWARD_HOP}, {"keep-alive", FORWARD_HOP}}},
    [11] = {LETTER('x'), {{"x-forwarded", FORWARD_TRUSTED}}},
    [12] = {LETTER('x') | LETTER('m'),
            {{"x-request-id", FORWARD_REQUEST_ID}, {"max-forwards", FORWARD_MAX_FORWARDS}}},
    [13] = {LETTER('i'), {{"if-none-match", FORWARD_CONDITION}}},
    [14] = {LETTER('c') | LETTER('h'),
            {{"content-length", FORWARD_OURS_UP | FORWARD_LENGTH},
             {"http2-settings", FORWARD_HOP}}},
    [15] = {LETTER('x'),
            {{"x-forwarded-for", FORWARD_OURS_UP}, {"x-forwarded-ssl", FORWARD_TRUSTED}}},
    [16] = {LETTER('x') | LETTER('p'),
            {{"x-forwarded-host", FORWARD_OURS_UP},
             {"proxy-connection", FORWARD_HOP},
             {"x-forwarded-port", FORWARD_TRUSTED},
             {"x-forwarded-user", FORWARD_TRUSTED}}},
    [17] = {LETTER('t') | LETTER('x') | LETTER('i'),
            {{"transfer-encoding", FORWARD_HOP},
             {"x-forwarded-proto", FORWARD_OURS_UP},
             {"if-modified-since", FORWARD_CONDITION}}},
    [18] = {LETTER('p') | LETTER('x'),
            {{"proxy-authenticate", FORWARD_HOP},
             {"x-forwarded-server", FORWARD_TRUSTED},
             {"x-forwarded-scheme", FORWARD_TRUSTED},
             {"x-forwarded-prefix", FORWARD_TRUSTED}}},
    [19] = {LETTER('p') | LETTER('i'),
            {{"proxy-authorization", FORWARD_HOP}, {"if-unmodified-since", FORWARD_CONDITION}}},
    [25] = {LETTER('p'), {{"proxy-authentication-info", FORWARD_HOP}}},
    [27] = {LETTER('a'), {{"access-control-allow-origin", FORWARD_CORS}}},
};

/* Those of header_table.h, whose names are in the table above, too. */
static const unsigned char rules_by_id[] = {
    [HEADER_CONNECTION] = FORWARD_HOP,
    [HEADER_CONTENT_LENGTH] = FORWARD_OURS_UP | FORWARD_LENGTH,
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
    [HEADER_VIA] = FORWARD_OURS_UP,
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

static NOINLINE unsigned find(const struct names *names, struct slice name)
{
    char first = plain(name.data[0]);

    for (const struct row *row = names->rows; row < names->rows + SAME_LENGTH_MAX && row->name;
         row++) {
        if (row->name[0] == first && is_named(name, row->name))
            return row->rule;
    }
    return 0;
}

unsigned forward_rule_of(struct slice name)
{
    const struct names *names;

    if (name.len > LENGTH_MAX || name.len == 0)
        return 0;
    names = &names_of_length[name.len];
    return LIKELY((names->letters & LETTER(name.data[0])) == 0) ? 0 : find(names, name);
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
