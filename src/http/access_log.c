/* SPDX-License-Identifier: MIT */
/*
 * access_log.c - has lines written straight into a buffer, and writes it out in whole lines.
 *
 * A regular file takes the whole buffer in one write: O_APPEND keeps workers apart. A pipe keeps
 * writers apart up to PIPE_BUF bytes, so no line is longer than that, and no write to anything
 * but a file is. To a syslog daemon each line goes by itself, behind a head; when the daemon is gone
 * they wait as they do for room, since somebody connects the socket anew (os/syslog_socket.h).
 */
#include "http/access_log.h"

#include "base/log.h"
#include "base/syslog_head.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_SIZE (64 * 1024)
#define REPORT_DELAY_MS 60000

enum sink {
    SINK_FILE,   /* or a plain device: takes what it is given, or fails */
    SINK_SOCKET, /* journald's, say */
    SINK_SYSLOG, /* a socket of datagrams */
    SINK_STREAM, /* a pipe or a terminal: may have no room just now */
};

struct access_log {
    struct event_loop *loop;
    struct timer flush_timer;
    counter *dropped;
    int fd;
    enum sink sink;
    bool is_torn; /* the last byte that was written did not end a line */
    int64_t next_report_ms;
    struct access_log_settings settings;
    unsigned unsampled; /* answers below 400 since the last one that has a line */

    struct access_line line;
    struct syslog_head head;
    char *text; /* in storage, one byte behind a newline: for the line after a torn one */
    size_t used;
    char storage[]; /* BUFFER_SIZE and that byte; its pages are touched by what is logged alone */
};

static enum sink sink_of(int fd)
{
    struct stat st;

    if (fstat(fd, &st) == -1)
        return SINK_STREAM;
    if (S_ISSOCK(st.st_mode))
        return syslog_is_socket(fd) ? SINK_SYSLOG : SINK_SOCKET;
    return S_ISREG(st.st_mode) || (S_ISCHR(st.st_mode) && !isatty(fd)) ? SINK_FILE : SINK_STREAM;
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

static void count_dropped(struct access_log *log, unsigned lines, int err)
{
    if (lines == 0)
        return;
    counter_add(log->dropped, lines);
    if (loop_now_ms(log->loop) >= log->next_report_ms) {
        log->next_report_ms = loop_now_ms(log->loop) + REPORT_DELAY_MS;
        log_error_errno(LOG_HTTP, err, "access log: %llu lines dropped so far",
                        (unsigned long long)counter_get(log->dropped));
    }
}

static void drop_all(struct access_log *log, int err)
{
    count_dropped(log, count_lines(slice_of(log->text, log->used)), err);
    log->used = 0;
}

/* How many bytes, or -errno; -EAGAIN rather than wait. */
static ssize_t write_now(const struct access_log *log, const char *text, size_t len)
{
    struct pollfd writable = {.fd = log->fd, .events = POLLOUT};
    ssize_t written;

    if (log->sink == SINK_STREAM && poll(&writable, 1, 0) == 0)
        return -EAGAIN;
    do {
        written = log->sink == SINK_SOCKET || log->sink == SINK_SYSLOG
                      ? send(log->fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL)
                      : write(log->fd, text, len);
    } while (written == -1 && errno == EINTR);
    return written >= 0 ? written : -errno;
}

/* A line without its newline, all of it or nothing. */
static ssize_t send_datagram(const struct access_log *log, const char *line, size_t len)
{
    ssize_t written = write_now(log, line, len - 1);

    if (written >= 0)
        return (ssize_t)len;
    return written == -ECONNREFUSED || written == -ENOTCONN || written == -ENOBUFS ? -EAGAIN
                                                                                   : written;
}

/* Length of the whole lines from text[@done] on that go out in one write. */
static size_t piece_length(const struct access_log *log, size_t done)
{
    struct slice rest = slice_of(log->text + done, log->used - done);

    if (log->sink == SINK_SYSLOG)
        return (size_t)(slice_find(rest, '\n') + 1);
    if (log->sink == SINK_FILE || rest.len <= ACCESS_LINE_SIZE_MAX)
        return rest.len;
    rest.len = ACCESS_LINE_SIZE_MAX;
    return (size_t)(slice_find_last(rest, '\n') + 1);
}

/* One write of what follows text[*@done]: 0, or why it did not take all of that. A line that it
 * cut is done with. */
static int write_piece(struct access_log *log, size_t *done)
{
    size_t before = log->is_torn ? 1 : 0; /* torn: only at the start of the text */
    const char *start = log->text + *done - before;
    size_t len = piece_length(log, *done) + before;
    ssize_t written = log->sink == SINK_SYSLOG ? send_datagram(log, start, len)
                                               : write_now(log, start, len);
    int err;

    if (written < 0)
        return (int)written;
    if ((size_t)written == len) {
        log->is_torn = false;
        *done += len - before;
        return 0;
    }
    err = log->sink == SINK_FILE ? -ENOSPC : -EAGAIN;
    if (written == 0)
        return err;
    log->is_torn = start[written - 1] != '\n';
    *done += (size_t)written - before;
    if (log->is_torn) {
        struct slice rest = slice_of(log->text + *done, log->used - *done);

        *done += (size_t)slice_find(rest, '\n') + 1;
        count_dropped(log, 1, err);
    }
    return err;
}

/* What would have to wait stays in the buffer; what failed does not. */
static void write_out(struct access_log *log)
{
    size_t done = 0;
    int err = 0;

    while (done < log->used && !err)
        err = write_piece(log, &done);
    log->used -= done;
    memmove(log->text, log->text + done, log->used);
    if (err && err != -EAGAIN)
        drop_all(log, err);
}

void access_log_flush(struct access_log *log)
{
    loop_cancel_timer(log->loop, &log->flush_timer);
    write_out(log);
    if (log->used > 0 && loop_set_timer(log->loop, &log->flush_timer,
                                        loop_now_ms(log->loop) + log->settings.delay_ms) != 0)
        drop_all(log, -ENOMEM);
}

static void on_flush_timer(struct timer *timer)
{
    access_log_flush(container_of(timer, struct access_log, flush_timer));
}

struct access_log *access_log_create(struct event_loop *loop, int fd, counter *dropped,
                                     const struct access_log_settings *settings)
{
    struct access_log *log = malloc(sizeof(*log) + 1 + BUFFER_SIZE);

    if (!log)
        return NULL;
    *log = (struct access_log){
        .loop = loop,
        .dropped = dropped,
        .settings = *settings,
        .unsampled = settings->sample > 0 ? settings->sample - 1 : 0, /* the first one is taken */
        .fd = fd,
        .sink = sink_of(fd),
        .next_report_ms = INT64_MIN,
    };
    log->text = log->storage + 1;
    log->storage[0] = '\n';
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
    log->sink = sink_of(fd);
    log->is_torn = false;
}

/* Errors, and connections that ended without an answer, are all logged. */
static bool is_sampled(struct access_log *log, const struct access_record *record)
{
    if (record->status < 100 || record->status >= 400)
        return true;
    if (++log->unsampled != log->settings.sample)
        return false;
    log->unsampled = 0;
    return true;
}

static void append_head(struct access_log *log)
{
    struct slice head = syslog_head(&log->head, SYSLOG_LOCAL7 + SYSLOG_INFO,
                                    loop_wall_seconds(log->loop));

    memcpy(log->text + log->used, head.data, head.len);
    log->used += head.len;
}

void access_log_append(struct access_log *log, const struct access_record *record)
{
    if (UNLIKELY(log->settings.sample != 1) && !is_sampled(log, record))
        return;
    if (BUFFER_SIZE - log->used < SYSLOG_HEAD_SIZE + ACCESS_LINE_SIZE_MAX) {
        access_log_flush(log);
        if (BUFFER_SIZE - log->used < SYSLOG_HEAD_SIZE + ACCESS_LINE_SIZE_MAX)
            drop_all(log, -EAGAIN);
    }
    if (log->sink == SINK_SYSLOG)
        append_head(log);
    log->used += log->settings.write_line(&log->line, record, loop_wall_seconds(log->loop),
                                          log->text + log->used);
    if (!timer_is_armed(&log->flush_timer) &&
        loop_set_timer(log->loop, &log->flush_timer,
                       loop_now_ms(log->loop) + log->settings.delay_ms) != 0)
        access_log_flush(log);
}
