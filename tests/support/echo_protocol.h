/* SPDX-License-Identifier: MIT */
/*
 * echo_protocol.h - the smallest protocol: sends back what it gets, and ends when the peer does.
 *
 * A test looks at what was called, and may put a hook in front of each call.
 */
#ifndef SUPPORT_ECHO_PROTOCOL_H
#define SUPPORT_ECHO_PROTOCOL_H

#include "net/connection.h"
#include "net/factory.h"

enum echo_call { ECHO_BYTES, ECHO_END, ECHO_DRAINED, ECHO_DEADLINE, ECHO_CLOSE, ECHO_CALL_COUNT };

struct echo {
    struct protocol protocol;
    struct connection *conn;
    struct echo_factory *factory;
};

struct echo_factory {
    struct factory factory;
    bool is_out_of_memory; /* make gives NULL */
    uint32_t deadline_ms;  /* of a new connection, which is idle; 0: neither */
    /* True: the call has been answered. Not asked for ECHO_CLOSE's release. */
    bool (*hook)(struct echo *echo, enum echo_call call);
    void *hook_context;

    unsigned made;
    unsigned calls[ECHO_CALL_COUNT];
    enum close_reason last_reason;
};

void echo_factory_init(struct echo_factory *factory);
/* Of @conn, while it is not closed. */
struct echo *echo_of(struct connection *conn);

#endif
