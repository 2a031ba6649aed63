/* SPDX-License-Identifier: MIT */
/*
 * access_line.c - formats without stdio, and without a look at the room after each piece: each of
 * them is cut to a length, and all of these together are less than a line has.
 */
#include "http/access_line.h"

#include "base/number.h"
#include "http/http_date.h"
#include "http/log_field.h"
#include "http/range.h"

/* Fields from the peer, escaped, are cut to these; the user agent also to what a line has left. */
#define REQUEST_SIZE_MAX 2048
#define REFERER_SIZE_MAX 1024
#define AGENT_SIZE_MAX 1024
#define REASON_SIZE_MAX 64
#define HOST_SIZE_MAX 256
#define USER_SIZE_MAX 64
#define SERVER_SIZE_MAX 64
#define CACHE_SIZE_MAX 16
/* What follows the user agent: `" 1234.567 range 0-99` and the newline at their longest. */
#define LINE_END_SIZE_MAX (2 + NUMBER_TEXT_SIZE + 5 + REASON_SIZE_MAX + 1 + RANGE_TEXT_SIZE + 1)
/* … and of what an upstream had to do with it: blanks, numbers, seconds, a letter. */
#define UPSTREAM_SIZE_MAX                                                                          \
    (1 + SERVER_SIZE_MAX + 1 + NUMBER_TEXT_SIZE + 3 * 13 + 2 + 1 + CACHE_SIZE_MAX)

/* What follows the host, from an HTTP date, which has all of it in another order. */
static void renew_time(struct access_line *line, time_t now)
{
    char date[HTTP_DATE_SIZE];

    http_date_format(date, now);
    memcpy(line->time_text, " - - [24/Nov/2026:10:15:42 +0000] \"", sizeof(line->time_text));
    memcpy(line->time_text + 6, date + 5, 2);
    memcpy(line->time_text + 9, date + 8, 3);
    memcpy(line->time_text + 13, date + 12, 4);
    memcpy(line->time_text + 18, date + 17, 8);
    line->seconds = now;
}

/* Ports do not matter. */
static bool is_host_of(const struct access_line *line, const struct address *peer)
{
    struct address host;

    if (LIKELY(peer->any.sa_family == AF_INET && line->host.any.sa_family == AF_INET))
        return peer->v4.sin_addr.s_addr == line->host.v4.sin_addr.s_addr;
    host = *peer;
    address_set_port(&host, 0);
    return address_equal(&line->host, &host);
}

static void renew_host(struct access_line *line, const struct address *peer)
{
    char text[ADDRESS_TEXT_SIZE];

    line->host = *peer;
    address_set_port(&line->host, 0);
    line->host_len = address_format_host(peer, text);
    memcpy(line->start, text, line->host_len);
}

struct slice access_line_host(struct access_line *line, const struct address *peer)
{
    if (line->host_len == 0 || !is_host_of(line, peer)) {
        renew_host(line, peer);
        line->start_len = 0; /* the time that stood behind it does so no more */
    }
    return slice_of(line->start, line->host_len);
}

static NOINLINE void renew_start(struct access_line *line, const struct address *peer, time_t now)
{
    (void)access_line_host(line, peer);
    if (line->seconds != now || line->time_text[0] == '\0')
        renew_time(line, now);
    memcpy(line->start + line->host_len, line->time_text, sizeof(line->time_text));
    line->start_len = line->host_len + sizeof(line->time_text);
}

#define put_literal(out, s) ((char *)memcpy((out), (s), sizeof(s) - 1) + sizeof(s) - 1)

static char *put_char(char *out, char c)
{
    *out = c;
    return out + 1;
}

static char *put_number(char *out, uint64_t value)
{
    return out + number_format(out, value);
}

/* Of the program's own: needs no escapes. */
static char *put_word(char *out, const char *word, size_t max)
{
    const char *end = out + max;

    if (*word == '\0')
        return put_char(out, '-');
    while (*word != '\0' && out < end)
        *out++ = *word++;
    return out;
}

/* @value is below 1000. */
static char *put_three_digits(char *out, unsigned value)
{
    out[0] = (char)('0' + value / 100);
    number_two_digits(out + 1, value % 100);
    return out + 3;
}

/* Escaped, and its spaces, too, which would end the field. */
static char *put_user(char *out, const char *user)
{
    const char *end = out + USER_SIZE_MAX;
    struct slice rest = slice_from_string(user);
    struct slice word;

    for (bool is_first = true; slice_next(&rest, ' ', &word) && out < end; is_first = false) {
        if (!is_first)
            out = put_literal(out, "\\x20");
        if (word.len > 0 && out < end)
            out = log_field(out, word, (size_t)(end - out));
    }
    return out;
}

/* The start, with a name in place of its second "-". */
static NOINLINE char *put_start_of_user(char *out, const struct access_line *line, const char *user)
{
    static const size_t dashes = sizeof(" - -") - 1;

    memcpy(out, line->start, line->host_len);
    out = put_literal(out + line->host_len, " - ");
    out = put_user(out, user);
    memcpy(out, line->time_text + dashes, sizeof(line->time_text) - dashes);
    return out + sizeof(line->time_text) - dashes;
}

/* Requests come in runs from one peer, and many in one second: what they begin with is kept. */
static inline char *put_start(char *out, struct access_line *line,
                              const struct access_record *record, time_t now)
{
    if (UNLIKELY(line->start_len == 0 || line->seconds != now || !is_host_of(line, record->peer)))
        renew_start(line, record->peer, now);
    if (UNLIKELY(record->user != NULL))
        return put_start_of_user(out, line, record->user);
    memcpy(out, line->start, sizeof(line->start)); /* whatever its length: a few wide moves */
    return out + line->start_len;
}

/* "0.001" */
static char *put_duration(char *out, int64_t duration_ms)
{
    uint64_t ms = duration_ms > 0 ? (uint64_t)duration_ms : 0;

    if (LIKELY(ms < 1000))
        out = put_char(out, '0');
    else
        out = put_number(out, ms / 1000);
    return put_three_digits(put_char(out, '.'), (unsigned)(ms % 1000));
}

/* All but the newline; before @end there has to be room for what comes behind the user agent. */
static inline char *put_combined(char *out, const char *end, struct access_line *line,
                                 const struct access_record *record, time_t now)
{
    out = put_start(out, line, record, now);
    out = log_field(out, record->request_line, REQUEST_SIZE_MAX);
    out = put_literal(out, "\" ");
    out = put_three_digits(out, record->status);
    out = put_char(out, ' ');
    out = put_number(out, record->body_bytes);
    out = put_literal(out, " \"");
    out = log_field(out, record->referer, REFERER_SIZE_MAX);
    out = put_literal(out, "\" \"");
    out = log_field(out, record->user_agent, MIN(AGENT_SIZE_MAX, (size_t)(end - out)));
    out = put_literal(out, "\" ");
    out = put_duration(out, record->duration_ms);
    out = put_char(out, ' ');
    return put_word(out, record->reason, REASON_SIZE_MAX);
}

/* Which part of the file it was, at the end of a line; returns the line's length. */
static size_t end_line(char *out, const char *start, const struct access_record *record)
{
    if (UNLIKELY(record->range.len > 0)) {
        out = put_char(out, ' ');
        memcpy(out, record->range.data, record->range.len);
        out += record->range.len;
    }
    *out++ = '\n';
    assert((size_t)(out - start) <= ACCESS_LINE_SIZE_MAX);
    return (size_t)(out - start);
}

size_t access_line_write(struct access_line *line, const struct access_record *record, time_t now,
                         char *out)
{
    const char *end = out + ACCESS_LINE_SIZE_MAX - LINE_END_SIZE_MAX;

    return end_line(put_combined(out, end, line, record, now), out, record);
}

/* Without a port it is that of http. */
static char *put_authority(char *out, struct slice host)
{
    ptrdiff_t colon = slice_find_last(host, ':');
    bool has_port = colon > slice_find_last(host, ']');

    out = log_field(out, host, HOST_SIZE_MAX);
    if (!has_port)
        out = put_literal(out, ":80");
    return put_char(out, ' ');
}

size_t access_line_write_vhost(struct access_line *line, const struct access_record *record,
                               time_t now, char *out)
{
    const char *end = out + ACCESS_LINE_SIZE_MAX - LINE_END_SIZE_MAX;
    char *at = put_authority(out, record->host);

    return end_line(put_combined(at, end, line, record, now), out, record);
}

/* "0.000123"; "-" for what never came. */
static char *put_seconds(char *out, uint32_t us)
{
    out = put_char(out, ' ');
    if (us == 0)
        return put_char(out, '-');
    out = put_char(put_number(out, us / 1000000), '.');
    number_format_padded(out, 6, us % 1000000);
    return out + 6;
}

size_t access_line_write_upstream(struct access_line *line, const struct access_record *record,
                                  time_t now, char *out)
{
    static const struct access_upstream none = {.ended_by = '-'};
    const struct access_upstream *upstream = record->upstream ? record->upstream : &none;
    const char *end = out + ACCESS_LINE_SIZE_MAX - LINE_END_SIZE_MAX - UPSTREAM_SIZE_MAX;
    char *at = put_char(put_combined(out, end, line, record, now), ' ');

    at = log_field(at, slice_from_string(upstream->server ? upstream->server : ""),
                   SERVER_SIZE_MAX);
    at = put_number(put_char(at, ' '), upstream->attempts);
    at = put_seconds(at, upstream->connect_us);
    at = put_seconds(at, upstream->first_byte_us);
    at = put_seconds(at, upstream->total_us);
    at = put_char(put_char(at, ' '), upstream->ended_by);
    at = put_word(put_char(at, ' '), record->cache ? record->cache : "", CACHE_SIZE_MAX);
    return end_line(at, out, record);
}
