/* SPDX-License-Identifier: MIT */
/*
 * access_log.c - formats lines straight into a buffer and writes it out in whole lines.
 *
 * A regular file takes the whole buffer in one write: O_APPEND keeps workers apart. A pipe keeps
 * writers apart up to PIPE_BUF bytes, so no line is longer than that, and no write to anything
 * that may block is. Such descriptors are shared with strangers, whose reads and writes must not
 * become non-blocking because of us: each write asks for it alone (RWF_NOWAIT), after poll(2).
 */
#include "http/access_log.h"

#include "base/log.h"
#include "base/number.h"
#include "base/writer.h"
#include "http/http_date.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define BUFFER_SIZE (64 * 1024)
/* One byte less than a pipe takes at once, which is for the newline after a torn line. */
#define PIECE_SIZE_MAX (PIPE_BUF - 1)
#define LINE_SIZE_MAX PIECE_SIZE_MAX
#define FLUSH_DELAY_MS 1000
#define REPORT_DELAY_MS 60000

/* Fields from the peer, escaped, are cut to these; the user agent also to what a line has left. */
#define REQUEST_SIZE_MAX 2048
#define REFERER_SIZE_MAX 1024
#define AGENT_SIZE_MAX 1024
/* `" 1234.567 reason` and the newline, with room for a long time and reason. */
#define LINE_END_SIZE_MAX 96

struct access_log {
    struct event_loop *loop;
    struct timer flush_timer;
    counter *dropped;
    int fd;
    bool may_block; /* a pipe, socket or terminal: anything but a file or a plain device */
    bool is_torn;   /* the last byte that was written did not end a line */
    int64_t next_report_ms;

    time_t time_seconds; /* what time_text says */
    char time_text[sizeof(" - - [24/Nov/2026:10:15:42 +0000] \"") - 1];
    struct address host; /* what host_text says */
    size_t host_len;
    char host_text[ADDRESS_TEXT_SIZE];

    char *text; /* in storage, one byte behind a newline: for the line after a torn one */
    size_t used;
    char storage[1 + BUFFER_SIZE];
};

static bool fd_may_block(int fd)
{
    struct stat st;

    if (fstat(fd, &st) == -1)
        return true;
    return !S_ISREG(st.st_mode) && (!S_ISCHR(st.st_mode) || isatty(fd));
}

static unsigned count_lines(struct slice text)
{
    unsigned count = 0;
    ptrdiff_t at;

    while ((at = slice_find(text, '\n')) != -1) {
        count++;
        text = slice_from(text, (size_t)at + 1);
    }
    return count;
}

/* A line that was cut counts too: its end is still in the buffer. */
static void drop_all(struct access_log *log, int err)
{
    unsigned lines = count_lines(slice_of(log->text, log->used));

    log->used = 0;
    if (lines == 0)
        return;
    counter_add(log->dropped, lines);
    if (loop_now_ms(log->loop) >= log->next_report_ms) {
        log->next_report_ms = loop_now_ms(log->loop) + REPORT_DELAY_MS;
        log_error_errno(LOG_HTTP, err, "access log: %u lines dropped", lines);
    }
}

/* How many bytes, or -errno; -EAGAIN rather than wait. */
static ssize_t write_now(const struct access_log *log, char *text, size_t len)
{
    ssize_t written;

    if (log->may_block) {
        struct pollfd writable = {.fd = log->fd, .events = POLLOUT};
        struct iovec vec = {.iov_base = text, .iov_len = len};

        if (poll(&writable, 1, 0) == 0)
            return -EAGAIN;
        written = pwritev2(log->fd, &vec, 1, -1, RWF_NOWAIT);
        if (written >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL))
            return written >= 0 ? written : -errno;
    }
    do
        written = write(log->fd, text, len);
    while (written == -1 && errno == EINTR);
    return written >= 0 ? written : -errno;
}

/* Length of the whole lines from text[@done] on that go out in one write. */
static size_t piece_length(const struct access_log *log, size_t done)
{
    struct slice rest = slice_of(log->text + done, log->used - done);

    if (!log->may_block || rest.len <= PIECE_SIZE_MAX)
        return rest.len;
    rest.len = PIECE_SIZE_MAX;
    return (size_t)(slice_find_last(rest, '\n') + 1);
}

/* Until a write does not take all it was given. What would have blocked stays in the buffer;
 * what failed, or followed a line that was cut, is dropped. */
static void write_out(struct access_log *log)
{
    size_t done = 0;
    int err = 0;

    while (done < log->used && !err) {
        size_t before = log->is_torn ? 1 : 0;
        char *start = log->text + done - before; /* torn: only at the start of the text */
        size_t len = piece_length(log, done) + before;
        ssize_t written = write_now(log, start, len);

        if (written > 0) {
            log->is_torn = start[written - 1] != '\n';
            done += (size_t)written - before;
        }
        if (written < 0)
            err = (int)written;
        else if ((size_t)written < len)
            err = -ENOSPC;
    }
    log->used -= done;
    memmove(log->text, log->text + done, log->used);
    if (err && err != -EAGAIN)
        drop_all(log, err);
}

void access_log_flush(struct access_log *log)
{
    loop_cancel_timer(log->loop, &log->flush_timer);
    write_out(log);
    if (log->used > 0 &&
        loop_set_timer(log->loop, &log->flush_timer, loop_now_ms(log->loop) + FLUSH_DELAY_MS) != 0)
        drop_all(log, -ENOMEM);
}

static void on_flush_timer(struct timer *timer)
{
    access_log_flush(container_of(timer, struct access_log, flush_timer));
}

struct access_log *access_log_create(struct event_loop *loop, int fd, counter *dropped)
{
    struct access_log *log = malloc(sizeof(*log));

    if (!log)
        return NULL;
    *log = (struct access_log){
        .loop = loop,
        .dropped = dropped,
        .fd = fd,
        .may_block = fd_may_block(fd),
        .next_report_ms = INT64_MIN,
        .time_seconds = -1,
        .text = log->storage + 1,
        .storage = {'\n'},
    };
    timer_init(&log->flush_timer, on_flush_timer);
    return log;
}

/* The last try to write; whatever stays has no second one. */
static void flush_or_drop(struct access_log *log)
{
    loop_cancel_timer(log->loop, &log->flush_timer);
    write_out(log);
    drop_all(log, -EAGAIN);
}

void access_log_destroy(struct access_log *log)
{
    if (!log)
        return;
    flush_or_drop(log);
    free(log);
}

void access_log_set_fd(struct access_log *log, int fd)
{
    flush_or_drop(log);
    log->fd = fd;
    log->may_block = fd_may_block(fd);
    log->is_torn = false;
}

/* From an HTTP date, which has all of it in another order: once a second. */
static struct slice time_text(struct access_log *log)
{
    time_t now = loop_wall_seconds(log->loop);
    char date[HTTP_DATE_SIZE];

    if (now != log->time_seconds) {
        http_date_format(date, now);
        memcpy(log->time_text, " - - [24/Nov/2026:10:15:42 +0000] \"", sizeof(log->time_text));
        memcpy(log->time_text + 6, date + 5, 2);
        memcpy(log->time_text + 9, date + 8, 3);
        memcpy(log->time_text + 13, date + 12, 4);
        memcpy(log->time_text + 18, date + 17, 8);
        log->time_seconds = now;
    }
    return slice_of(log->time_text, sizeof(log->time_text));
}

/* Requests come in runs from one peer: on its connections, or from the proxy in front. */
static struct slice host_text(struct access_log *log, const struct address *peer)
{
    struct address host = *peer;

    address_set_port(&host, 0);
    if (log->host_len == 0 || !address_equal(&log->host, &host)) {
        log->host_len = address_format_host(&host, log->host_text);
        log->host = host;
    }
    return slice_of(log->host_text, log->host_len);
}

#define EACH_BYTE(c) (UINT64_C(0x0101010101010101) * (unsigned char)(c))

/* True when one of eight bytes is to be escaped. A borrow can only come from a byte that is. */
static bool has_special(uint64_t word)
{
    uint64_t controls = word - EACH_BYTE(0x20);
    uint64_t quotes = (word ^ EACH_BYTE('"')) - EACH_BYTE(1);
    uint64_t backslashes = (word ^ EACH_BYTE('\\')) - EACH_BYTE(1);
    uint64_t deletes = (word ^ EACH_BYTE(0x7f)) - EACH_BYTE(1);

    return ((word | controls | quotes | backslashes | deletes) & EACH_BYTE(0x80)) != 0;
}

static bool is_special(unsigned char c)
{
    return c < 0x20 || c >= 0x7f || c == '"' || c == '\\';
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
        unsigned char c = (unsigned char)text.data[i];
        uint64_t word;

        if (text.len - i >= sizeof(word) && (size_t)(end - out) >= sizeof(word)) {
            memcpy(&word, text.data + i, sizeof(word));
            if (LIKELY(!has_special(word))) {
                memcpy(out, &word, sizeof(word));
                out += sizeof(word);
                i += sizeof(word);
                continue;
            }
        }
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
        i++;
    }
    w->len = (size_t)(out - w->data);
}

static void append_padded(struct writer *w, unsigned width, uint64_t value)
{
    char digits[NUMBER_TEXT_SIZE];

    number_format_padded(digits, width, value);
    writer_append(w, digits, width);
}

static void write_line(struct access_log *log, const struct access_record *record, struct writer *w)
{
    uint64_t duration_ms = record->duration_ms > 0 ? (uint64_t)record->duration_ms : 0;

    writer_slice(w, host_text(log, record->peer));
    writer_slice(w, time_text(log));
    append_field(w, record->request_line, REQUEST_SIZE_MAX);
    writer_literal(w, "\" ");
    append_padded(w, 3, record->status);
    writer_char(w, ' ');
    writer_number(w, record->body_bytes);
    writer_literal(w, " \"");
    append_field(w, record->referer, REFERER_SIZE_MAX);
    writer_literal(w, "\" \"");
    append_field(w, record->user_agent,
                 MIN(AGENT_SIZE_MAX, w->capacity - w->len - LINE_END_SIZE_MAX));
    writer_literal(w, "\" ");
    writer_number(w, duration_ms / 1000);
    writer_char(w, '.');
    append_padded(w, 3, duration_ms % 1000);
    writer_char(w, ' ');
    writer_string(w, record->reason);
    writer_char(w, '\n');
}

void access_log_append(struct access_log *log, const struct access_record *record)
{
    struct writer w;

    if (BUFFER_SIZE - log->used < LINE_SIZE_MAX) {
        access_log_flush(log);
        if (BUFFER_SIZE - log->used < LINE_SIZE_MAX)
            drop_all(log, -EAGAIN);
    }
    w = writer_on(log->text + log->used, LINE_SIZE_MAX);
    write_line(log, record, &w);
    assert(!w.overflow); /* only our own reason could be too long */
    log->used += w.len;
    if (!timer_is_armed(&log->flush_timer) &&
        loop_set_timer(log->loop, &log->flush_timer, loop_now_ms(log->loop) + FLUSH_DELAY_MS) != 0)
        access_log_flush(log);
}
