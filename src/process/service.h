/* SPDX-License-Identifier: MIT */
/* service.h - what the master tells the service manager, and when. */
#ifndef TINYWEB_PROCESS_SERVICE_H
#define TINYWEB_PROCESS_SERVICE_H

#include "event/event_loop.h"
#include "os/sd_notify.h"
#include "process/generation.h"
#include "process/shared_state.h"

#include <sys/types.h>

struct service {
    struct sd_notify notify;
    struct timer watchdog;
    struct event_loop *loop;
    const struct shared_state *shared;
};

/* Nothing of the environment is a reason not to start; what is wrong is logged. Borrows all. */
void service_init(struct service *service, struct event_loop *loop,
                  const struct shared_state *shared);
void service_done(struct service *service);

/* All workers of @generation serve: at the start, after a reload, or still. */
void service_ready(const struct service *service, const struct generation *generation);
void service_reloading(const struct service *service);
/* The end may take @patience_ms; 0: nobody knows. */
void service_stopping(const struct service *service, uint64_t patience_ms);
/* We end, and the service does not: @pid goes on. */
void service_handed_over(const struct service *service, pid_t pid);

#endif
