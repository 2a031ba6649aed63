/* SPDX-License-Identifier: MIT */
/*
 * protocol.h - what a connection calls. The one way up from net/ besides factory.h.
 *
 * Every call may write to the connection and may close it; a closed connection's protocol lives
 * on until on_close, which comes at the end of the loop's iteration, so no call ever returns into
 * freed memory.
 */
#ifndef TINYWEB_NET_PROTOCOL_H
#define TINYWEB_NET_PROTOCOL_H

#include "base/buffer.h"

struct protocol;

enum close_reason {
    CLOSE_DONE,         /* as the protocol wished, everything was sent */
    CLOSE_PEER,         /* the peer ended or reset the connection */
    CLOSE_READ_TIMEOUT, /* idle, or a request that came too slowly */
    CLOSE_SEND_TIMEOUT, /* the peer took nothing for too long */
    CLOSE_SEND_RATE,    /* … or too little */
    CLOSE_ABORTED,      /* the protocol could not keep a promise (a file shrank) */
    CLOSE_REFUSED,      /* no connection of that peer is wanted */
    CLOSE_EVICTED,      /* idle, and its slot was needed */
    CLOSE_SHUTDOWN,     /* the worker leaves */
    CLOSE_NO_MEMORY,
    CLOSE_REASON_COUNT
};

struct protocol_ops {
    /* There is new content in @in; consume what is no longer needed. Never called while reading
     * is paused. */
    void (*on_bytes)(struct protocol *protocol, struct buffer *in);
    /* The peer will send no more; what came before has been delivered. */
    void (*on_end)(struct protocol *protocol);
    /* Of a connection that reads while it is blocked: the peer has reset it. What came before that may
     * still be read. NULL: that is waited for. */
    void (*on_reset)(struct protocol *protocol);
    /* All queued output has left, after conn_notify_drained. */
    void (*on_drained)(struct protocol *protocol);
    /* The deadline set by conn_set_deadline has come. */
    void (*on_deadline)(struct protocol *protocol);
    /* Once, last; frees the protocol. Not called after conn_set_protocol. */
    void (*on_close)(struct protocol *protocol, enum close_reason why);
};

struct protocol {
    const struct protocol_ops *ops;
};

/* A word for logs and counters. */
const char *close_reason_name(enum close_reason why);

#endif
