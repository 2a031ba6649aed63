/* SPDX-License-Identifier: MIT */
/*
 * log.h - the error log: one line, one write(2). The only file-level state of the program.
 *
 *   2026-11-24T10:15:42.123Z 4711 [error] net: worker 3: cannot accept: Too many open files
 *
 * time (UTC), pid, level, module, message. Control bytes in the message are escaped, so that no
 * caller can break a line; user bytes are escaped by the caller with writer_log_escaped. A line
 * that cannot be written (disk full, full pipe) is dropped and counted, and never blocks. To a
 * socket of datagrams a line goes as syslog daemons expect it (syslog_head.h), with level, module and
 * message. Level is set per module. The arguments are not evaluated below the level.
 *
 * base/, os/, event/, net/, file/ do not log above debug: they return errors. Whoever decides
 * what an error means logs it, once.
 */
#ifndef TINYWEB_BASE_LOG_H
#define TINYWEB_BASE_LOG_H

#include "base/macros.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_NOTICE, LOG_INFO, LOG_DEBUG, LOG_LEVEL_COUNT };

/* A module is a folder of src/; `log_level.net = debug` in the configuration names one. */
enum log_module {
    LOG_MAIN,
    LOG_CONFIG,
    LOG_PROCESS,
    LOG_EVENT,
    LOG_NET,
    LOG_FILE,
    LOG_HTTP,
    LOG_HANDLER,
    LOG_MODULE_COUNT
};

/* Lower-case names: "error", "warn", …; "main", "config", … Lookup returns false if unknown. */
const char *log_level_name(enum log_level level);
const char *log_module_name(enum log_module module);
bool log_level_from_name(struct slice name, enum log_level *ret_level);
bool log_module_from_name(struct slice name, enum log_module *ret_module);

/* Log goes to standard error and at level notice until told otherwise. @fd is borrowed: the
 * caller keeps it open and may replace it (reopen). Open a FIFO with O_NONBLOCK: without it a line
 * could still block when another process fills the last room at the same moment. */
void log_set_fd(int fd);
int log_fd(void);
void log_set_level(enum log_module module, enum log_level level);
void log_set_all_levels(enum log_level level);

/* Lines dropped because they could not be written. */
uint64_t log_dropped(void);

/* Not for callers: what the macros test. */
extern unsigned char log_levels[LOG_MODULE_COUNT];
void log_write(enum log_module module, enum log_level level, int err, const char *format, ...)
    PRINTF_LIKE(4, 5);

#define log_is_on(module, level) ((level) <= log_levels[module])
#define log_at(module, level, err, ...)                                                            \
    do {                                                                                           \
        if (log_is_on(module, level))                                                              \
            log_write(module, level, err, __VA_ARGS__);                                            \
    } while (0)

/* log_error(LOG_NET, "worker %u: …", …); the _errno forms append ": " and the text of @err, which
 * may be negative (-EMFILE) or positive. */
#define log_error(module, ...) log_at(module, LOG_ERROR, 0, __VA_ARGS__)
#define log_warn(module, ...) log_at(module, LOG_WARN, 0, __VA_ARGS__)
#define log_notice(module, ...) log_at(module, LOG_NOTICE, 0, __VA_ARGS__)
#define log_info(module, ...) log_at(module, LOG_INFO, 0, __VA_ARGS__)
#define log_debug(module, ...) log_at(module, LOG_DEBUG, 0, __VA_ARGS__)
#define log_error_errno(module, err, ...) log_at(module, LOG_ERROR, err, __VA_ARGS__)
#define log_warn_errno(module, err, ...) log_at(module, LOG_WARN, err, __VA_ARGS__)

#endif
