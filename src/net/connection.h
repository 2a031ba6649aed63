/* SPDX-License-Identifier: MIT */
/*
 * connection.h - one peer: bytes in, bytes out, a deadline, and three ways to end.
 *
 *   OPEN ──► DRAINING ──► LINGERING ──► CLOSED
 *     │      write the     read and       ▲
 *     └───── queue ────┴── drop ──────────┘
 *
 * A connection belongs to one worker and its pool. The struct is plain so that the pool can keep
 * an array of it; its fields are private to connection.c and connection_pool.c, the calls below
 * are for protocols. None of them calls the protocol back before it returns.
 *
 * Reading is edge-triggered: see the rule at the top of connection.c.
 */
#ifndef TINYWEB_NET_CONNECTION_H
#define TINYWEB_NET_CONNECTION_H

#include "base/address.h"
#include "base/buffer.h"
#include "base/counted.h"
#include "base/counters.h"
#include "base/mempool.h"
#include "base/near_list.h"
#include "event/event_loop.h"
#include "net/buffer_pool.h"
#include "net/client_gate.h"
#include "net/cold_read.h"
#include "net/output_queue.h"
#include "net/protocol.h"
#include "net/transport.h"

/* What the connections of one worker share, mapped together with them; its fields are for net/
 * alone. */
struct conn_shared {
    struct event_loop *loop;
    struct mempool *mempool;
    struct buffer_pool *buffers;
    struct near_node idle;     /* longest idle first */
    struct near_node recycled; /* closed in this iteration */
    struct task recycle;
    struct near_node to_run;  /* their turn comes at the end of the iteration */
    struct near_node running; /* it has come */
    struct task run_all;      /* … by this */
    uint32_t open_count;      /* not closed; a closed one still has its slot until it is recycled */
    const struct connection *slots; /* all of them: a conn_ref is a place in here */
    struct cold_reader *cold;       /* NULL: the loop waits for disks */
    counter *bytes_sent;
    struct client_gate *gate; /* NULL: clients may have any number of connections */
    uint32_t send_timeout_ms;
    uint64_t send_least_bytes; /* that a blocked peer has to take in most of it, at least 1 */
    uint64_t send_rate;        /* bytes a second, from the time when … */
    uint64_t send_rate_after;  /* have left; UINT64_MAX: never */
    uint32_t linger_timeout_ms;
    uint32_t drain_idle_ms;
    bool is_draining;
};

enum conn_state {
    CONN_CLOSED,    /* no descriptor: free, or waiting for the end of the iteration */
    CONN_OPEN,      /* reading and writing */
    CONN_DRAINING,  /* writing what is queued, reading nothing; then linger or close */
    CONN_LINGERING, /* our side has ended; what still comes is dropped, so that the peer reads our
                       answer and not a reset (RFC 9112 section 9.6) */
};

struct connection {
    struct transport transport;
    struct conn_shared *shared;
    struct protocol *protocol;
    struct buffer *input; /* NULL while there is nothing in it */
    struct output_queue output;
    struct timer timer;
    struct near_node to_run; /* in the list of those that get a turn without an event */
    struct near_node node;   /* in the list of idle, recycled or free slots */
    uint64_t sent_bytes;     /* over its whole life */
    union {
        uint64_t taken_bytes;  /* by the peer, when the send timeout was set: while it is blocked */
        int64_t linger_end_ms; /* when it is not any more */
    };
    struct address peer;
    uint32_t generation;  /* counts the uses of the slot */
    uint32_t deadline;    /* milliseconds of the loop's clock, lower half; 0: none */
    uint8_t state;        /* enum conn_state */
    uint8_t close_reason; /* enum close_reason */
    bool is_running : 1;  /* its events are being handled: output will be flushed after that */
    bool is_idle : 1;
    bool is_misplaced : 1; /* is_idle was set while it ran, and its place in the list was not */
    bool is_read_paused : 1;
    bool has_unread : 1;          /* readable bytes may wait that no event will tell again */
    bool peer_ended : 1;          /* the end of the peer's side has been read */
    bool peer_may_have_ended : 1; /* EPOLLRDHUP was seen: read until 0 */
    bool is_blocked : 1;          /* the peer takes no more output now, or a disk gives none */
    bool was_blocked : 1;         /* … at some time since the queue was empty */
    bool has_progressed : 1;      /* something left since the send timeout was set */
    bool wants_drained : 1;       /* call on_drained when the queue is empty */
    bool is_counted : 1;          /* among those of its client */
    bool linger : 1;              /* DRAINING goes on to LINGERING */
    bool is_duplex : 1;           /* see conn_read_while_blocked */
};

static inline bool conn_is_open(const struct connection *conn)
{
    return conn->state == CONN_OPEN;
}

/* Output. Nothing is sent before the current event has been handled, so pieces and pipelined
 * answers gather. 0, or -ENOMEM, after which the caller should abort. A connection that has ended
 * or is about to drops the output, and returns 0: its protocol need not ask after each call. */
MUST_CHECK int conn_write(struct connection *conn, struct slice bytes); /* copies */
/* The same, when about @ahead bytes more are known to follow soon: they will lie in one block. */
MUST_CHECK int conn_write_ahead(struct connection *conn, struct slice bytes, uint32_t ahead);
MUST_CHECK int conn_write_shared(struct connection *conn, struct slice bytes,
                                 struct counted *owner);
MUST_CHECK int conn_send_file(struct connection *conn, int file_fd, off_t offset, uint64_t len,
                              struct counted *owner);
/* The file queued last may be on a disk: a thread reads it beforehand, where it is not in memory.
 * No deadline runs while the connection waits for that. */
void conn_file_may_wait(struct connection *conn);

static inline uint64_t conn_unsent_bytes(const struct connection *conn)
{
    return output_bytes(&conn->output);
}

static inline uint32_t conn_unsent_chunks(const struct connection *conn)
{
    return output_count(&conn->output);
}

/* Take back what is queued behind @position among all bytes that it ever sends: none of that has left,
 * and it is open. */
void conn_take_back(struct connection *conn, uint64_t position);

/* Output that has left, over the connection's life. */
static inline uint64_t conn_sent_bytes(const struct connection *conn)
{
    return conn->sent_bytes;
}

/* Input that has been read and not been consumed; NULL when there is none. */
static inline struct buffer *conn_input(struct connection *conn)
{
    return conn->input;
}

static inline bool conn_peer_has_ended(const struct connection *conn)
{
    return conn->peer_ended;
}

/* Our end of it, by a system call. 0 or -errno. */
MUST_CHECK int conn_local(const struct connection *conn, struct address *ret_addr);

static inline const struct address *conn_peer(const struct connection *conn)
{
    return &conn->peer;
}

/* Whom the connection is for, when it comes through a proxy that says so. False: that client has
 * as many connections as it may, and the caller should end this one. */
MUST_CHECK bool conn_set_peer(struct connection *conn, const struct address *peer);
/* What such a client is told. */
struct slice conn_refusal(const struct connection *conn);

/* The connection goes on with @protocol, which it owns from now on; the one it had is the
 * caller's. Input that has come already is for the caller to deliver. */
static inline void conn_set_protocol(struct connection *conn, struct protocol *protocol)
{
    conn->protocol = protocol;
}

/* One call of on_drained when everything queued has left (or is already gone: then soon). It
 * comes unasked after output had been blocked, so that the protocol may set a deadline again. */
void conn_notify_drained(struct connection *conn);

/* No on_bytes until conn_resume_reading, which delivers what has come meanwhile, soon. */
void conn_pause_reading(struct connection *conn);
void conn_resume_reading(struct connection *conn);

/*
 * From now on each direction goes its own way: input is read though output is blocked, and what the
 * peer sent before it reset the connection, or ended it, is still delivered. For peers that answer
 * before they have read all that we send, and for tunnels.
 */
static inline void conn_read_while_blocked(struct connection *conn)
{
    conn->is_duplex = true;
}

/* End our side, and go on reading; only of such a connection, and when all output has left. What is
 * written afterwards is dropped. */
void conn_end_output(struct connection *conn);

/*
 * on_deadline in @after_ms from now, a week at most; 0 means none. A new deadline replaces the old
 * one, and costs no work on the timer heap while it moves away. While output is blocked the deadline
 * is the connection's own (send_timeout, by what the peer's system acknowledges) and the protocol's
 * is forgotten.
 */
void conn_set_deadline(struct connection *conn, uint32_t after_ms);

/* Between two requests, or before the first: may be closed when slots run out or the worker
 * leaves, in which case deadlines are cut to the time that a quiet connection gets. */
void conn_set_idle(struct connection *conn, bool is_idle);
/* Look, by a system call, whether an idle one's peer has ended it meanwhile, as far as events have not
 * told yet; its protocol is told, as by an event, before this returns: whether it is still open. */
MUST_CHECK bool conn_is_alive(struct connection *conn);
/* The worker leaves: answer with `Connection: close`. */
static inline bool conn_is_draining(const struct connection *conn)
{
    return conn->shared->is_draining;
}

/* The three ways to end. */
/* Send what is queued, then close; with @linger the end of our side is announced first and the
 * peer's bytes are dropped for up to linger_timeout, which saves the answer when the peer is, or
 * may be, still sending. */
void conn_finish(struct connection *conn, bool linger);
/* Close now; what is unsent is dropped. */
void conn_close(struct connection *conn, enum close_reason why);
/* Close now with a reset, so that the peer cannot take a cut answer for a whole one. */
void conn_abort(struct connection *conn, enum close_reason why);

/* For the pool: before the first connection. */
void conn_shared_init(struct conn_shared *shared);
/* A connection that was set up reads at once, and is watched if it stays open. */
void conn_start(struct connection *conn);
void conn_init(struct connection *conn, struct conn_shared *shared, int fd,
               const struct transport_ops *transport, const struct address *peer);
/* What it waits for has been read: 0 or -errno, which ends it. */
void conn_file_is_read(struct connection *conn, int err);

#endif
