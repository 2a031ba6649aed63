/* SPDX-License-Identifier: MIT */
/* path.c - the text of a request's path: percent-decoding, UTF-8, dot segments, hidden names. */
#include "file/path.h"

#include <errno.h>
#include <limits.h>

/* What a byte of the raw path asks for; most ask for nothing. */
enum byte_kind { PLAIN, SLASH, ESCAPE, HIGH, NUL };

/* clang-format off */
#define FOUR(kind) kind, kind, kind, kind
#define SIXTEEN(kind) FOUR(kind), FOUR(kind), FOUR(kind), FOUR(kind)
static const unsigned char kinds[UCHAR_MAX + 1] = {
    [0] = NUL,
    ['%'] = ESCAPE,
    ['/'] = SLASH,
    [0x80] = SIXTEEN(HIGH), SIXTEEN(HIGH), SIXTEEN(HIGH), SIXTEEN(HIGH),
             SIXTEEN(HIGH), SIXTEEN(HIGH), SIXTEEN(HIGH), SIXTEEN(HIGH),
};
/* clang-format on */

static enum byte_kind kind_of(char c)
{
    return (enum byte_kind)kinds[(unsigned char)c];
}

/* Length of the well-formed sequence at the start of @text, which is not empty; 0 if none is. */
static size_t utf8_sequence_length(struct slice text)
{
    const unsigned char *byte = (const unsigned char *)text.data;
    unsigned char low = 0x80; /* bounds of the second byte, the Unicode Standard's table 3-7 */
    unsigned char high = 0xbf;
    size_t len;

    if (byte[0] < 0x80)
        return 1;
    if (byte[0] < 0xc2 || byte[0] > 0xf4)
        return 0; /* a continuation, an overlong form, or above U+10FFFF */
    len = byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
    if (text.len < len)
        return 0;

    if (byte[0] == 0xe0)
        low = 0xa0; /* overlong */
    else if (byte[0] == 0xed)
        high = 0x9f; /* surrogates */
    else if (byte[0] == 0xf0)
        low = 0x90; /* overlong */
    else if (byte[0] == 0xf4)
        high = 0x8f; /* above U+10FFFF */
    if (byte[1] < low || byte[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++) {
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
    }
    return len;
}

static bool is_utf8(struct slice text)
{
    while (text.len > 0) {
        size_t len = utf8_sequence_length(text);

        if (len == 0)
            return false;
        text = slice_from(text, len);
    }
    return true;
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

/* True when the raw segment that starts at @at is one that resolve_segments drops. */
static bool is_dropped_segment(struct slice raw, size_t at)
{
    if (at < raw.len && raw.data[at] == '.')
        at++;
    else
        return at < raw.len && raw.data[at] == '/';
    if (at < raw.len && raw.data[at] == '.')
        at++;
    return at == raw.len || raw.data[at] == '/';
}

/* One look at every byte; true when decoding would change nothing but the UTF-8 is to be seen. */
static bool is_literal(struct slice raw, bool *ret_has_high)
{
    bool has_high = false;

    for (size_t i = 0; i < raw.len; i++) {
        enum byte_kind kind = kind_of(raw.data[i]);

        if (LIKELY(kind == PLAIN))
            continue;
        if (kind == HIGH)
            has_high = true;
        else if (kind != SLASH || is_dropped_segment(raw, i + 1))
            return false;
    }
    *ret_has_high = has_high;
    return true;
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
