/* SPDX-License-Identifier: MIT */
/* live_line.c - fields by their place, reasons in words. */
#include "tool/live_line.h"

#include "base/number.h"

#include <inttypes.h>

/* What stands between @before and the next @after, which is cut off @rest too. */
static bool cut(struct slice *rest, const char *before, const char *after, struct slice *ret_part)
{
    struct slice start = slice_from_string(before);
    struct slice end = slice_from_string(after);
    const char *found;

    if (!slice_starts_with(*rest, start))
        return false;
    *rest = slice_from(*rest, start.len);
    found = rest->len > 0 ? memmem(rest->data, rest->len, end.data, end.len) : NULL;
    if (!found)
        return false;
    *ret_part = slice_of(rest->data, (size_t)(found - rest->data));
    *rest = slice_from(*rest, ret_part->len + end.len);
    return true;
}

/* "0.012": seconds with three digits behind the point. */
static bool parse_duration(struct slice text, uint64_t *ret_ms)
{
    ptrdiff_t point = slice_find(text, '.');
    uint64_t seconds, ms;

    if (point < 0 || text.len - (size_t)point != 4)
        return false;
    if (number_parse(slice_of(text.data, (size_t)point), UINT64_MAX / 1000 - 1, &seconds) ||
        number_parse(slice_from(text, (size_t)point + 1), 999, &ms))
        return false;
    *ret_ms = seconds * 1000 + ms;
    return true;
}

bool live_line_parse(struct slice text, struct live_line *ret_line)
{
    struct slice rest = text;
    struct slice user_and_time, request, status, bytes, referer, agent, duration;
    uint64_t number;

    /* Quotes within fields are escaped by the log. */
    if (!cut(&rest, "", " - ", &ret_line->host) || !cut(&rest, "", "] \"", &user_and_time) ||
        !cut(&rest, "", "\" ", &request) || !cut(&rest, "", " ", &status) ||
        !cut(&rest, "", " \"", &bytes) || !cut(&rest, "", "\" \"", &referer) ||
        !cut(&rest, "", "\" ", &agent) || !cut(&rest, "", " ", &duration))
        return false;
    if (number_parse(status, 999, &number) || number_parse(bytes, UINT64_MAX, &ret_line->bytes) ||
        !parse_duration(duration, &ret_line->duration_ms))
        return false;
    ret_line->status = (unsigned)number;
    if (!slice_next(&rest, ' ', &ret_line->reason))
        ret_line->reason = slice_of(NULL, 0);
    ret_line->range = rest;
    if (!slice_next(&request, ' ', &ret_line->method))
        ret_line->method = slice_of(NULL, 0);
    if (!slice_next(&request, ' ', &ret_line->target))
        ret_line->target = slice_of(NULL, 0);
    return true;
}

static const char *words_for(struct slice reason)
{
    static const struct {
        const char *word, *words;
    } rows[] = {
        {"ok", ""},
        {"etag", "unchanged, by its ETag"},
        {"not-modified-since", "unchanged, by its date"},
        {"range", "there is no such part"},
        {"not-found", "no such file"},
        {"hidden", "hidden: the name begins with a dot"},
        {"permission", "may not be read"},
        {"no-index", "a folder without an index file"},
        {"directory", "a folder has a \"/\" at its end"},
        {"bad-path", "the path is no UTF-8, or has a byte that no name has"},
        {"method", "only GET, HEAD and OPTIONS"},
        {"peer-closed", "the client went away"},
        {"fallback", "the fallback page"},
        {"clean-url", "to the shorter address"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (slice_equal(reason, slice_from_string(rows[i].word)))
            return rows[i].words;
    }
    return NULL;
}

static const char *colour_of(unsigned status)
{
    switch (status / 100) {
    case 2: return "\033[32m";
    case 3: return "\033[36m";
    case 4: return "\033[33m";
    case 5: return "\033[31m";
    default: return "\033[35m";
    }
}

/* "0-99", "0-99 and 2 more". */
static void write_range(struct writer *w, struct slice range)
{
    ptrdiff_t comma = slice_find(range, ',');

    if (comma < 0) {
        writer_slice(w, range);
        return;
    }
    writer_append(w, range.data, (size_t)comma);
    writer_literal(w, " and ");
    writer_slice(w, slice_from(range, (size_t)comma + 2)); /* without its "+" */
    writer_literal(w, " more");
}

static void write_reason(struct writer *w, const struct live_line *line)
{
    struct slice reason = line->reason;
    const char *words = words_for(reason);

    if (words && words[0] == '\0')
        return;
    writer_literal(w, "  ");
    if (line->range.len > 0 && slice_equal(reason, SLICE_LITERAL("range"))) {
        write_range(w, line->range);
        return;
    }
    if (words) {
        writer_string(w, words);
        return;
    }
    for (size_t i = 0; i < reason.len; i++)
        writer_char(w, reason.data[i] == '-' ? ' ' : reason.data[i]);
}

/* What @write writes, in @width columns at least, to the right. */
static void write_right(struct writer *w, size_t width, uint64_t value,
                        void (*write)(struct writer *w, uint64_t value))
{
    char space[32];
    struct writer text = writer_on(space, sizeof(space));

    write(&text, value);
    for (size_t i = text.len; i < width; i++)
        writer_char(w, ' ');
    writer_slice(w, writer_content(&text));
}

static bool is_this_machine(struct slice host)
{
    return slice_equal(host, SLICE_LITERAL("127.0.0.1")) || slice_equal(host, SLICE_LITERAL("::1"));
}

void live_line_write(struct writer *w, const struct live_line *line, const char *clock,
                     bool has_colours)
{
    const char *end = has_colours ? "\033[0m" : "";

    writer_format(w, "%s%s%s  %s%03u%s  %-4.*s", has_colours ? "\033[2m" : "", clock, end,
                  has_colours ? colour_of(line->status) : "", line->status, end,
                  SLICE_PRINTF(line->method.data ? line->method : SLICE_LITERAL("-")));
    write_right(w, 11, line->bytes, writer_size);
    write_right(w, 9, line->duration_ms, live_write_duration);
    writer_literal(w, "  ");
    writer_slice(w, line->target.data ? line->target : SLICE_LITERAL("-"));
    if (has_colours)
        writer_literal(w, "\033[2m");
    write_reason(w, line);
    if (!is_this_machine(line->host)) {
        writer_literal(w, "  from ");
        writer_slice(w, line->host);
    }
    writer_string(w, end);
    writer_char(w, '\n');
}

void live_write_duration(struct writer *w, uint64_t ms)
{
    if (ms == 0)
        writer_literal(w, "<1 ms");
    else if (ms < 1000)
        writer_format(w, "%" PRIu64 " ms", ms);
    else
        writer_format(w, "%.1f s", (double)ms / 1e3);
}
