/* SPDX-License-Identifier: MIT */
/* chunk_scan.c - lines byte by byte, by a table; data as a whole. */
#include "http/chunk_scan.h"

#include "http/char_class.h"

enum byte_class {
    BYTE_BAD, /* a control byte */
    BYTE_CR,
    BYTE_LF,
    BYTE_BLANK,
    BYTE_SEMICOLON,
    BYTE_EQUALS,
    BYTE_QUOTE,
    BYTE_BACKSLASH,
    BYTE_TOKEN,
    BYTE_TEXT, /* any other that quotes may hold */
    BYTE_CLASS_COUNT,
};

#define ALL_TEXT(state)                                                                            \
    [BYTE_BLANK] = (state), [BYTE_SEMICOLON] = (state), [BYTE_EQUALS] = (state),                   \
    [BYTE_TOKEN] = (state), [BYTE_TEXT] = (state)

/* What follows which byte; nothing else but CHUNK_BAD. An extension is
 * BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ]. */
static const unsigned char next_state[CHUNK_STATE_COUNT][BYTE_CLASS_COUNT] = {
    [CHUNK_NAME_START] = {[BYTE_BLANK] = CHUNK_NAME_START, [BYTE_TOKEN] = CHUNK_NAME},
    [CHUNK_NAME] = {[BYTE_TOKEN] = CHUNK_NAME,
                    [BYTE_BLANK] = CHUNK_NAME_GAP,
                    [BYTE_EQUALS] = CHUNK_VALUE_START,
                    [BYTE_SEMICOLON] = CHUNK_NAME_START,
                    [BYTE_CR] = CHUNK_LINE_LF},
    [CHUNK_NAME_GAP] = {[BYTE_BLANK] = CHUNK_NAME_GAP,
                        [BYTE_EQUALS] = CHUNK_VALUE_START,
                        [BYTE_SEMICOLON] = CHUNK_NAME_START},
    [CHUNK_VALUE_START] =
        {[BYTE_BLANK] = CHUNK_VALUE_START, [BYTE_QUOTE] = CHUNK_QUOTED, [BYTE_TOKEN] = CHUNK_VALUE},
    [CHUNK_VALUE] = {[BYTE_TOKEN] = CHUNK_VALUE,
                     [BYTE_BLANK] = CHUNK_PART_GAP,
                     [BYTE_SEMICOLON] = CHUNK_NAME_START,
                     [BYTE_CR] = CHUNK_LINE_LF},
    [CHUNK_QUOTED] =
        {ALL_TEXT(CHUNK_QUOTED), [BYTE_QUOTE] = CHUNK_PART_END, [BYTE_BACKSLASH] = CHUNK_ESCAPED},
    [CHUNK_ESCAPED] =
        {ALL_TEXT(CHUNK_QUOTED), [BYTE_QUOTE] = CHUNK_QUOTED, [BYTE_BACKSLASH] = CHUNK_QUOTED},
    [CHUNK_PART_END] = {[BYTE_BLANK] = CHUNK_PART_GAP,
                        [BYTE_SEMICOLON] = CHUNK_NAME_START,
                        [BYTE_CR] = CHUNK_LINE_LF},
    [CHUNK_PART_GAP] = {[BYTE_BLANK] = CHUNK_PART_GAP, [BYTE_SEMICOLON] = CHUNK_NAME_START},
    [CHUNK_LINE_LF] = {[BYTE_LF] = CHUNK_DATA},
    [CHUNK_DATA_CR] = {[BYTE_CR] = CHUNK_DATA_LF},
    [CHUNK_DATA_LF] = {[BYTE_LF] = CHUNK_SIZE_START},
};

static enum byte_class class_of(char c)
{
    switch (c) {
    case '\r': return BYTE_CR;
    case '\n': return BYTE_LF;
    case ' ':
    case '\t': return BYTE_BLANK;
    case ';': return BYTE_SEMICOLON;
    case '=': return BYTE_EQUALS;
    case '"': return BYTE_QUOTE;
    case '\\': return BYTE_BACKSLASH;
    default: break;
    }
    if (char_is(c, CHAR_TOKEN))
        return BYTE_TOKEN;
    return (unsigned char)c < 0x20 || c == 0x7f ? BYTE_BAD : BYTE_TEXT;
}

static enum chunk_state read_size(struct chunk_scan *scan, char c, uint64_t max_size)
{
    int digit = ascii_hex_value(c);

    if (digit >= 0) {
        if (scan->size > UINT64_MAX >> 4)
            return CHUNK_BAD;
        scan->size = scan->size << 4 | (unsigned)digit;
        return CHUNK_SIZE;
    }
    if (scan->state == CHUNK_SIZE_START)
        return CHUNK_BAD;
    if (scan->size > max_size - MIN(scan->content, max_size))
        return CHUNK_TOO_LARGE;
    scan->content += scan->size;
    return (enum chunk_state)next_state[CHUNK_PART_END][class_of(c)];
}

static enum chunk_state step(struct chunk_scan *scan, char c, uint64_t max_size)
{
    enum chunk_state state;

    if (scan->state == CHUNK_SIZE_START || scan->state == CHUNK_SIZE)
        return read_size(scan, c, max_size);
    state = (enum chunk_state)next_state[scan->state][class_of(c)];
    return state == CHUNK_DATA && scan->size == 0 ? CHUNK_LAST : state;
}

static struct slice take_content(struct chunk_scan *scan, struct slice data)
{
    data.len = (size_t)MIN(scan->size, data.len);
    scan->size -= data.len;
    if (scan->size == 0)
        scan->state = CHUNK_DATA_CR;
    return data;
}

enum chunk_state chunk_scan_content(struct chunk_scan *scan, struct slice data, uint64_t max_size,
                                    size_t *ret_used, struct slice *ret_content)
{
    size_t used = 0;

    while (used < data.len && scan->state > CHUNK_LAST && scan->state != CHUNK_DATA)
        scan->state = step(scan, data.data[used++], max_size);
    *ret_content = slice_from(data, used);
    if (scan->state == CHUNK_DATA)
        *ret_content = take_content(scan, *ret_content);
    else
        ret_content->len = 0;
    *ret_used = used + ret_content->len;
    return scan->state;
}

enum chunk_state chunk_scan(struct chunk_scan *scan, struct slice data, uint64_t max_size,
                            size_t *ret_used)
{
    size_t used = 0;

    while (used < data.len && scan->state > CHUNK_LAST) {
        struct slice content;
        size_t part;

        (void)chunk_scan_content(scan, slice_from(data, used), max_size, &part, &content);
        used += part;
    }
    *ret_used = used;
    return scan->state;
}
