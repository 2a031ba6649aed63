/* SPDX-License-Identifier: MIT */
/* service.c - the words of sd_notify(3), and the watchdog's timer. */

#include "process/service.h"

#include "base/log.h"

#include <inttypes.h>
#include <time.h>

#define USEC_PER_MS 1000U
/* What the master itself needs beyond the time of its workers. */
#define STOP_GRACE_MS 5000U

static uint64_t monotonic_usec(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (uint64_t)now.tv_sec * 1000000U + (uint64_t)now.tv_nsec / 1000U;
}

static uint64_t count_connections(const struct shared_state *shared)
{
    size_t slots = stats_slots(&shared->stats);
    uint64_t total = 0;
    for (size_t i = 0; i < slots; i++)
        total += counter_get(&shared->counters[i].connections);
    return total;
}

/* Twice as often as it is asked for, as sd_watchdog_enabled(3) recommends. */
static void arm_watchdog(struct service *service)
{
    uint64_t half_ms = service->notify.watchdog_usec / 2 / USEC_PER_MS;
    if (service->notify.watchdog_usec == 0)
        return;
    half_ms = MAX(half_ms, UINT64_C(1));
    if (loop_set_timer(service->loop, &service->watchdog,
                       loop_now_ms(service->loop) + (int64_t)MIN(half_ms, (uint64_t)INT32_MAX)))
        log_warn(LOG_PROCESS, "no memory for the service manager's watchdog");
}

static void on_watchdog(struct timer *timer)
{
    struct service *service = container_of(timer, struct service, watchdog);
    sd_notify_send(&service->notify, "WATCHDOG=1\nSTATUS=serving, %" PRIu64 " connections",
                   count_connections(service->shared));
    arm_watchdog(service);
}

void service_init(struct service *service, struct event_loop *loop,
                  const struct shared_state *shared)
{
    *service = (struct service){.loop = loop, .shared = shared};
    timer_init(&service->watchdog, on_watchdog);
    int err = sd_notify_open(&service->notify);
    if (err)
        log_warn_errno(LOG_PROCESS, err, "cannot tell the service manager anything");
    arm_watchdog(service);
}

void service_done(struct service *service)
{
    if (!service->loop) /* never begun */
        return;
    loop_cancel_timer(service->loop, &service->watchdog);
    sd_notify_close(&service->notify);
}

void service_ready(const struct service *service, const struct generation *generation)
{
    sd_notify_send(&service->notify, "READY=1\nSTATUS=serving with %u worker%s",
                   generation->worker_count, generation->worker_count == 1 ? "" : "s");
}

void service_reloading(const struct service *service)
{
    sd_notify_send(&service->notify,
                   "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\nSTATUS=reading the configuration anew",
                   monotonic_usec());
}

void service_stopping(const struct service *service, uint64_t patience_ms)
{
    sd_notify_send(&service->notify, "STOPPING=1\nSTATUS=finishing running requests");
    if (patience_ms > 0)
        sd_notify_send(&service->notify, "EXTEND_TIMEOUT_USEC=%" PRIu64,
                       (patience_ms + STOP_GRACE_MS) * USEC_PER_MS);
}

void service_handed_over(const struct service *service, pid_t pid)
{
    sd_notify_send(&service->notify, "MAINPID=%d\nSTATUS=a new program has taken over", (int)pid);
}
