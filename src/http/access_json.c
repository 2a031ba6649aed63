/* SPDX-License-Identifier: MIT */
/* access_json.c - every field is made UTF-8 and cut before it is escaped, so that no line is long. */
#include "http/access_json.h"

#include "base/utf8.h"
#include "base/writer.h"

/* Bytes in the line; together with all the rest they are less than a line has. */
#define TARGET_SIZE_MAX 1408
#define REFERER_SIZE_MAX 600
#define AGENT_SIZE_MAX 640
#define HOST_SIZE_MAX 256
#define USER_SIZE_MAX 128
#define SHORT_SIZE_MAX 64
#define WORD_SIZE_MAX 16

#define REPLACEMENT "\xef\xbf\xbd"
/* "\u001f" */
#define ESCAPE_SIZE 6

/* What one byte of UTF-8 takes at most when it is escaped. */
static size_t escaped_size(char c)
{
    return (unsigned char)c < 0x20 || c == '"' || c == '\\' ? ESCAPE_SIZE : 1;
}

/* @text as UTF-8 that takes at most @max bytes when it is escaped, in @out of as many. */
static struct slice clean(struct slice text, char *out, size_t max)
{
    struct writer w = writer_on(out, max);
    size_t size = 0;

    while (text.len > 0) {
        size_t valid = utf8_valid_length(text);

        for (size_t i = 0; i < valid; i++) {
            size += escaped_size(text.data[i]);
            if (size > max) {
                w.len = utf8_valid_length(writer_content(&w)); /* no half a character */
                return writer_content(&w);
            }
            writer_char(&w, text.data[i]);
        }
        text = slice_from(text, valid);
        if (text.len == 0)
            break;
        size += sizeof(REPLACEMENT) - 1;
        if (size > max)
            break;
        writer_literal(&w, REPLACEMENT);
        text = slice_from(text, 1);
    }
    return writer_content(&w);
}

static void append_string(struct writer *w, struct slice text, size_t max)
{
    char space[TARGET_SIZE_MAX];

    if (text.len == 0)
        writer_literal(w, "null");
    else
        writer_json_string(w, clean(text, space, MIN(max, sizeof(space))));
}

#define append_member(w, name, text, max)                                                          \
    do {                                                                                           \
        writer_literal((w), ",\"" name "\":");                                                     \
        append_string((w), (text), (max));                                                         \
    } while (0)

static void append_time(struct writer *w, time_t now)
{
    struct tm utc;

    writer_literal(w, "{\"time\":\"");
    if (!gmtime_r(&now, &utc))
        utc = (struct tm){.tm_year = 70, .tm_mday = 1};
    writer_format(w, "%04d-%02d-%02dT%02d:%02d:%02dZ\"", utc.tm_year + 1900, utc.tm_mon + 1,
                  utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

/* "GET /a HTTP/1.1", taken apart. */
static void append_request(struct writer *w, struct slice request_line)
{
    struct slice none = slice_of(NULL, 0);
    struct slice part[3] = {none, none, none};
    struct slice rest = request_line;
    size_t count = 0;

    while (count < COUNT_OF(part) && slice_next(&rest, ' ', &part[count]))
        count++;
    if (count < COUNT_OF(part) || rest.data || part[0].len > SHORT_SIZE_MAX ||
        part[2].len > SHORT_SIZE_MAX) {
        part[0] = part[2] = none;
        part[1] = request_line;
    }
    append_member(w, "method", part[0], SHORT_SIZE_MAX);
    append_member(w, "target", part[1], TARGET_SIZE_MAX);
    append_member(w, "protocol", part[2], SHORT_SIZE_MAX);
}

/* In seconds; null: it never came to that. */
static void append_time_member(struct writer *w, const char *name, uint32_t us)
{
    if (us == 0)
        writer_format(w, ",\"%s\":null", name);
    else
        writer_format(w, ",\"%s\":%u.%06u", name, us / 1000000, us % 1000000);
}

static void append_upstream(struct writer *w, const struct access_upstream *upstream)
{
    writer_literal(w, ",\"upstream\":");
    if (!upstream) {
        writer_literal(w, "null");
        return;
    }
    writer_literal(w, "{\"server\":");
    append_string(w, slice_from_string(upstream->server ? upstream->server : ""), SHORT_SIZE_MAX);
    writer_format(w, ",\"attempts\":%u,\"reused\":%s", upstream->attempts,
                  upstream->is_reused ? "true" : "false");
    append_time_member(w, "connect", upstream->connect_us);
    append_time_member(w, "first_byte", upstream->first_byte_us);
    append_time_member(w, "total", upstream->total_us);
    writer_format(w, ",\"ended_by\":\"%c\"}", upstream->ended_by);
}

size_t access_json_write(struct access_line *line, const struct access_record *record, time_t now,
                         char *out)
{
    uint64_t duration_ms = record->duration_ms > 0 ? (uint64_t)record->duration_ms : 0;
    struct writer w = writer_on(out, ACCESS_LINE_SIZE_MAX);
    struct slice user = record->user ? slice_from_string(record->user) : slice_of(NULL, 0);

    append_time(&w, now);
    append_member(&w, "client", access_line_host(line, record->peer), SHORT_SIZE_MAX);
    append_member(&w, "user", user, USER_SIZE_MAX);
    append_member(&w, "host", record->host, HOST_SIZE_MAX);
    append_request(&w, record->request_line);
    writer_format(&w, ",\"status\":%u,\"bytes\":%llu,\"duration\":%llu.%03u", record->status,
                  (unsigned long long)record->body_bytes, (unsigned long long)duration_ms / 1000,
                  (unsigned)(duration_ms % 1000));
    append_member(&w, "referer", record->referer, REFERER_SIZE_MAX);
    append_member(&w, "user_agent", record->user_agent, AGENT_SIZE_MAX);
    append_member(&w, "request_id", slice_of(record->request_id, record->request_id_len),
                  UINT8_MAX);
    append_member(&w, "reason", slice_from_string(record->reason), SHORT_SIZE_MAX);
    append_upstream(&w, record->upstream);
    append_member(&w, "cache", slice_from_string(record->cache ? record->cache : ""),
                  WORD_SIZE_MAX);
    append_member(&w, "coding",
                  record->coding == CODING_IDENTITY ? slice_of(NULL, 0)
                                                    : coding_name(record->coding),
                  WORD_SIZE_MAX);
    append_member(&w, "range", record->range, SHORT_SIZE_MAX);
    writer_literal(&w, "}\n");
    assert(!w.overflow);
    return w.len;
}
