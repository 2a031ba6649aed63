/* SPDX-License-Identifier: MIT */
/* log_mender.c - one timer. */
#include "process/log_mender.h"

#include "process/generation.h"

#define LOOK_EVERY_MS 1000

static void on_timer(struct timer *timer)
{
    struct log_mender *mender = container_of(timer, struct log_mender, timer);
    const struct generation *generation = *mender->current;

    if (generation)
        log_files_mend(&generation->logs, &generation->config->server);
    log_mender_follow(mender);
}

void log_mender_init(struct log_mender *mender, struct event_loop *loop,
                     struct generation *const *current)
{
    *mender = (struct log_mender){.loop = loop, .current = current};
    timer_init(&mender->timer, on_timer);
}

void log_mender_done(struct log_mender *mender)
{
    if (mender->loop)
        loop_cancel_timer(mender->loop, &mender->timer);
}

/* Without memory for the timer USR1 connects anew, as it does for files. */
void log_mender_follow(struct log_mender *mender)
{
    const struct generation *generation = *mender->current;

    loop_cancel_timer(mender->loop, &mender->timer);
    if (generation && log_files_use_syslog(&generation->config->server))
        (void)loop_set_timer(mender->loop, &mender->timer,
                             loop_now_ms(mender->loop) + LOOK_EVERY_MS);
}
