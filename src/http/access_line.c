/* SPDX-License-Identifier: MIT */
/* access_line.c - formats without stdio, sixteen bytes of a field at a time. */
#include "http/access_line.h"

#include "base/number.h"
#include "base/writer.h"
#include "http/byte_block.h"
#include "http/http_date.h"

/* Fields from the peer, escaped, are cut to these; the user agent also to what a line has left. */
#define REQUEST_SIZE_MAX 2048
#define REFERER_SIZE_MAX 1024
#define AGENT_SIZE_MAX 1024
#define REASON_SIZE_MAX 64
#define HOST_SIZE_MAX 256
#define USER_SIZE_MAX 64
#define SERVER_SIZE_MAX 64
#define CACHE_SIZE_MAX 16
/* What follows the user agent: `" 1234.567 ok` and the newline at their longest. */
#define LINE_END_SIZE_MAX (2 + NUMBER_TEXT_SIZE + 5 + REASON_SIZE_MAX + 1)
/* … and of what an upstream had to do with it: blanks, numbers, seconds, a letter. */
#define UPSTREAM_SIZE_MAX                                                                          \
    (1 + SERVER_SIZE_MAX + 1 + NUMBER_TEXT_SIZE + 3 * 13 + 2 + 1 + CACHE_SIZE_MAX)

/* From an HTTP date, which has all of it in another order: once a second. */
static struct slice time_text(struct access_line *line, time_t now)
{
    static const char pattern[] = " - - [24/Nov/2026:10:15:42 +0000] \"";
    char date[HTTP_DATE_SIZE];

    if (line->time_len == 0 || now != line->seconds) {
        http_date_format(date, now);
        line->time_len = sizeof(pattern) - 1;
        memcpy(line->time_text, pattern, line->time_len);
        memcpy(line->time_text + 6, date + 5, 2);
        memcpy(line->time_text + 9, date + 8, 3);
        memcpy(line->time_text + 13, date + 12, 4);
        memcpy(line->time_text + 18, date + 17, 8);
        line->seconds = now;
    }
    return slice_of(line->time_text, line->time_len);
}

/* Requests come in runs from one peer: on its connections, or from the proxy in front. */
struct slice access_line_host(struct access_line *line, const struct address *peer)
{
    struct address host = *peer;

    address_set_port(&host, 0);
    if (line->host_len == 0 || !address_equal(&line->host, &host)) {
        line->host_len = address_format_host(&host, line->host_text);
        line->host = host;
    }
    return slice_of(line->host_text, line->host_len);
}

static bool is_special(unsigned char c)
{
    return c < 0x20 || c >= 0x7f || c == '"' || c == '\\';
}

/* Of 16 bytes, those that are to be escaped. */
static unsigned special_of(const char *block)
{
    return block_not_text(block) | block_of(block, '"') | block_of(block, '\\');
}

/*
 * Copy what need not be escaped from the start of @text, a block at a time, and the last one from
 * where it overlaps with what has been copied. Returns how many bytes; less than there were of them
 * where @room or a block ends.
 */
static size_t copy_blocks(struct slice text, char *out, size_t room)
{
    size_t len = 0, left;

    for (; text.len - len >= BLOCK_SIZE && room - len >= BLOCK_SIZE; len += BLOCK_SIZE) {
        unsigned special = special_of(text.data + len);

        memcpy(out + len, text.data + len, BLOCK_SIZE);
        if (special != 0)
            return len + (size_t)__builtin_ctz(special);
    }
    left = text.len - len;
    if (left == 0 || len == 0 || left > room - len)
        return len;
    if (special_of(text.data + text.len - BLOCK_SIZE) != 0)
        return len;
    memcpy(out + text.len - BLOCK_SIZE, text.data + text.len - BLOCK_SIZE, BLOCK_SIZE);
    return text.len;
}

/* At most @max bytes, escaped as writer_log_escaped does; an escape is never cut. */
static void append_field(struct writer *w, struct slice text, size_t max)
{
    static const char digits[] = "0123456789ABCDEF";
    char *out = w->data + w->len;
    const char *end = out + MIN(max, w->capacity - w->len);
    size_t i = 0;

    if (text.len == 0)
        text = SLICE_LITERAL("-");
    while (i < text.len) {
        size_t copied = text.len - i < BLOCK_SIZE
                            ? 0
                            : copy_blocks(slice_from(text, i), out, (size_t)(end - out));
        unsigned char c;

        i += copied;
        out += copied;
        if (i == text.len)
            break;
        c = (unsigned char)text.data[i++];
        if (end - out < (is_special(c) ? 4 : 1))
            break;
        if (is_special(c)) {
            memcpy(out, "\\x", 2);
            out[2] = digits[c >> 4];
            out[3] = digits[c & 15];
            out += 4;
        } else {
            *out++ = (char)c;
        }
    }
    w->len = (size_t)(out - w->data);
}

/* Escaped, and its spaces, too, which would end the field. */
static void append_user(struct writer *w, const char *user)
{
    size_t end = w->len + USER_SIZE_MAX;
    struct slice rest = slice_from_string(user);
    struct slice word;

    for (bool is_first = true; slice_next(&rest, ' ', &word) && w->len < end; is_first = false) {
        if (!is_first)
            writer_literal(w, "\\x20");
        if (word.len > 0 && w->len < end)
            append_field(w, word, end - w->len);
    }
}

/* " - - [" and the time, or with a user in it. */
static void append_time(struct writer *w, struct access_line *line, const char *user, time_t now)
{
    struct slice text = time_text(line, now);

    if (UNLIKELY(user != NULL)) {
        writer_literal(w, " - ");
        append_user(w, user);
        text = slice_from(text, sizeof(" - -") - 1);
    }
    writer_slice(w, text);
}

static void append_padded(struct writer *w, unsigned width, uint64_t value)
{
    char digits[NUMBER_TEXT_SIZE];

    number_format_padded(digits, width, value);
    writer_append(w, digits, width);
}

/* Of a line, or of what follows @used bytes of it, with room for @more behind it. */
static inline size_t write_combined(struct access_line *line, const struct access_record *record,
                                    time_t now, char *out, size_t used, size_t more)
{
    uint64_t duration_ms = record->duration_ms > 0 ? (uint64_t)record->duration_ms : 0;
    struct writer w = writer_on(out, ACCESS_LINE_SIZE_MAX);

    w.len = used;
    writer_slice(&w, access_line_host(line, record->peer));
    append_time(&w, line, record->user, now);
    append_field(&w, record->request_line, REQUEST_SIZE_MAX);
    writer_literal(&w, "\" ");
    append_padded(&w, 3, record->status);
    writer_char(&w, ' ');
    writer_number(&w, record->body_bytes);
    writer_literal(&w, " \"");
    append_field(&w, record->referer, REFERER_SIZE_MAX);
    writer_literal(&w, "\" \"");
    append_field(&w, record->user_agent,
                 MIN(AGENT_SIZE_MAX, w.capacity - w.len - LINE_END_SIZE_MAX - more));
    writer_literal(&w, "\" ");
    writer_number(&w, duration_ms / 1000);
    writer_char(&w, '.');
    append_padded(&w, 3, duration_ms % 1000);
    writer_char(&w, ' ');
    append_field(&w, slice_from_string(record->reason), REASON_SIZE_MAX);
    writer_char(&w, '\n');
    assert(!w.overflow);
    return w.len;
}

size_t access_line_write(struct access_line *line, const struct access_record *record, time_t now,
                         char *out)
{
    return write_combined(line, record, now, out, 0, 0);
}

/* Without a port it is that of http. */
static void append_authority(struct writer *w, struct slice host)
{
    ptrdiff_t colon = slice_find_last(host, ':');
    bool has_port = colon > slice_find_last(host, ']');

    append_field(w, host, HOST_SIZE_MAX);
    if (!has_port)
        writer_literal(w, ":80");
    writer_char(w, ' ');
}

size_t access_line_write_vhost(struct access_line *line, const struct access_record *record,
                               time_t now, char *out)
{
    struct writer w = writer_on(out, ACCESS_LINE_SIZE_MAX);

    append_authority(&w, record->host);
    return write_combined(line, record, now, out, w.len, 0);
}

/* "0.000123"; "-" for what never came. */
static void append_seconds(struct writer *w, uint32_t us)
{
    writer_char(w, ' ');
    if (us == 0) {
        writer_char(w, '-');
        return;
    }
    writer_number(w, us / 1000000);
    writer_char(w, '.');
    append_padded(w, 6, us % 1000000);
}

size_t access_line_write_upstream(struct access_line *line, const struct access_record *record,
                                  time_t now, char *out)
{
    static const struct access_upstream none = {.ended_by = '-'};
    const struct access_upstream *upstream = record->upstream ? record->upstream : &none;
    struct writer w = writer_on(out, ACCESS_LINE_SIZE_MAX);

    w.len = write_combined(line, record, now, out, 0, UPSTREAM_SIZE_MAX) -
            1; /* its newline comes later */
    writer_char(&w, ' ');
    append_field(&w, slice_from_string(upstream->server ? upstream->server : ""), SERVER_SIZE_MAX);
    writer_char(&w, ' ');
    writer_number(&w, upstream->attempts);
    append_seconds(&w, upstream->connect_us);
    append_seconds(&w, upstream->first_byte_us);
    append_seconds(&w, upstream->total_us);
    writer_char(&w, ' ');
    writer_char(&w, upstream->ended_by);
    writer_char(&w, ' ');
    append_field(&w, slice_from_string(record->cache ? record->cache : ""), CACHE_SIZE_MAX);
    writer_char(&w, '\n');
    assert(!w.overflow);
    return w.len;
}
