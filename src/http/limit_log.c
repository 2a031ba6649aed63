/* SPDX-License-Identifier: MIT */
/* limit_log.c - one sentence a limit. */
#include "http/limit_log.h"

#include "base/log.h"

#include <stdio.h>

/* What is usual goes to debug, the fault of a single client to info, what somebody does to the
 * server to notice, and what the server lacks is a warning. */
static const struct {
    enum log_level level;
    const char *what; /* behind "client ADDRESS" */
} rows[] = {
    [LIMIT_HEADER_TIMEOUT] = {LOG_INFO, "sent no whole head of a request in header_timeout"},
    [LIMIT_BODY_TIMEOUT] = {LOG_INFO, "sent nothing of a body for body_timeout"},
    [LIMIT_MIN_BODY_RATE] = {LOG_INFO, "sent a body more slowly than min_body_rate"},
    [LIMIT_KEEPALIVE_TIMEOUT] = {LOG_DEBUG, "was quiet for keepalive_timeout"},
    [LIMIT_SEND_TIMEOUT] = {LOG_INFO, "took nothing of an answer for send_timeout"},
    [LIMIT_MIN_SEND_RATE] = {LOG_INFO, "took an answer more slowly than min_send_rate"},
    [LIMIT_HEADER_SIZE] = {LOG_INFO, "sent a head above max_header_size"},
    [LIMIT_HEADER_COUNT] = {LOG_INFO, "sent more header fields than max_header_count"},
    [LIMIT_URI_SIZE] = {LOG_INFO, "asked for a target above max_uri_size"},
    [LIMIT_BODY_SIZE] = {LOG_INFO, "sent a body above max_body_size"},
    [LIMIT_KEEPALIVE_REQUESTS] = {LOG_DEBUG, "has used up its keepalive_requests"},
    [LIMIT_WORKER_CONNECTIONS] = {LOG_WARN, "was idle and made room, as worker_connections or "
                                            "max_open_files was reached"},
    [LIMIT_CLIENT_CONNECTIONS] = {LOG_NOTICE, "was refused: it has client_connections already"},
    [LIMIT_CLIENT_TABLE] = {LOG_WARN, "is not limited: too many addresses to remember"},
    [LIMIT_REQUEST_RATE] = {LOG_NOTICE, "was refused: it asks more often than request_rate"},
    [LIMIT_TRUSTED_PROXY] = {LOG_NOTICE, "was refused: it is not in trusted_proxy, and asked where "
                                         "only proxies may"},
    [LIMIT_PROXY_PROTOCOL] = {LOG_NOTICE, "was refused: it sent no PROXY header, or a wrong one"},
    [LIMIT_OPEN_FILES] = {LOG_WARN, "waits or was refused: no descriptor is left (max_open_files)"},
    [LIMIT_MEMORY] = {LOG_WARN, "was refused or cut off: out of memory"},
};
static_assert(COUNT_OF(rows) == LIMIT_COUNT, "every limit has its sentence");

void limit_log_init(struct limit_log *log, struct worker_counters *counters)
{
    *log = (struct limit_log){.counters = counters};
    for (size_t i = 0; i < LIMIT_COUNT; i++)
        log->limits[i].next_ms = INT64_MIN;
}

void limit_log_note(struct limit_log *log, enum limit limit, const struct address *peer,
                    int64_t now_ms)
{
    char client[ADDRESS_TEXT_SIZE] = "(unknown)";
    char others[64] = "";
    uint64_t unsaid = log->limits[limit].unsaid;

    counter_add(&log->counters->limits[limit], 1);
    if (!log_is_on(LOG_HTTP, rows[limit].level))
        return;
    if (now_ms < log->limits[limit].next_ms) {
        log->limits[limit].unsaid++;
        return;
    }
    log->limits[limit].next_ms = now_ms + LIMIT_LOG_PAUSE_MS;
    log->limits[limit].unsaid = 0;
    if (peer)
        (void)address_format_host(peer, client);
    if (unsaid > 0)
        (void)snprintf(others, sizeof(others), " (and %llu times more since this was said last)",
                       (unsigned long long)unsaid);
    log_at(LOG_HTTP, rows[limit].level, 0, "client %s %s%s", client, rows[limit].what, others);
}
