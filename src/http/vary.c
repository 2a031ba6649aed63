/* SPDX-License-Identifier: MIT */
/* vary.c - names in one form and order, so that the same choice is always the same text. */

#include "http/vary.h"

#define NAME_LENGTH_MAX 64

struct names {
    char text[VARY_NAMES_MAX][NAME_LENGTH_MAX];
    size_t len[VARY_NAMES_MAX];
    unsigned count;
};

static struct slice name_at(const struct names *names, unsigned i)
{
    return slice_of(names->text[i], names->len[i]);
}

/* Keeps the order by moving what is behind; false: no room. */
static bool add_name(struct names *names, struct slice name)
{
    char lower[NAME_LENGTH_MAX];
    struct slice wanted = slice_of(lower, name.len);
    unsigned at = 0;

    if (name.len > NAME_LENGTH_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++)
        lower[i] = ascii_lower(name.data[i]);
    while (at < names->count && slice_compare(name_at(names, at), wanted) < 0)
        at++;
    if (at < names->count && slice_equal(name_at(names, at), wanted))
        return true;
    if (names->count == VARY_NAMES_MAX)
        return false;
    for (unsigned i = names->count; i > at; i--) {
        memcpy(names->text[i], names->text[i - 1], names->len[i - 1]);
        names->len[i] = names->len[i - 1];
    }
    memcpy(names->text[at], lower, name.len);
    names->len[at] = name.len;
    names->count++;
    return true;
}

void vary_write_names(struct writer *w, const struct header_table *reply)
{
    struct names names;

    names.count = 0;
    for (unsigned i = 0; i < reply->count; i++) {
        struct slice rest = reply->rows[i].value, member;

        if (!header_is(&reply->rows[i], SLICE_LITERAL("vary")))
            continue;
        while (slice_next(&rest, ',', &member)) {
            member = slice_trim(member);
            if (member.len > 0 && !add_name(&names, member)) {
                w->overflow = true;
                return;
            }
        }
    }
    for (unsigned i = 0; i < names.count; i++) {
        if (i > 0)
            writer_char(w, ',');
        writer_slice(w, name_at(&names, i));
    }
}

void vary_write_values(struct writer *w, struct slice names, const struct header_table *request)
{
    struct slice name;

    while (names.len > 0 && slice_next(&names, ',', &name)) {
        unsigned seen = 0;

        writer_slice(w, name);
        for (unsigned i = 0; i < request->count; i++) {
            if (!header_is(&request->rows[i], name))
                continue;
            writer_string(w, seen++ > 0 ? ", " : ":");
            writer_slice(w, slice_trim(request->rows[i].value));
        }
        writer_char(w, '\n');
    }
}
