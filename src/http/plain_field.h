/* SPDX-License-Identifier: MIT */
/*
 * plain_field.h - the field line that nearly all are: one run of name bytes, a colon, one run of text.
 *
 * For heads that are read in one pass, of requests and of replies. What is in doubt is left to whoever
 * looks at it byte by byte.
 */
#ifndef TINYWEB_HTTP_PLAIN_FIELD_H
#define TINYWEB_HTTP_PLAIN_FIELD_H

#include "base/slice.h"
#include "http/byte_block.h"

/* Behind the colon of the line that starts at @at, and behind the SP that may follow; NULL as below. */
static inline const char *plain_field_name(const char *at, const char *end, struct slice *ret_name)
{
    const char *colon = block_find(at, end, block_not_name);

    if (UNLIKELY(!colon || colon == at || *colon != ':' || end - colon < 4))
        return NULL;
    *ret_name = slice_of(at, (size_t)(colon - at));
    return colon + (colon[1] == ' ' ? 2 : 1);
}

/* Behind the end of the line whose value starts at @value; NULL as below. */
static inline const char *plain_field_value(const char *value, const char *end,
                                            struct slice *ret_value)
{
    const char *at = block_find(value, end, block_not_text);

    if (UNLIKELY(!at || end - at < 2 || at[0] != '\r' || at[1] != '\n'))
        return NULL;
    *ret_value = slice_of(value, (size_t)(at - value));
    /* What has to be trimmed, or is empty, is told otherwise by some. */
    if (UNLIKELY(at == value || value[0] == ' ' || at[-1] == ' '))
        return NULL;
    return at + 2;
}

/*
 * The line that starts at @at: letters, digits, "-"  ":" at most one SP  visible ASCII and inner blanks,
 * at least one  CRLF. There are 16 bytes at least before @end, though they may be before @at. Returns
 * where the next line starts; NULL: the line is another kind, or not complete.
 */
static inline const char *plain_field_read(const char *at, const char *end, struct slice *ret_name,
                                           struct slice *ret_value)
{
    const char *value = plain_field_name(at, end, ret_name);

    return LIKELY(value) ? plain_field_value(value, end, ret_value) : NULL;
}

#endif
