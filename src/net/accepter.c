/* SPDX-License-Identifier: MIT */
/*
 * accepter.c - the accept mutex guards accepting, never waiting.
 *
 * nginx's holder sleeps in epoll_wait with the mutex, so that one stopped worker starves the
 * others. Here everybody waits, and the mutex is held for the few microseconds of a batch:
 *
 *   woken ──► try ──got──► accept a batch ──► unlock ──► hand the connections over
 *              └─lost──► rest for mutex_delay; lost for LOSING_MAX_MS: accept without it, which
 *                        is harmless (accept4 does not block), so a stopped holder costs nothing
 *
 * Resting takes the listener out of epoll (EPOLL_CTL_MOD of an exclusive watch is EINVAL); adding
 * it again looks at readiness anew, so nothing is lost. A worker that has more than its share
 * rests too, after a batch, so that the wake-ups go to others. If connections waited through such
 * rests and those that have less did not take them (stopped, or busy), it does not rest for a while.
 */
#include "net/accepter.h"

#include "os/descriptors.h"
#include "os/socket.h"

#include <errno.h>
#include <unistd.h>

#define BATCH_MAX 32
/* Connections that failed before they were accepted may be as many; the turn ends all the same. */
#define ATTEMPTS_MAX (2 * BATCH_MAX)
#define LOSING_MAX_MS 100
/* Out of descriptors or memory: a level-triggered listener would spin. */
#define EXHAUSTED_REST_MS 100
/* Then it refuses what waits, so that clients hear of it while they can try elsewhere. */
#define EXHAUSTED_MAX_MS 500
#define REFUSALS_MAX 32
/* When that many rests one after the other helped nobody (one is no proof: two workers may rest
 * at the same time). */
#define USELESS_RESTS_MAX 3
#define NO_REST_MS 1000
/* Rest when above the mean by an eighth, and by more than this: with less, workers that have one
 * or two short connections each would send one another to rest all the time. */
#define BALANCE_SLACK 2

struct accepted {
    int fd;
    struct address peer;
};

static struct worker_counters *own_counters(const struct accepter_env *env)
{
    return &env->counters[env->counters_index];
}

static void watch(struct accepter *accepter)
{
    /* The only errors are out of memory and of watches: try again after a rest. */
    if (loop_add(accepter->env->loop, &accepter->watcher, EPOLLIN | EPOLLEXCLUSIVE) != 0)
        (void)loop_set_timer(accepter->env->loop, &accepter->rest_timer,
                             loop_now_ms(accepter->env->loop) + EXHAUSTED_REST_MS);
}

static void rest(struct accepter *accepter, uint32_t rest_ms)
{
    struct event_loop *loop = accepter->env->loop;

    if (loop_set_timer(loop, &accepter->rest_timer, loop_now_ms(loop) + rest_ms) == 0)
        loop_remove(loop, &accepter->watcher);
    /* Without memory for the timer it keeps on watching, at the price of some spinning. */
}

/* How many connections a worker may hold before it has more than its share. */
static uint64_t fair_share(const struct accepter_env *env)
{
    uint64_t total = 0;
    uint64_t workers = 0;

    for (size_t i = 0; i < env->counters_count; i++) {
        if (counter_get(&env->counters[i].active)) {
            total += counter_get(&env->counters[i].connections);
            workers++;
        }
    }
    if (workers < 2)
        return UINT64_MAX;
    return total / workers + total / workers / 8 + BALANCE_SLACK;
}

/* Less than an eighth of its slots are free. */
static bool is_nearly_full(const struct worker_counters *worker)
{
    uint64_t free_slots = counter_get(&worker->free_slots);

    return free_slots < (free_slots + counter_get(&worker->connections)) / 8;
}

/* Those for whose sake a worker rests: active ones that have no more than @share, and room. A set
 * of bits, by index; beyond 64 workers some share a bit, which makes them one. */
static uint64_t find_helpers(const struct accepter_env *env, uint64_t share)
{
    uint64_t helpers = 0;

    for (size_t i = 0; i < env->counters_count; i++) {
        const struct worker_counters *other = &env->counters[i];

        if (i != env->counters_index && counter_get(&other->active) &&
            counter_get(&other->connections) <= share && !is_nearly_full(other))
            helpers |= (uint64_t)1 << i % 64;
    }
    return helpers;
}

static uint64_t count_accepted(const struct accepter_env *env, uint64_t helpers)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < env->counters_count; i++) {
        if (i != env->counters_index && (helpers >> i % 64 & 1))
            sum += counter_get(&env->counters[i].accepted);
    }
    return sum;
}

/* Never declines, so at least 1. */
static unsigned batch_size(const struct accepter_env *env)
{
    uint64_t own = counter_get(&own_counters(env)->connections);
    uint64_t share = fair_share(env);

    if (share <= own)
        return 1;
    return (unsigned)MIN(share - own, (uint64_t)BATCH_MAX);
}

/* Accept up to @max; returns how many, and the error that ended it (0: the batch is full, or it
 * was enough for one turn). */
static unsigned take_batch(struct accepter *accepter, struct accepted *batch, unsigned max,
                           int *ret_err)
{
    unsigned count = 0;

    *ret_err = 0;
    for (unsigned attempts = 0; count < max && attempts < ATTEMPTS_MAX; attempts++) {
        int fd = socket_accept(accepter->watcher.fd, &batch[count].peer);

        if (fd >= 0) {
            batch[count++].fd = fd;
        } else if (!socket_accept_error_is_transient(fd)) {
            *ret_err = fd;
            break;
        }
    }
    return count;
}

static void hand_over(struct accepter *accepter, const struct accepted *batch, unsigned count)
{
    const struct accepter_env *env = accepter->env;

    counter_add(&own_counters(env)->accepted, count);
    for (unsigned i = 0; i < count; i++)
        env->on_accepted(env->context, accepter, batch[i].fd, &batch[i].peer);
}

/* The turn is taken: false when it has to wait for the mutex. */
static bool take_turn(struct accepter *accepter, bool *ret_locked)
{
    const struct accepter_env *env = accepter->env;
    int64_t now_ms = loop_now_ms(env->loop);

    *ret_locked = false;
    if (!env->mutex)
        return true;
    counter_add(&own_counters(env)->mutex_tries, 1);
    if (shmtx_try(env->mutex)) {
        accepter->losing_since_ms = 0;
        *ret_locked = true;
        return true;
    }
    counter_add(&own_counters(env)->mutex_misses, 1);
    if (accepter->losing_since_ms == 0)
        accepter->losing_since_ms = now_ms;
    if (now_ms - accepter->losing_since_ms < LOSING_MAX_MS)
        return false;
    counter_add(&own_counters(env)->accept_without_mutex, 1);
    return true;
}

/* Connections that were served and closed within the batch do not count any more. */
static void rest_for_balance(struct accepter *accepter)
{
    const struct accepter_env *env = accepter->env;
    const struct worker_counters *own = own_counters(env);
    uint64_t share = fair_share(env);

    if (loop_now_ms(env->loop) < accepter->no_rest_until_ms)
        return;
    if (counter_get(&own->connections) > share)
        accepter->helpers = find_helpers(env, share);
    else if (is_nearly_full(own)) /* those that have room go first, whatever else they have */
        accepter->helpers = find_helpers(env, UINT64_MAX);
    else
        return;
    if (accepter->helpers == 0)
        return;
    accepter->helpers_accepted = count_accepted(env, accepter->helpers);
    accepter->is_resting_for_balance = true;
    rest(accepter, env->mutex_delay_ms);
}

/* After a rest for balance: was it of no use, though a connection waited? */
static void judge_rest(struct accepter *accepter)
{
    const struct accepter_env *env = accepter->env;
    int64_t now_ms = loop_now_ms(env->loop);
    bool was_waiting = now_ms - accepter->rest_ended_ms <= 1;

    accepter->rest_ended_ms = 0;
    if (count_accepted(env, accepter->helpers) != accepter->helpers_accepted)
        accepter->useless_rests = 0;
    else if (was_waiting && ++accepter->useless_rests == USELESS_RESTS_MAX) {
        accepter->useless_rests = 0;
        accepter->no_rest_until_ms = now_ms + NO_REST_MS;
    }
}

static void make_room_or_rest(struct accepter *accepter)
{
    const struct accepter_env *env = accepter->env;

    if (!env->make_room(env->context))
        rest(accepter, EXHAUSTED_REST_MS);
}

/* By the reserve: the one descriptor that each of them needs for a moment. */
static void refuse_waiting(struct accepter *accepter)
{
    const struct accepter_env *env = accepter->env;

    if (accepter->reserve_fd != -1)
        (void)close(accepter->reserve_fd);
    for (int i = 0; i < REFUSALS_MAX; i++) {
        struct address peer;
        int fd = socket_accept(accepter->watcher.fd, &peer);

        if (fd < 0)
            break;
        env->on_refused(env->context, fd, &peer);
    }
    accepter->reserve_fd = descriptors_reserve();
}

/* Closing one of ours helps when we have as many as we may; for lack of memory, or of all processes'
 * descriptors, it does not, and what else may be wrong with the listener goes away no sooner. */
static void on_exhausted(struct accepter *accepter, int err)
{
    const struct accepter_env *env = accepter->env;
    int64_t now_ms = loop_now_ms(env->loop);

    counter_add(&own_counters(env)->accept_errors, 1);
    env->on_exhausted(env->context, err);
    if (err == -EMFILE && env->make_room(env->context)) {
        accepter->exhausted_since_ms = 0;
        return;
    }
    if (accepter->exhausted_since_ms == 0)
        accepter->exhausted_since_ms = now_ms;
    else if ((err == -EMFILE || err == -ENFILE) &&
             now_ms - accepter->exhausted_since_ms >= EXHAUSTED_MAX_MS)
        refuse_waiting(accepter);
    rest(accepter, EXHAUSTED_REST_MS);
}

static void accept_connections(struct accepter *accepter)
{
    const struct accepter_env *env = accepter->env;
    struct accepted batch[BATCH_MAX];
    uint64_t free_slots = counter_get(&own_counters(env)->free_slots);
    unsigned max = (unsigned)MIN((uint64_t)batch_size(env), free_slots);
    unsigned count;
    bool is_locked;
    int err;

    if (free_slots == 0) {
        make_room_or_rest(accepter);
        return;
    }
    if (!take_turn(accepter, &is_locked)) {
        rest(accepter, env->mutex_delay_ms);
        return;
    }
    count = take_batch(accepter, batch, max, &err);
    if (is_locked)
        shmtx_unlock(env->mutex);
    hand_over(accepter, batch, count);
    if (!accepter->watcher.is_active)
        return; /* stopped by what it handed over */
    if (count > 0 || err == -EAGAIN)
        accepter->exhausted_since_ms = 0;
    if (err == 0 || err == -EAGAIN)
        rest_for_balance(accepter);
    else
        on_exhausted(accepter, err);
}

static void on_events(struct watcher *watcher, uint32_t events)
{
    struct accepter *accepter = container_of(watcher, struct accepter, watcher);

    (void)events; /* readable, or an error that accept4 will tell */
    if (accepter->rest_ended_ms != 0)
        judge_rest(accepter);
    accept_connections(accepter);
}

static void on_rested(struct timer *timer)
{
    struct accepter *accepter = container_of(timer, struct accepter, rest_timer);

    if (accepter->is_resting_for_balance)
        accepter->rest_ended_ms = loop_now_ms(accepter->env->loop);
    accepter->is_resting_for_balance = false;
    if (!accepter->watcher.is_active)
        watch(accepter);
}

int accepter_start(struct accepter *accepter, const struct accepter_env *env, int listen_fd)
{
    *accepter = (struct accepter){.env = env, .reserve_fd = descriptors_reserve()};
    watcher_init(&accepter->watcher, listen_fd, on_events);
    accepter->watcher.is_first = true;
    timer_init(&accepter->rest_timer, on_rested);
    return loop_add(env->loop, &accepter->watcher, EPOLLIN | EPOLLEXCLUSIVE);
}

void accepter_stop(struct accepter *accepter, bool take_waiting)
{
    const struct accepter_env *env = accepter->env;

    loop_remove(env->loop, &accepter->watcher);
    loop_cancel_timer(env->loop, &accepter->rest_timer);
    if (accepter->reserve_fd != -1)
        (void)close(accepter->reserve_fd);
    accepter->reserve_fd = -1;
    while (take_waiting && counter_get(&own_counters(env)->free_slots) > 0) {
        struct accepted accepted;
        int err;

        if (take_batch(accepter, &accepted, 1, &err) == 0)
            break;
        hand_over(accepter, &accepted, 1);
    }
}
