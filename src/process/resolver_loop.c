/* SPDX-License-Identifier: MIT */
/* resolver_loop.c - one name after the other; whoever waits for an answer is nobody but this. */
#include "process/resolver_loop.h"

#include "base/log.h"
#include "event/event_loop.h"

#include <errno.h>
#include <netdb.h>
#include <time.h>

size_t resolver_collect(const struct config *config, struct resolved_name *names, size_t count,
                        size_t capacity)
{
    for (size_t i = 0; i < config->upstream_count; i++) {
        const struct upstream_config *upstream = &config->upstreams[i];
        for (size_t k = 0; k < upstream->server_count; k++) {
            const char *host = upstream->servers[k].host;
            size_t place = 0;
            if (!host)
                continue;
            while (place < count && strcmp(names[place].host, host) != 0)
                place++;
            if (place == capacity)
                return count;
            if (place == count)
                names[count++] = (struct resolved_name){.host = host,
                                                        .interval_ms = upstream->resolve_ms};
            names[place].interval_ms = MIN(names[place].interval_ms, upstream->resolve_ms);
        }
    }
    return count;
}

/* The addresses of a list, each once. */
static size_t take_addresses(const struct addrinfo *list, struct address *ret_addresses)
{
    size_t count = 0;
    for (const struct addrinfo *info = list; info && count < NAME_ADDRESSES_MAX;
         info = info->ai_next) {
        struct address addr = {.any.sa_family = AF_UNSPEC};
        if (info->ai_family == AF_INET && info->ai_addrlen >= sizeof(addr.v4))
            memcpy(&addr.v4, info->ai_addr, sizeof(addr.v4));
        else if (info->ai_family == AF_INET6 && info->ai_addrlen >= sizeof(addr.v6))
            memcpy(&addr.v6, info->ai_addr, sizeof(addr.v6));
        else
            continue;
        size_t place = 0;
        while (place < count && !address_equal(&ret_addresses[place], &addr))
            place++;
        if (place == count)
            ret_addresses[count++] = addr;
    }
    return count;
}

static void tell_failure(struct resolved_name *name, int err)
{
    const char *reason = err == EAI_SYSTEM ? strerror(errno) : gai_strerror(err);
    if (!name->has_failed)
        log_warn(LOG_PROCESS, "resolver: cannot look up %s: %s; what was known of it stays",
                 name->host, reason);
    name->has_failed = true;
}

static void look_up(struct resolved_name *name, struct name_table *table)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct address addresses[NAME_ADDRESSES_MAX];
    struct addrinfo *list = NULL;
    int err = getaddrinfo(name->host, NULL, &hints, &list);
    if (err) {
        tell_failure(name, err);
        return;
    }
    size_t count = take_addresses(list, addresses);
    freeaddrinfo(list);
    if (count == 0) {
        tell_failure(name, EAI_NONAME);
        return;
    }
    if (name->has_failed)
        log_notice(LOG_PROCESS, "resolver: %s is known again", name->host);
    name->has_failed = false;
    if (nametable_publish(table, name->host, addresses, count))
        log_info(LOG_PROCESS, "resolver: %s has %zu other addresses than before", name->host,
                 count);
}

static void wait_ms(int64_t ms)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (ms > 0 && nanosleep(&pause, &pause) == -1 && errno == EINTR)
        continue;
}

void resolver_loop(struct resolved_name *names, size_t count, struct name_table *table)
{
    for (;;) {
        int64_t next_ms = INT64_MAX;
        for (size_t i = 0; i < count; i++) {
            if (names[i].due_ms <= loop_clock_us() / 1000) {
                look_up(&names[i], table);
                names[i].due_ms = loop_clock_us() / 1000 + names[i].interval_ms;
            }
            next_ms = MIN(next_ms, names[i].due_ms);
        }
        wait_ms(next_ms - loop_clock_us() / 1000);
    }
}
