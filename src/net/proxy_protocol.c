/* SPDX-License-Identifier: MIT */
/* proxy_protocol.c - waits for one header, and hands the connection over. */
#include "net/proxy_protocol.h"

#include "net/connection.h"
#include "net/proxy_header.h"

struct proxy_protocol {
    struct protocol protocol;
    struct connection *conn; /* owns us */
    const struct proxy_protocol_settings *settings;
};

static struct proxy_protocol *proxy_of(struct protocol *protocol)
{
    return container_of(protocol, struct proxy_protocol, protocol);
}

static void refuse(const struct proxy_protocol_settings *settings, struct connection *conn,
                   enum limit limit, const char *why)
{
    settings->on_refused(settings->context, conn_peer(conn), limit, why);
    conn_close(conn, CLOSE_REFUSED);
}

static void destroy(struct proxy_protocol *proxy)
{
    mempool_free(proxy->settings->mempool, proxy, sizeof(*proxy));
}

/* From here on the connection is the next protocol's, and @proxy is gone. */
static void hand_over(struct proxy_protocol *proxy, struct buffer *in,
                      const struct proxy_header *header)
{
    struct connection *conn = proxy->conn;
    struct factory *next = proxy->settings->next;
    struct protocol *protocol;

    buf_consume(in, header->len);
    if (header->client.any.sa_family != AF_UNSPEC && !conn_set_peer(conn, &header->client)) {
        if (conn_write(conn, conn_refusal(conn)) == 0)
            conn_finish(conn, true);
        else
            conn_abort(conn, CLOSE_NO_MEMORY);
        return;
    }
    protocol = next->make(next, conn);
    if (!protocol) {
        conn_abort(conn, CLOSE_NO_MEMORY);
        return;
    }
    conn_set_protocol(conn, protocol);
    destroy(proxy);
    if (buf_length(in) > 0 && conn_is_open(conn))
        protocol->ops->on_bytes(protocol, in);
}

static void on_bytes(struct protocol *protocol, struct buffer *in)
{
    struct proxy_protocol *proxy = proxy_of(protocol);
    struct proxy_header header;
    enum proxy_header_result result = proxy_header_parse(buf_content(in), &header);

    conn_set_idle(proxy->conn, false);
    if (result == PROXY_HEADER_COMPLETE)
        hand_over(proxy, in, &header);
    else if (result != PROXY_HEADER_INCOMPLETE)
        refuse(proxy->settings, proxy->conn, LIMIT_PROXY_PROTOCOL, proxy_header_problem(result));
}

/* A check of a balancer connects and says nothing; only what has begun is worth a word. */
static void on_end(struct protocol *protocol)
{
    struct proxy_protocol *proxy = proxy_of(protocol);

    if (conn_input(proxy->conn) && buf_length(conn_input(proxy->conn)) > 0)
        refuse(proxy->settings, proxy->conn, LIMIT_PROXY_PROTOCOL,
               proxy_header_problem(PROXY_HEADER_INCOMPLETE));
    else
        conn_close(proxy->conn, CLOSE_PEER);
}

static void on_drained(struct protocol *protocol)
{
    (void)protocol; /* it writes nothing */
}

static void on_deadline(struct protocol *protocol)
{
    struct proxy_protocol *proxy = proxy_of(protocol);
    const struct proxy_protocol_settings *settings = proxy->settings;

    if (conn_is_draining(proxy->conn) && !conn_input(proxy->conn)) {
        conn_finish(proxy->conn, true); /* no fault of the proxy's, which may be about to speak */
        return;
    }
    settings->on_refused(settings->context, conn_peer(proxy->conn), LIMIT_HEADER_TIMEOUT,
                         "no whole PROXY header came in time");
    conn_close(proxy->conn, CLOSE_READ_TIMEOUT);
}

static void on_close(struct protocol *protocol, enum close_reason why)
{
    (void)why;
    destroy(proxy_of(protocol));
}

static const struct protocol_ops proxy_protocol_ops = {
    .on_bytes = on_bytes,
    .on_end = on_end,
    .on_drained = on_drained,
    .on_deadline = on_deadline,
    .on_close = on_close,
};

static struct protocol *make(struct factory *factory, struct connection *conn)
{
    const struct proxy_protocol_settings *settings =
        &container_of(factory, struct proxy_protocol_factory, factory)->settings;
    struct proxy_protocol *proxy;

    if (!network_list_contains(settings->trusted, conn_peer(conn))) {
        refuse(settings, conn, LIMIT_TRUSTED_PROXY, "it is not in trusted_proxy");
        return NULL;
    }
    proxy = mempool_alloc(settings->mempool, sizeof(*proxy));
    if (!proxy)
        return NULL;
    *proxy = (struct proxy_protocol){
        .protocol.ops = &proxy_protocol_ops, .conn = conn, .settings = settings};
    conn_set_idle(conn, true);
    conn_set_deadline(conn, settings->header_timeout_ms);
    return &proxy->protocol;
}

void proxy_protocol_init(struct proxy_protocol_factory *factory,
                         const struct proxy_protocol_settings *settings)
{
    *factory = (struct proxy_protocol_factory){.factory.make = make, .settings = *settings};
}
