/* SPDX-License-Identifier: MIT */
/* writer.c - appending numbers and escaped text to a fixed block. */
#include "base/writer.h"

#include "base/number.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void writer_char(struct writer *w, char c)
{
    writer_append(w, &c, 1);
}

void writer_string(struct writer *w, const char *text)
{
    writer_append(w, text, strlen(text));
}

void writer_number(struct writer *w, uint64_t value)
{
    char digits[NUMBER_TEXT_SIZE];

    writer_append(w, digits, number_format(digits, value));
}

void writer_hex(struct writer *w, uint64_t value)
{
    char text[16];
    size_t start = sizeof(text);

    do {
        text[--start] = "0123456789abcdef"[value & 15];
        value >>= 4;
    } while (value > 0);
    writer_append(w, text + start, sizeof(text) - start);
}

void writer_duration(struct writer *w, uint64_t us)
{
    if (us < 1000)
        writer_format(w, "%" PRIu64 " µs", us);
    else if (us < 1000000)
        writer_format(w, "%.1f ms", (double)us / 1e3);
    else
        writer_format(w, "%.1f s", (double)us / 1e6);
}

void writer_size(struct writer *w, uint64_t bytes)
{
    static const char *const units[] = {" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};
    size_t unit = 0;
    uint64_t tenths;

    if (bytes < 1024) {
        writer_number(w, bytes);
        writer_string(w, units[0]);
        return;
    }
    while (bytes >= UINT64_C(1024) * 1024) { /* what is lost is less than a tenth shows */
        bytes /= 1024;
        unit++;
    }
    tenths = (bytes * 10 + 512) / 1024;
    if (tenths >= 10240) {
        tenths = 10;
        unit++;
    }
    writer_number(w, tenths / 10);
    if (tenths < 1000) {
        writer_char(w, '.');
        writer_number(w, tenths % 10);
    }
    writer_string(w, units[unit + 1]);
}

void writer_format(struct writer *w, const char *format, ...)
{
    size_t room = w->capacity - w->len;
    va_list args;
    int len;

    if (w->overflow)
        return;
    va_start(args, format);
    len = vsnprintf(w->data + w->len, room, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= room)
        w->overflow = true;
    else
        w->len += (size_t)len;
}

/* "\xHH" or "%HH". */
static void append_hex_byte(struct writer *w, struct slice prefix, char c)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned char byte = (unsigned char)c;
    char text[4];

    memcpy(text, prefix.data, prefix.len);
    text[prefix.len] = digits[byte >> 4];
    text[prefix.len + 1] = digits[byte & 15];
    writer_append(w, text, prefix.len + 2);
}

static bool is_plain_in_log(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static bool is_plain_in_path(char c)
{
    if (ascii_is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'))
        return true;
    return c != '\0' && strchr("-._~!$()*+,;=:@/", c) != NULL;
}

static bool is_plain_in_query(char c)
{
    return is_plain_in_path(c) || c == '%' || c == '?' || c == '&';
}

/* Runs of plain bytes are copied as a whole. */
static void append_escaped(struct writer *w, struct slice text, bool (*is_plain)(char c),
                           struct slice prefix)
{
    size_t start = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (is_plain(text.data[i]))
            continue;
        writer_slice(w, slice_of(text.data + start, i - start));
        append_hex_byte(w, prefix, text.data[i]);
        start = i + 1;
    }
    writer_slice(w, slice_from(text, start));
}

void writer_log_escaped(struct writer *w, struct slice text)
{
    append_escaped(w, text, is_plain_in_log, SLICE_LITERAL("\\x"));
}

static const char *html_reference(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

void writer_json_string(struct writer *w, struct slice text)
{
    static const char digits[] = "0123456789abcdef";

    writer_char(w, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.data[i];

        if (byte < 0x20) {
            writer_literal(w, "\\u00");
            writer_char(w, digits[byte >> 4]);
            writer_char(w, digits[byte & 15]);
            continue;
        }
        if (byte == '"' || byte == '\\')
            writer_char(w, '\\');
        writer_char(w, text.data[i]);
    }
    writer_char(w, '"');
}

void writer_html_escaped(struct writer *w, struct slice text)
{
    size_t start = 0;

    for (size_t i = 0; i < text.len; i++) {
        const char *reference = html_reference(text.data[i]);

        if (!reference)
            continue;
        writer_slice(w, slice_of(text.data + start, i - start));
        writer_string(w, reference);
        start = i + 1;
    }
    writer_slice(w, slice_from(text, start));
}

void writer_url_escaped(struct writer *w, struct slice path)
{
    append_escaped(w, path, is_plain_in_path, SLICE_LITERAL("%"));
}

void writer_url_query(struct writer *w, struct slice query)
{
    append_escaped(w, query, is_plain_in_query, SLICE_LITERAL("%"));
}
