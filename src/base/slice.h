/* SPDX-License-Identifier: MIT */
/*
 * slice.h - a borrowed run of bytes: pointer and length, no terminator, no ownership.
 *
 * A slice must not outlive what it points into. The empty slice may have a NULL pointer.
 * Letter case means ASCII case, whatever the locale (RFC 9110 section 5.1 compares names so).
 */
#ifndef TINYWEB_BASE_SLICE_H
#define TINYWEB_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
    const char *data;
    size_t len;
};

#define SLICE_LITERAL(s) ((struct slice){.data = (s), .len = sizeof(s) - 1})
/* For printf's "%.*s". */
#define SLICE_PRINTF(s) (int)(s).len, (s).data

static inline struct slice slice_of(const char *data, size_t len)
{
    return (struct slice){.data = data, .len = len};
}

static inline struct slice slice_from_string(const char *text)
{
    return (struct slice){.data = text, .len = strlen(text)};
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline char ascii_lower(char c)
{
    return (c >= 'A' && c <= 'Z') ? (char)(c + ('a' - 'A')) : c;
}

static inline bool ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The value of one hexadecimal digit, or -1. */
int ascii_hex_value(char c);

bool slice_equal_nocase(struct slice a, struct slice b);
bool slice_starts_with(struct slice text, struct slice prefix);
bool slice_ends_with(struct slice text, struct slice suffix);

/* Bytewise order, shorter first when one is the other's prefix: < 0, 0, > 0. */
int slice_compare(struct slice a, struct slice b);

/* Offset of the first @c, or -1. */
static inline ptrdiff_t slice_find(struct slice text, char c)
{
    const char *found = text.len > 0 ? (const char *)memchr(text.data, c, text.len) : NULL;

    return found ? found - text.data : -1;
}

ptrdiff_t slice_find_last(struct slice text, char c);

/* The part from @offset on; empty when @offset is past the end. */
static inline struct slice slice_from(struct slice text, size_t offset)
{
    if (text.len == 0)
        return text; /* its pointer may be NULL, which nothing may be added to */
    if (offset > text.len)
        offset = text.len;
    return slice_of(text.data + offset, text.len - offset);
}

/* Without leading and trailing SP and HTAB (OWS, RFC 9110 section 5.6.3). */
struct slice slice_trim(struct slice text);

/* A byte below SP, or DEL (CTL, RFC 5234 appendix B.1). */
bool slice_has_control(struct slice text);

/*
 * Cut the first piece of *@rest off at @separator and return it untrimmed; *@rest keeps what
 * follows. Returns false, touching nothing, when *@rest is used up, which it marks by a NULL
 * pointer; so "a,,b" gives three pieces and "" gives one empty one.
 */
bool slice_next(struct slice *rest, char separator, struct slice *ret_piece);

#endif
