/* SPDX-License-Identifier: MIT */
/*
 * server_health.c - from word to struct and back, and what each event makes of it.
 *
 *   bits 63..24  until_ms (40 bits are 34 years)
 *        23..17  fails (7)           16  is_ejected        15..12  ejections (4)
 *        11..8   check_run (4)       7..6 check (2)        3       in_trial          2..1 order (2)
 *        the rest 0
 */
#include "upstream/server_health.h"

#include <stdatomic.h>

#define FAILS_MAX 127U
#define EJECTIONS_MAX 15U
#define RUN_MAX 15U
#define ORDER_SHIFT 1
#define ORDER_MASK (UINT64_C(3) << ORDER_SHIFT)
#define UNTIL_MASK ((UINT64_C(1) << 40) - 1)

/* Who was well for so long after an ejection starts anew with fail_timeout. */
#define WELL_MS HEALTH_EJECTION_MAX_MS

uint64_t health_pack(const struct server_health *health)
{
    return ((uint64_t)health->until_ms & UNTIL_MASK) << 24 |
           (uint64_t)MIN(health->fails, FAILS_MAX) << 17 | (uint64_t)health->is_ejected << 16 |
           (uint64_t)MIN(health->ejections, EJECTIONS_MAX) << 12 |
           (uint64_t)MIN(health->check_run, RUN_MAX) << 8 | (uint64_t)health->check << 6 |
           (uint64_t)health->in_trial << 3 | (uint64_t)health->order << ORDER_SHIFT;
}

static enum server_order order_of(uint64_t word)
{
    return (enum server_order)MIN(word >> ORDER_SHIFT & 3, (uint64_t)SERVER_MAINT);
}

struct server_health health_unpack(uint64_t word)
{
    return (struct server_health){
        .until_ms = (int64_t)(word >> 24),
        .fails = word >> 17 & FAILS_MAX,
        .is_ejected = (word >> 16 & 1) != 0,
        .ejections = word >> 12 & EJECTIONS_MAX,
        .check_run = word >> 8 & RUN_MAX,
        /* Whoever shares the word may have written anything: no value is outside of its enum. */
        .check = (enum check_state)MIN(word >> 6 & 3, (uint64_t)CHECK_DRAIN),
        .in_trial = (word >> 3 & 1) != 0,
        .order = order_of(word),
    };
}

uint64_t health_with_order(uint64_t word, uint64_t other)
{
    return order_of(other) <= order_of(word) ? word : (word & ~ORDER_MASK) | (other & ORDER_MASK);
}

struct server_health health_of_word(uint64_t word, const struct upstream_config *config)
{
    struct server_health health = health_unpack(word);
    if (!config->check)
        health.check = CHECK_UP;
    if (config->max_fails == 0)
        health.is_ejected = health.in_trial = false;
    return health;
}

enum health_verdict health_verdict(const struct server_health *health, int64_t now_ms)
{
    if (health->order == SERVER_MAINT)
        return HEALTH_MAINT;
    if (health->check == CHECK_DOWN)
        return HEALTH_DOWN;
    bool wants_rest = health->check == CHECK_DRAIN || health->order == SERVER_DRAIN;
    if (health->is_ejected) /* a trial would be new work */
        return wants_rest || now_ms < health->until_ms ? HEALTH_EJECTED : HEALTH_TRIAL;
    return wants_rest ? HEALTH_DRAINED : HEALTH_USABLE;
}

/* How long it has been out when `until_ms` comes. */
static int64_t time_out_ms(const struct server_health *health, const struct upstream_config *config)
{
    int64_t time_ms = config->fail_timeout_ms;
    if (health->in_trial)
        return time_ms;
    for (unsigned i = 1; i < health->ejections && time_ms < HEALTH_EJECTION_MAX_MS; i++)
        time_ms *= 2;
    return MIN(time_ms, (int64_t)HEALTH_EJECTION_MAX_MS);
}

void health_begin_trial(struct server_health *health, int64_t now_ms,
                        const struct upstream_config *config)
{
    /* If nothing comes of it, as a worker may die, the next one may try after that time. */
    health->in_trial = true;
    health->until_ms = now_ms + time_out_ms(health, config);
}

static void eject(struct server_health *health, int64_t now_ms,
                  const struct upstream_config *config)
{
    health->is_ejected = true;
    health->in_trial = false;
    health->ejections = MIN(health->ejections + 1, EJECTIONS_MAX);
    health->until_ms = now_ms + time_out_ms(health, config);
}

bool health_failed(struct server_health *health, int64_t began_ms, int64_t now_ms,
                   const struct upstream_config *config)
{
    if (config->max_fails == 0)
        return false;
    health->fails = MIN(health->fails + 1, FAILS_MAX);
    if (health->is_ejected) {
        /* Those that ask it since all are out must not make it longer and longer. */
        if (!health->in_trial || began_ms < health->until_ms - time_out_ms(health, config))
            return false;
        eject(health, now_ms, config);
        return true;
    }
    if (health->fails < config->max_fails)
        return false;
    if (now_ms - health->until_ms > WELL_MS)
        health->ejections = 0;
    eject(health, now_ms, config);
    return true;
}

bool health_succeeded(struct server_health *health, int64_t began_ms, int64_t now_ms,
                      const struct upstream_config *config)
{
    if (health->is_ejected && began_ms < health->until_ms - time_out_ms(health, config))
        return false;
    bool was_ejected = health->is_ejected;
    health->fails = 0;
    health->is_ejected = false;
    health->in_trial = false;
    if (was_ejected)
        health->until_ms = now_ms;
    return was_ejected;
}

static enum check_state state_of(enum check_result result)
{
    switch (result) {
    case CHECK_RESULT_GOOD: return CHECK_UP;
    case CHECK_RESULT_BAD: return CHECK_DOWN;
    case CHECK_RESULT_DRAIN: break;
    }
    return CHECK_DRAIN;
}

bool health_checked(struct server_health *health, enum check_result result, int64_t now_ms,
                    const struct upstream_config *config)
{
    enum check_state wanted = state_of(result);
    unsigned needed = 1; /* who asks for rest, or for work again, is believed at once */
    if (wanted == CHECK_DOWN)
        needed = config->check_fall;
    else if (health->check == CHECK_DOWN)
        needed = config->check_rise;

    if (wanted == health->check) {
        health->check_run = 0;
        return false;
    }
    health->check_run = MIN(health->check_run + 1, RUN_MAX);
    if (health->check_run < needed)
        return false;
    if (wanted == CHECK_UP) {
        health->until_ms = now_ms;
        health->fails = 0;
        health->is_ejected = health->in_trial = false;
    }
    health->check = wanted;
    health->check_run = 0;
    return true;
}

bool health_order(struct server_health *health, enum server_order order, int64_t now_ms)
{
    if (order == health->order)
        return false;
    if (health->order == SERVER_MAINT) {
        health->until_ms = now_ms;
        health->fails = 0;
        health->is_ejected = health->in_trial = false;
    }
    health->order = order;
    return true;
}

bool health_change(_Atomic uint64_t *word, const struct health_event *event,
                   struct server_health *ret_health)
{
    uint64_t before = atomic_load(word), after;
    bool is_told;
    do {
        *ret_health = health_unpack(before);
        is_told = event->apply(ret_health, event);
        after = health_pack(ret_health);
    } while (after != before && !atomic_compare_exchange_weak(word, &before, after));
    return is_told;
}

unsigned health_share(const struct server_health *health, int64_t now_ms, uint32_t slow_start_ms)
{
    int64_t back_ms = now_ms - health->until_ms;
    if (slow_start_ms == 0 || health->is_ejected || health->until_ms == 0 ||
        back_ms >= (int64_t)slow_start_ms)
        return HEALTH_SHARE_WHOLE;
    return (unsigned)MAX(back_ms * HEALTH_SHARE_WHOLE / (int64_t)slow_start_ms, 1);
}

const char *health_word(const struct server_health *health, int64_t now_ms)
{
    switch (health_verdict(health, now_ms)) {
    case HEALTH_USABLE: return "up";
    case HEALTH_TRIAL: return "trial";
    case HEALTH_DRAINED: return "drained";
    case HEALTH_EJECTED: return health->in_trial ? "trial" : "ejected";
    case HEALTH_DOWN: return "down";
    case HEALTH_MAINT: break;
    }
    return "maint";
}
