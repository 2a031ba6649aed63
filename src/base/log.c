/* SPDX-License-Identifier: MIT */
/* log.c - formats a line on the stack and hands it to the kernel in one write. */
#include "base/log.h"

#include "base/number.h"
#include "base/syslog_head.h"
#include "base/writer.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Newline included. Below PIPE_BUF, so that a pipe takes a line whole or not at all. */
#define LINE_SIZE 2048

static const char *const level_names[] = {
    [LOG_ERROR] = "error", [LOG_WARN] = "warn",   [LOG_NOTICE] = "notice",
    [LOG_INFO] = "info",   [LOG_DEBUG] = "debug",
};
static_assert(COUNT_OF(level_names) == LOG_LEVEL_COUNT, "a name for each level");

static const char *const module_names[] = {
    [LOG_MAIN] = "main",   [LOG_CONFIG] = "config",   [LOG_PROCESS] = "process",
    [LOG_EVENT] = "event", [LOG_NET] = "net",         [LOG_FILE] = "file",
    [LOG_HTTP] = "http",   [LOG_HANDLER] = "handler",
};
static_assert(COUNT_OF(module_names) == LOG_MODULE_COUNT, "a name for each module");

unsigned char log_levels[] = {
    LOG_NOTICE, LOG_NOTICE, LOG_NOTICE, LOG_NOTICE, LOG_NOTICE, LOG_NOTICE, LOG_NOTICE, LOG_NOTICE,
};
static_assert(COUNT_OF(log_levels) == LOG_MODULE_COUNT, "a level for each module");

static const unsigned severities[] = {
    [LOG_ERROR] = SYSLOG_ERROR, [LOG_WARN] = SYSLOG_WARNING, [LOG_NOTICE] = SYSLOG_NOTICE,
    [LOG_INFO] = SYSLOG_INFO,   [LOG_DEBUG] = SYSLOG_DEBUG,
};
static_assert(COUNT_OF(severities) == LOG_LEVEL_COUNT, "a severity for each level");

static int sink = STDERR_FILENO;
static bool sink_is_syslog;
static _Atomic uint64_t dropped;

const char *log_level_name(enum log_level level)
{
    return level_names[level];
}

const char *log_module_name(enum log_module module)
{
    return module_names[module];
}

/* Returns @count when there is none of that name. */
static size_t find_name(const char *const *names, size_t count, struct slice name)
{
    size_t i = 0;

    while (i < count && !slice_equal(name, slice_from_string(names[i])))
        i++;
    return i;
}

bool log_level_from_name(struct slice name, enum log_level *ret_level)
{
    size_t found = find_name(level_names, LOG_LEVEL_COUNT, name);

    if (found == LOG_LEVEL_COUNT)
        return false;
    *ret_level = (enum log_level)found;
    return true;
}

bool log_module_from_name(struct slice name, enum log_module *ret_module)
{
    size_t found = find_name(module_names, LOG_MODULE_COUNT, name);

    if (found == LOG_MODULE_COUNT)
        return false;
    *ret_module = (enum log_module)found;
    return true;
}

void log_set_fd(int fd)
{
    sink = fd;
    sink_is_syslog = syslog_is_socket(fd);
}

int log_fd(void)
{
    return sink;
}

void log_set_level(enum log_module module, enum log_level level)
{
    log_levels[module] = (unsigned char)level;
}

void log_set_all_levels(enum log_level level)
{
    for (size_t i = 0; i < LOG_MODULE_COUNT; i++)
        log_levels[i] = (unsigned char)level;
}

uint64_t log_dropped(void)
{
    return atomic_load_explicit(&dropped, memory_order_relaxed);
}

static void write_head(struct writer *w, enum log_module module, enum log_level level)
{
    struct timespec now = {0};
    struct tm utc = {0};

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (sink_is_syslog) {
        struct syslog_head head = {0};

        writer_slice(w, syslog_head(&head, SYSLOG_DAEMON + severities[level], now.tv_sec));
        writer_format(w, "[%s] %s: ", level_names[level], module_names[module]);
        return;
    }
    (void)gmtime_r(&now.tv_sec, &utc);
    writer_format(w, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ %ld [%s] %s: ", utc.tm_year + 1900,
                  utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                  now.tv_nsec / 1000000, (long)getpid(), level_names[level], module_names[module]);
}

/* Control bytes as \xHH; bytes from 0x80 on stay, so that names in UTF-8 can be read. */
static void write_message(struct writer *w, struct slice message)
{
    for (size_t i = 0; i < message.len; i++) {
        unsigned char byte = (unsigned char)message.data[i];

        if (byte < 0x20 || byte == 0x7f)
            writer_format(w, "\\x%02X", byte);
        else
            writer_char(w, message.data[i]);
    }
}

/* Where a text was cut, the first bytes of a UTF-8 sequence may stand without their last. */
static void drop_partial_character(struct writer *w)
{
    size_t tail = 0;
    unsigned char lead;

    while (tail < 3 && tail < w->len && ((unsigned char)w->data[w->len - 1 - tail] & 0xc0) == 0x80)
        tail++;
    if (tail == w->len)
        return;
    lead = (unsigned char)w->data[w->len - 1 - tail];
    if ((lead >= 0xc0 && tail < 1) || (lead >= 0xe0 && tail < 2) || (lead >= 0xf0 && tail < 3))
        w->len -= tail + 1;
}

/*
 * A pipe whose reader sleeps, or a stopped terminal, must not stop the server: what has no room is
 * dropped. Between poll and write another process may take the room; only a descriptor opened
 * with O_NONBLOCK is safe from that too.
 */
static bool put_line(const char *line, size_t len)
{
    struct pollfd ready = {.fd = sink, .events = POLLOUT};
    ssize_t written;

    if (poll(&ready, 1, 0) != 1 || ready.revents != POLLOUT)
        return false;
    do {
        written = write(sink, line, len);
    } while (written == -1 && errno == EINTR);
    return written == (ssize_t)len;
}

void log_write(enum log_module module, enum log_level level, int err, const char *format, ...)
{
    int saved_errno = errno;
    char message[LINE_SIZE];
    char line[LINE_SIZE];
    struct writer w = writer_on(line, sizeof(line));
    /* Thread-safe since glibc 2.32, and in musl. */
    struct slice reason = err ? slice_from_string(strerror(abs(err))) : slice_of(NULL, 0);
    size_t reserved = sizeof("...: \n") - 1 + reason.len;
    va_list args;
    int len;

    errno = saved_errno; /* for a caller's %m */
    va_start(args, format);
    len = vsnprintf(message, sizeof(message), format, args);
    va_end(args);

    write_head(&w, module, level);
    w.capacity -= reserved;
    if (len > 0)
        write_message(&w, slice_of(message, MIN((size_t)len, sizeof(message) - 1)));
    w.capacity += reserved;
    if (w.overflow || len >= (int)sizeof(message)) {
        w.overflow = false;
        drop_partial_character(&w);
        writer_literal(&w, "...");
    }
    if (err) {
        writer_literal(&w, ": ");
        writer_slice(&w, reason);
    }
    if (!sink_is_syslog)
        writer_char(&w, '\n');
    if (!put_line(line, w.len))
        atomic_fetch_add_explicit(&dropped, 1, memory_order_relaxed);
    errno = saved_errno;
}
