/* SPDX-License-Identifier: MIT */
/*
 * connection.c - everything that happens to one peer goes through run().
 *
 * Edge-triggered events tell a change once. So whoever stops before the kernel has said "no more"
 * must remember it: `has_unread` stays set until a read came back short or with EAGAIN (after
 * EPOLLRDHUP: until 0), and `is_blocked` is set only by EAGAIN and cleared only by EPOLLOUT. What
 * is left over for fairness is posted as a task for the next turn.
 */
#include "net/connection.h"

#include "os/socket.h"

#include <assert.h>
#include <errno.h>

/* One connection's share of an iteration, so that none starves the others. */
#define READ_BUDGET (64U * 1024)
#define WRITE_BUDGET (512U * 1024)
/* Lingering ends after this many times linger_timeout, however lively the peer is. */
#define LINGER_TOTAL_FACTOR 6
#define DISCARD_SIZE (16U * 1024)
/* Of the send timeout. */
#define SETTLING_SHARE 8
#define UNMEASURED UINT64_MAX

static const unsigned allowed_next[] = {
    [CONN_CLOSED] = BIT(CONN_OPEN),
    [CONN_OPEN] = BIT(CONN_DRAINING) | BIT(CONN_CLOSED),
    [CONN_DRAINING] = BIT(CONN_LINGERING) | BIT(CONN_CLOSED),
    [CONN_LINGERING] = BIT(CONN_CLOSED),
};

static void set_state(struct connection *conn, enum conn_state next)
{
    assert(allowed_next[conn->state] & BIT(next));
    conn->state = (uint8_t)next;
}

static void end_now(struct connection *conn, enum close_reason why, bool reset)
{
    struct conn_shared *shared = conn->shared;

    if (conn->state == CONN_CLOSED)
        return;
    set_state(conn, CONN_CLOSED);
    conn->close_reason = (uint8_t)why;
    shared->open_count--;
    loop_forget(shared->loop, &conn->transport.watcher);
    conn->transport.ops->close(&conn->transport, reset);
    loop_cancel_timer(shared->loop, &conn->timer);
    near_remove(&conn->to_run);
    output_clear(&conn->output, shared->mempool);
    near_remove(&conn->node);
    near_append(&shared->recycled, &conn->node);
    loop_post(shared->loop, &shared->recycle);
}

/* A deadline is the lower half of its time, which is enough as none is far away; negative: over. */
static inline int64_t ms_until_deadline(const struct connection *conn)
{
    return (int32_t)(conn->deadline - (uint32_t)loop_now_ms(conn->shared->loop));
}

static NOINLINE void arm_timer(struct connection *conn, int64_t due_ms)
{
    if (loop_set_timer(conn->shared->loop, &conn->timer, due_ms) != 0)
        end_now(conn, CLOSE_NO_MEMORY, true); /* without a deadline it could stay for ever */
}

static inline void arm_deadline(struct connection *conn, uint32_t after_ms)
{
    int64_t due_ms = loop_now_ms(conn->shared->loop) + after_ms;

    if (after_ms == 0) {
        conn->deadline = 0;
        return;
    }
    conn->deadline = MAX((uint32_t)due_ms, 1U);
    /* A deadline that moves away leaves the timer where it is; it will look again when it fires. */
    if (!timer_is_armed(&conn->timer) || conn->timer.due_ms > due_ms)
        arm_timer(conn, due_ms);
}

/* In the list of those that may be closed for the sake of others: not while the peer has still to
 * take an answer. When the worker leaves they have little time, or less when less was left. */
static inline void list_if_idle(struct connection *conn)
{
    struct conn_shared *shared = conn->shared;

    near_remove(&conn->node);
    if (!conn->is_idle || conn->was_blocked)
        return;
    near_append(&shared->idle, &conn->node);
    if (shared->is_draining &&
        (conn->deadline == 0 || ms_until_deadline(conn) > (int64_t)shared->drain_idle_ms))
        arm_deadline(conn, shared->drain_idle_ms);
}

/* Give it a turn at the end of this iteration, or of the next when this one's end has come. */
static void post(struct connection *conn)
{
    struct conn_shared *shared = conn->shared;

    if (near_is_linked(&conn->to_run))
        return;
    near_append(&shared->to_run, &conn->to_run);
    loop_post(shared->loop, &shared->run_all);
}

static void wake(struct connection *conn)
{
    if (!conn->is_running && conn->state != CONN_CLOSED)
        post(conn);
}

/* The kernel's buffer may hold megabytes: what it takes from us, or does not, tells nothing of a
 * slow peer. */
static uint64_t bytes_taken(struct connection *conn)
{
    uint64_t waiting = conn->transport.ops->unacknowledged(&conn->transport);

    return conn->sent_bytes - MIN(waiting, conn->sent_bytes);
}

/* What was on its way when output was blocked still arrives, whatever the peer does: it is waited
 * for before the peer is judged. */
static uint32_t settling_ms(const struct conn_shared *shared)
{
    return MAX(shared->send_timeout_ms / SETTLING_SHARE, 1U);
}

static void begin_send_timeout(struct connection *conn)
{
    conn->taken_bytes = UNMEASURED;
    arm_deadline(conn, settling_ms(conn->shared));
}

static bool has_taken_enough(struct connection *conn)
{
    return conn->taken_bytes != UNMEASURED &&
           bytes_taken(conn) >= conn->taken_bytes + conn->shared->send_least_bytes;
}

/* The first bytes leave as fast as they can, so that pages are quick and only downloads are slow. */
static void slow_down(const struct connection *conn)
{
    (void)socket_set_pacing(conn->transport.watcher.fd,
                            conn->shared->send_rate); /* else it is fast */
}

/* A thread reads what is to be sent next. Without one the loop does, as if it were in memory. */
static NOINLINE void await_file(struct connection *conn)
{
    struct conn_shared *shared = conn->shared;
    const struct conn_ref waiter = {.index = (uint32_t)(conn - shared->slots),
                                    .generation = conn->generation};

    if (output_start_read(&conn->output, shared->cold, waiter) != 0)
        return;
    conn->is_blocked = conn->was_blocked = true;
    conn->deadline = 0; /* the peer is not to blame */
    list_if_idle(conn);
}

/* The peer takes no more, but what it sent before may still be there to be read, to its end or to the
 * error that says why. */
static bool may_lose_output(const struct connection *conn)
{
    return conn->is_duplex && conn->state == CONN_OPEN && !conn->peer_ended;
}

static NOINLINE void lose_output(struct connection *conn)
{
    output_clear(&conn->output, conn->shared->mempool);
    conn->is_blocked = false;
    conn->has_unread = true;
    conn->peer_may_have_ended = true;
}

static NOINLINE void tell_reset(struct connection *conn)
{
    if (conn->protocol->ops->on_reset)
        conn->protocol->ops->on_reset(conn->protocol);
}

static void flush_output(struct connection *conn, uint64_t *budget)
{
    struct conn_shared *shared = conn->shared;
    uint64_t sent;
    int err = output_flush(&conn->output, shared->mempool, &conn->transport, *budget, &sent);

    *budget -= MIN(sent, *budget);
    conn->sent_bytes += sent;
    if (sent > 0)
        conn->has_progressed = true;
    if (shared->bytes_sent)
        counter_add(shared->bytes_sent, sent);
    if (UNLIKELY(conn->sent_bytes >= shared->send_rate_after) &&
        conn->sent_bytes - sent < shared->send_rate_after)
        slow_down(conn);
    if (err == 0)
        return;
    if (err == -EINPROGRESS) {
        await_file(conn);
        return;
    }
    if (err == -EAGAIN) {
        /* The clock restarts with progress, and only then. */
        bool restart = !conn->was_blocked || conn->deadline == 0 ||
                       (conn->has_progressed && has_taken_enough(conn));

        conn->is_blocked = conn->was_blocked = true;
        conn->has_progressed = false;
        list_if_idle(conn);
        if (restart)
            begin_send_timeout(conn);
        return;
    }
    if (err != -EIO && may_lose_output(conn)) {
        lose_output(conn);
        tell_reset(conn);
        return;
    }
    end_now(conn, err == -EIO ? CLOSE_ABORTED : CLOSE_PEER, err == -EIO);
}

/* A worker that leaves is held up by nobody for longer than by quiet connections. */
static uint32_t linger_ms(const struct conn_shared *shared)
{
    uint32_t limit_ms = MAX(shared->linger_timeout_ms, 1U);

    return shared->is_draining ? MIN(limit_ms, shared->drain_idle_ms) : limit_ms;
}

static void discard_input(struct connection *conn, uint64_t *budget)
{
    struct conn_shared *shared = conn->shared;
    char dropped[DISCARD_SIZE];
    ssize_t n = conn->transport.ops->read(&conn->transport, dropped, sizeof(dropped));
    int64_t left;

    if (n == -EINTR)
        return;
    if (n == -EAGAIN) {
        conn->has_unread = false;
        return;
    }
    if (n <= 0) {
        end_now(conn, CLOSE_DONE, false);
        return;
    }
    *budget -= MIN((uint64_t)n, *budget);
    if ((size_t)n < sizeof(dropped) && !conn->peer_may_have_ended)
        conn->has_unread = false;
    left = conn->linger_end_ms - loop_now_ms(shared->loop);
    if (left <= 0)
        end_now(conn, CLOSE_DONE, false);
    else
        arm_deadline(conn, (uint32_t)MIN(left, (int64_t)linger_ms(shared)));
}

static void read_input(struct connection *conn, uint64_t *budget)
{
    size_t room;
    ssize_t n;

    if (!conn->input) {
        conn->input = bufpool_take(conn->shared->buffers);
        if (!conn->input) {
            end_now(conn, CLOSE_NO_MEMORY, true);
            return;
        }
    }
    room = buf_room(conn->input);
    n = conn->transport.ops->read(&conn->transport, conn->input->data + conn->input->end, room);
    if (n > 0) {
        buf_commit(conn->input, (size_t)n);
        *budget -= MIN((uint64_t)n, *budget);
        if ((size_t)n < room && !conn->peer_may_have_ended)
            conn->has_unread = false;
        conn->protocol->ops->on_bytes(conn->protocol, conn->input);
    } else if (n == 0) {
        conn->has_unread = false;
        conn->peer_ended = true;
        conn->protocol->ops->on_end(conn->protocol);
    } else if (n == -EAGAIN) {
        conn->has_unread = false;
    } else if (n != -EINTR) {
        end_now(conn, CLOSE_PEER, false);
    }
}

/* All is written: say goodbye, or go on. False when there is nothing to do. */
static bool output_has_drained(struct connection *conn)
{
    struct conn_shared *shared = conn->shared;

    if (LIKELY(conn->state == CONN_OPEN && !conn->was_blocked && !conn->wants_drained))
        return false;
    if (conn->was_blocked) {
        conn->was_blocked = false;
        conn->wants_drained = true;
        conn->deadline = 0; /* the send timeout is over, the protocol's is forgotten */
        list_if_idle(conn);
    }
    if (conn->state == CONN_DRAINING) {
        /* Closing over unread bytes is a reset, whoever thought that none would come. */
        if (conn->peer_ended || (!conn->linger && !conn->has_unread)) {
            end_now(conn, CLOSE_DONE, false);
            return true;
        }
        set_state(conn, CONN_LINGERING);
        conn->transport.ops->shutdown_write(&conn->transport);
        conn->has_unread = true;
        conn->linger_end_ms = loop_now_ms(shared->loop) +
                              (int64_t)linger_ms(shared) * LINGER_TOTAL_FACTOR;
        arm_deadline(conn, linger_ms(shared));
        return true;
    }
    if (conn->state == CONN_OPEN && conn->wants_drained) {
        conn->wants_drained = false;
        conn->protocol->ops->on_drained(conn->protocol);
        return true;
    }
    return false;
}

static bool wants_to_read(const struct connection *conn)
{
    if (!conn->has_unread || conn->peer_ended || (conn->is_blocked && !conn->is_duplex))
        return false;
    if (conn->state == CONN_LINGERING)
        return true;
    return conn->state == CONN_OPEN && !conn->is_read_paused &&
           (!conn->input || buf_room(conn->input) > 0);
}

/* One turn: send what is queued, read what there is, until nothing can be done or the budgets
 * are used up. */
static void take_turn(struct connection *conn)
{
    uint64_t read_budget = READ_BUDGET;
    uint64_t write_budget = WRITE_BUDGET;

    while (conn->state != CONN_CLOSED) {
        if (!output_is_empty(&conn->output)) {
            if (!conn->is_blocked && write_budget > 0) {
                flush_output(conn, &write_budget);
                continue;
            }
            if (!conn->is_blocked) {
                post(conn);
                return;
            }
        } else if (output_has_drained(conn)) {
            continue;
        }
        if (!wants_to_read(conn))
            return;
        if (read_budget == 0) {
            post(conn);
            return;
        }
        if (conn->state == CONN_LINGERING)
            discard_input(conn, &read_budget);
        else
            read_input(conn, &read_budget);
    }
}

static void run(struct connection *conn)
{
    conn->is_running = true;
    take_turn(conn);
    conn->is_running = false;
    if (conn->state == CONN_CLOSED)
        return;
    if (conn->is_misplaced) {
        conn->is_misplaced = false;
        list_if_idle(conn);
    }
    if (conn->input && buf_length(conn->input) == 0) {
        bufpool_give(conn->shared->buffers, conn->input);
        conn->input = NULL;
    }
}

/* Nobody is left to read, or to write, or both. */
static NOINLINE void on_hang_up(struct connection *conn, uint32_t events)
{
    /* Both sides have ended. That is how lingering ends well, but not before the last byte of the
     * peer has been read: to close over one is a reset, which takes back what is on its way. */
    if ((events & (EPOLLERR | EPOLLHUP)) == EPOLLHUP && conn->state == CONN_LINGERING)
        events = EPOLLRDHUP;
    if (events & (EPOLLERR | EPOLLHUP)) { /* reset */
        if (!may_lose_output(conn)) {
            end_now(conn, conn->state == CONN_LINGERING ? CLOSE_DONE : CLOSE_PEER, false);
            return;
        }
        lose_output(conn);
        if (events & EPOLLERR)
            tell_reset(conn);
    }
    if (events & EPOLLRDHUP)
        conn->peer_may_have_ended = true;
    if (events & (EPOLLIN | EPOLLRDHUP))
        conn->has_unread = true;
    if (events & EPOLLOUT)
        conn->is_blocked = false;
    run(conn);
}

static void on_events(struct watcher *watcher, uint32_t events)
{
    struct connection *conn = container_of(watcher, struct connection, transport.watcher);

    if (UNLIKELY(events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP))) {
        on_hang_up(conn, events);
        return;
    }
    if (events & EPOLLIN)
        conn->has_unread = true;
    if (events & EPOLLOUT)
        conn->is_blocked = false;
    run(conn);
}

/* A request may have come while this iteration's events were handled: it is answered. What it
 * leads to sets a deadline of its own, or ends the connection. */
static void look_once_more(struct connection *conn)
{
    conn->has_unread = true;
    run(conn);
}

/* @late_ms: how long ago it came. */
static void on_send_timeout(struct connection *conn, int64_t late_ms)
{
    const struct conn_shared *shared = conn->shared;
    int64_t left_ms = shared->send_timeout_ms - (int64_t)settling_ms(shared) - late_ms;

    if (conn->taken_bytes == UNMEASURED) {
        conn->taken_bytes = bytes_taken(conn);
        arm_deadline(conn, (uint32_t)MAX(left_ms, INT64_C(1)));
    } else if (has_taken_enough(conn)) {
        begin_send_timeout(conn);
    } else {
        bool has_taken_some = bytes_taken(conn) > conn->taken_bytes;

        end_now(conn, has_taken_some ? CLOSE_SEND_RATE : CLOSE_SEND_TIMEOUT, true);
    }
}

static void on_timer(struct timer *timer)
{
    struct connection *conn = container_of(timer, struct connection, timer);
    int64_t late_ms = -ms_until_deadline(conn);

    if (conn->deadline == 0)
        return;
    if (late_ms < 0) { /* it moved away meanwhile */
        arm_deadline(conn, (uint32_t)-late_ms);
        return;
    }
    conn->deadline = 0;
    if (conn->is_idle && !conn->is_blocked && !conn->is_read_paused) {
        look_once_more(conn);
        if (conn->deadline != 0 || conn->is_read_paused) /* it has something to do */
            return;
    }
    if (conn->is_blocked) {
        on_send_timeout(conn, late_ms);
    } else if (conn->state == CONN_LINGERING) {
        end_now(conn, CLOSE_DONE, false);
    } else if (conn->state == CONN_OPEN && !conn->was_blocked) {
        conn->is_running = true; /* run() follows: no task for what it writes */
        conn->protocol->ops->on_deadline(conn->protocol);
        run(conn);
    }
    /* Else it makes progress in turns: the next time it is blocked sets the send timeout. */
}

/* Those that are posted meanwhile have to wait for the next iteration. */
static void run_all(struct task *task)
{
    struct conn_shared *shared = container_of(task, struct conn_shared, run_all);
    near_splice(&shared->running, &shared->to_run);
    while (!near_is_empty(&shared->running)) {
        struct connection *conn = container_of(near_next(&shared->running), struct connection,
                                               to_run);

        near_remove(&conn->to_run);
        run(conn);
    }
}

void conn_shared_init(struct conn_shared *shared)
{
    near_init(&shared->idle);
    near_init(&shared->recycled);
    near_init(&shared->to_run);
    near_init(&shared->running);
    task_init(&shared->run_all, run_all);
}

void conn_init(struct connection *conn, struct conn_shared *shared, int fd,
               const struct transport_ops *transport, const struct address *peer)
{
    uint32_t generation = conn->generation;

    *conn = (struct connection){
        .shared = shared,
        .transport = {.ops = transport},
        .peer = *peer,
        .generation = generation,
        .state = CONN_OPEN,
        .has_unread = true,
    };
    shared->open_count++;
    watcher_init(&conn->transport.watcher, fd, on_events);
    timer_init(&conn->timer, on_timer);
    near_init(&conn->to_run);
    near_init(&conn->node);
}

void conn_start(struct connection *conn)
{
    /* The request is often here already; if it also ends the connection, epoll never hears of
     * it. Whatever comes between this and loop_add is told by loop_add. */
    run(conn);
    if (conn->state == CONN_CLOSED || conn->transport.watcher.fd == -1)
        return;
    if (loop_add(conn->shared->loop, &conn->transport.watcher,
                 EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET) != 0)
        end_now(conn, CLOSE_NO_MEMORY, true);
}

bool conn_set_peer(struct connection *conn, const struct address *peer)
{
    struct client_gate *gate = conn->shared->gate;
    bool is_welcome = true;
    bool is_counted = false;

    if (gate) {
        if (conn->is_counted)
            gate_leave(gate, &conn->peer);
        is_welcome = gate_enter(gate, peer, &is_counted);
        conn->is_counted = is_counted;
    }
    conn->peer = *peer;
    return is_welcome;
}

struct slice conn_refusal(const struct connection *conn)
{
    return conn->shared->gate ? conn->shared->gate->refusal : slice_of("", 0);
}

int conn_write_ahead(struct connection *conn, struct slice bytes, uint32_t ahead)
{
    if (conn->state != CONN_OPEN)
        return 0;
    wake(conn);
    return output_copy(&conn->output, conn->shared->mempool, bytes, ahead);
}

int conn_write(struct connection *conn, struct slice bytes)
{
    return conn_write_ahead(conn, bytes, 0);
}

int conn_write_shared(struct connection *conn, struct slice bytes, struct counted *owner)
{
    if (conn->state != CONN_OPEN)
        return 0;
    wake(conn);
    return output_memory(&conn->output, conn->shared->mempool, bytes, owner);
}

int conn_local(const struct connection *conn, struct address *ret_addr)
{
    return socket_local_address(conn->transport.watcher.fd, ret_addr);
}

int conn_send_file(struct connection *conn, int file_fd, off_t offset, uint64_t len,
                   struct counted *owner)
{
    if (conn->state != CONN_OPEN)
        return 0;
    wake(conn);
    return output_file(&conn->output, conn->shared->mempool, file_fd, offset, len, owner);
}

void conn_take_back(struct connection *conn, uint64_t position)
{
    assert(conn->state == CONN_OPEN && position >= conn->sent_bytes);
    output_truncate(&conn->output, conn->shared->mempool, position - conn->sent_bytes);
}

void conn_file_may_wait(struct connection *conn)
{
    if (conn->state == CONN_OPEN && conn->shared->cold)
        output_may_wait(&conn->output);
}

void conn_file_is_read(struct connection *conn, int err)
{
    if (err) {
        end_now(conn, CLOSE_ABORTED, true);
        return;
    }
    output_read_is_done(&conn->output);
    conn->is_blocked = false;
    run(conn);
}

void conn_notify_drained(struct connection *conn)
{
    conn->wants_drained = true;
    wake(conn);
}

void conn_pause_reading(struct connection *conn)
{
    conn->is_read_paused = true;
}

void conn_resume_reading(struct connection *conn)
{
    conn->is_read_paused = false;
    wake(conn);
}

void conn_set_deadline(struct connection *conn, uint32_t after_ms)
{
    const struct conn_shared *shared = conn->shared;

    if (conn->state != CONN_OPEN || conn->is_blocked)
        return;
    if (conn->is_idle && shared->is_draining)
        after_ms = after_ms ? MIN(after_ms, shared->drain_idle_ms) : shared->drain_idle_ms;
    arm_deadline(conn, after_ms);
}

void conn_set_idle(struct connection *conn, bool is_idle)
{
    if (conn->state != CONN_OPEN)
        return;
    conn->is_idle = is_idle;
    if (conn->is_running)
        conn->is_misplaced = true; /* most that begin a request are idle again before run() ends */
    else
        list_if_idle(conn);
}

bool conn_is_alive(struct connection *conn)
{
    if (conn->state == CONN_OPEN && !conn->is_running)
        look_once_more(conn);
    return conn->state == CONN_OPEN;
}

void conn_end_output(struct connection *conn)
{
    assert(conn->is_duplex && output_is_empty(&conn->output));
    if (conn->state == CONN_OPEN)
        conn->transport.ops->shutdown_write(&conn->transport);
}

void conn_finish(struct connection *conn, bool linger)
{
    if (conn->state != CONN_OPEN)
        return;
    conn_set_idle(conn, false);
    set_state(conn, CONN_DRAINING);
    conn->linger = linger;
    wake(conn);
}

void conn_close(struct connection *conn, enum close_reason why)
{
    end_now(conn, why, false);
}

void conn_abort(struct connection *conn, enum close_reason why)
{
    end_now(conn, why, true);
}
