/* SPDX-License-Identifier: MIT */
/* path.c - the text of a request's path: percent-decoding, UTF-8, dot segments, hidden names. */
#include "file/path.h"

#include "base/utf8.h"

#include <errno.h>
#include <limits.h>

/* What a byte of the raw path may ask for, as bits; most ask for nothing. */
enum byte_kind { SLASH = 1, DOT = 2, ESCAPE = 4, HIGH = 8 };

/* clang-format off */
#define FOUR(kind) kind, kind, kind, kind
#define SIXTEEN(kind) FOUR(kind), FOUR(kind), FOUR(kind), FOUR(kind)
static const unsigned char kinds[UCHAR_MAX + 1] = {
    [0] = ESCAPE, /* a NUL is found, and refused, where escapes are decoded */
    ['%'] = ESCAPE,
    ['.'] = DOT,
    ['/'] = SLASH,
    [0x80] = SIXTEEN(HIGH), SIXTEEN(HIGH), SIXTEEN(HIGH), SIXTEEN(HIGH),
             SIXTEEN(HIGH), SIXTEEN(HIGH), SIXTEEN(HIGH), SIXTEEN(HIGH),
};
/* clang-format on */

static bool is_utf8(struct slice text)
{
    return utf8_valid_length(text) == text.len;
}

/* Each %HH becomes its byte, once. @out takes raw.len bytes at most. */
static int decode_escapes(struct slice raw, char *out, size_t *ret_len)
{
    size_t len = 0;

    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.data[i];

        if (c == '%') {
            int high = i + 2 < raw.len ? ascii_hex_value(raw.data[i + 1]) : -1;
            int low = high >= 0 ? ascii_hex_value(raw.data[i + 2]) : -1;

            if (low < 0)
                return -EINVAL;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0')
            return -EINVAL;
        out[len++] = c;
    }
    *ret_len = len;
    return 0;
}

/* Resolve "", "." and ".." segments of text[0, *len) where it stands. */
static int resolve_segments(char *text, size_t *len)
{
    size_t kept = 0; /* text[0, kept) is done: segments, each but the very last with its "/" */
    size_t next;

    for (size_t at = 0; at < *len; at = next) {
        const char *slash = memchr(text + at, '/', *len - at);
        size_t end = slash ? (size_t)(slash - text) : *len;
        struct slice segment = slice_of(text + at, end - at);

        next = slash ? end + 1 : end;
        if (segment.len == 0 || slice_equal(segment, SLICE_LITERAL(".")))
            continue;
        if (slice_equal(segment, SLICE_LITERAL(".."))) {
            if (kept == 0)
                return -EXDEV;
            do
                kept--;
            while (kept > 0 && text[kept - 1] != '/');
            continue;
        }
        memmove(text + kept, segment.data, next - at);
        kept += next - at;
    }
    *len = kept;
    return 0;
}

/* True when a segment is one that resolve_segments drops. */
static bool has_dropped_segment(struct slice raw)
{
    for (size_t at = 0; at < raw.len; at++) {
        size_t end = at + 1;

        if (raw.data[at] != '/')
            continue;
        while (end < raw.len && raw.data[end] == '.' && end < at + 3)
            end++;
        if (end == raw.len ? end > at + 1 : raw.data[end] == '/')
            return true;
    }
    return false;
}

/* One look at every byte: true when decoding would change nothing, but for UTF-8 to be checked. */
static bool is_literal(struct slice raw, bool *ret_has_high)
{
    unsigned seen = 0;
    unsigned pairs = 0;
    unsigned before = 0;

    for (size_t i = 0; i < raw.len; i++) {
        unsigned kind = kinds[(unsigned char)raw.data[i]];

        seen |= kind;
        pairs |= kind & (before | before << 1); /* SLASH then SLASH, SLASH then DOT */
        before = kind & SLASH;
    }
    *ret_has_high = (seen & HIGH) != 0;
    return (seen & ESCAPE) == 0 && (pairs == 0 || !has_dropped_segment(raw));
}

int path_decode(struct slice raw, char *out, struct slice *ret_path)
{
    bool has_high;
    size_t len;
    int err;

    if (raw.len == 0 || raw.data[0] != '/')
        return -EINVAL;
    if (LIKELY(is_literal(raw, &has_high))) {
        struct slice path = slice_of(raw.data + 1, raw.len - 1);

        if (has_high && !is_utf8(path))
            return -EINVAL;
        *ret_path = path;
        return 0;
    }

    err = decode_escapes(slice_from(raw, 1), out, &len);
    if (err)
        return err;
    if (!is_utf8(slice_of(out, len)))
        return -EINVAL;
    err = resolve_segments(out, &len);
    if (err)
        return err;
    *ret_path = slice_of(out, len);
    return 0;
}

bool path_is_hidden(struct slice path)
{
    static const struct slice well_known = {".well-known", sizeof(".well-known") - 1};
    size_t at = 0;

    if (slice_starts_with(path, well_known) &&
        (path.len == well_known.len || path.data[well_known.len] == '/'))
        at = well_known.len;
    for (; at < path.len; at++) {
        const char *dot = memchr(path.data + at, '.', path.len - at);

        if (!dot)
            return false;
        at = (size_t)(dot - path.data);
        if (at == 0 || path.data[at - 1] == '/')
            return true;
    }
    return false;
}
