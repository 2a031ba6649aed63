/* SPDX-License-Identifier: MIT */
/* echo_protocol.c - counts each call, asks the hook, then does the obvious. */
#include "support/echo_protocol.h"

#include <stdlib.h>

static struct echo *echo_from(struct protocol *protocol)
{
    return container_of(protocol, struct echo, protocol);
}

static bool is_hooked(struct echo *echo, enum echo_call call)
{
    struct echo_factory *factory = echo->factory;

    factory->calls[call]++;
    return factory->hook && factory->hook(echo, call);
}

static void on_bytes(struct protocol *protocol, struct buffer *in)
{
    struct echo *echo = echo_from(protocol);

    if (is_hooked(echo, ECHO_BYTES))
        return;
    if (conn_write(echo->conn, buf_content(in)) != 0)
        conn_abort(echo->conn, CLOSE_NO_MEMORY);
    buf_consume(in, buf_length(in));
}

static void on_end(struct protocol *protocol)
{
    struct echo *echo = echo_from(protocol);

    if (!is_hooked(echo, ECHO_END))
        conn_finish(echo->conn, false);
}

static void on_drained(struct protocol *protocol)
{
    (void)is_hooked(echo_from(protocol), ECHO_DRAINED);
}

static void on_deadline(struct protocol *protocol)
{
    struct echo *echo = echo_from(protocol);

    if (!is_hooked(echo, ECHO_DEADLINE))
        conn_close(echo->conn, CLOSE_READ_TIMEOUT);
}

static void on_close(struct protocol *protocol, enum close_reason why)
{
    struct echo *echo = echo_from(protocol);

    echo->factory->last_reason = why;
    (void)is_hooked(echo, ECHO_CLOSE);
    free(echo);
}

static const struct protocol_ops echo_ops = {
    .on_bytes = on_bytes,
    .on_end = on_end,
    .on_drained = on_drained,
    .on_deadline = on_deadline,
    .on_close = on_close,
};

static struct protocol *make(struct factory *factory, struct connection *conn)
{
    struct echo_factory *echoes = container_of(factory, struct echo_factory, factory);
    struct echo *echo = echoes->is_out_of_memory ? NULL : malloc(sizeof(*echo));

    if (!echo)
        return NULL;
    *echo = (struct echo){.protocol.ops = &echo_ops, .conn = conn, .factory = echoes};
    echoes->made++;
    if (echoes->deadline_ms > 0) {
        conn_set_idle(conn, true);
        conn_set_deadline(conn, echoes->deadline_ms);
    }
    return &echo->protocol;
}

void echo_factory_init(struct echo_factory *factory)
{
    *factory = (struct echo_factory){.factory.make = make};
}

struct echo *echo_of(struct connection *conn)
{
    return echo_from(conn->protocol);
}
