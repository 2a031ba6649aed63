/* SPDX-License-Identifier: MIT */
/* head_scan.c - only control bytes are looked at; the rest is skipped 16 at a time. */
#include "http/head_scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define EMPTY_LINES_MAX 4

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

#ifdef __SSE2__
#define BLOCK_SIZE 16U

/* A bit for each control byte of 16. */
static unsigned control_mask(const char *block)
{
    const __m128i highest = _mm_set1_epi8(0x1f);
    const __m128i del = _mm_set1_epi8(0x7f);
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)block);

    return (unsigned)_mm_movemask_epi8(_mm_or_si128(
        _mm_cmpeq_epi8(_mm_min_epu8(bytes, highest), bytes), _mm_cmpeq_epi8(bytes, del)));
}
#endif

/* The offset of the first control byte from @offset on, or data.len. */
static uint32_t find_control(struct slice data, uint32_t offset)
{
#ifdef __SSE2__
    unsigned mask;

    for (; offset + BLOCK_SIZE <= data.len; offset += BLOCK_SIZE) {
        mask = control_mask(data.data + offset);
        if (mask != 0)
            return offset + (uint32_t)__builtin_ctz(mask);
    }
    if (LIKELY(data.len >= BLOCK_SIZE)) { /* the last block again, without what was seen */
        uint32_t start = (uint32_t)data.len - BLOCK_SIZE;

        mask = control_mask(data.data + start) >> (offset - start);
        return mask ? offset + (uint32_t)__builtin_ctz(mask) : (uint32_t)data.len;
    }
#endif
    while (offset < data.len && !is_control(data.data[offset]))
        offset++;
    return offset;
}

/* A line has ended at @cr; what follows its LF is known. */
static enum head_scan_result end_line(struct head_scan *scan, uint32_t cr)
{
    bool is_empty = cr == scan->line_start;

    scan->offset = scan->line_start = cr + 2;
    if (scan->first_line_end == 0) {
        if (!is_empty) {
            scan->first_line_end = cr;
            return HEAD_INCOMPLETE;
        }
        scan->start = cr + 2;
        return scan->start > EMPTY_LINES_MAX * 2 ? HEAD_BAD : HEAD_INCOMPLETE;
    }
    if (is_empty) {
        scan->end = cr + 2;
        return HEAD_COMPLETE;
    }
    scan->lines++;
    return HEAD_INCOMPLETE;
}

enum head_scan_result head_scan(struct head_scan *scan, struct slice data)
{
    while (scan->offset < data.len) {
        enum head_scan_result result;
        uint32_t at;

        if (scan->offset == scan->line_start) {
            char first = data.data[scan->offset];

            if (first == ' ' || first == '\t')
                return HEAD_BAD; /* a folded line, or space before the request line */
        }
        at = find_control(data, scan->offset);
        scan->offset = at;
        if (at == data.len)
            break;
        if (data.data[at] == '\t' && scan->first_line_end != 0) {
            scan->offset = at + 1;
            continue;
        }
        if (data.data[at] != '\r')
            return HEAD_BAD;
        if (at + 1 == data.len)
            break;
        if (data.data[at + 1] != '\n')
            return HEAD_BAD;
        result = end_line(scan, at);
        if (result != HEAD_INCOMPLETE)
            return result;
    }
    return HEAD_INCOMPLETE;
}
