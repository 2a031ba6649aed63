/* SPDX-License-Identifier: MIT */
/*
 * proxy_protocol.h - the protocol of a connection that begins with a PROXY header (proxy_header.h).
 *
 * Only trusted networks may connect. When the header is complete the connection's peer becomes the
 * client that the header names, and the connection goes on with the next protocol, which may find
 * its first bytes there already. It never learns that there was a proxy.
 */
#ifndef TINYWEB_NET_PROXY_PROTOCOL_H
#define TINYWEB_NET_PROXY_PROTOCOL_H

#include "base/address.h"
#include "base/limit.h"
#include "base/mempool.h"
#include "net/factory.h"

struct proxy_protocol_settings {
    struct factory *next; /* makes what comes behind the header; borrowed, as all below */
    struct mempool *mempool;
    const struct network_list *trusted;
    uint32_t header_timeout_ms; /* from the start of the connection to the end of the header */
    /* A connection is closed: the proxy's address, what it ran into, and a text for a log. */
    void (*on_refused)(void *context, const struct address *peer, enum limit limit,
                       const char *why);
    void *context;
};

/* The factory is `factory`; the rest is private. */
struct proxy_protocol_factory {
    struct factory factory;
    struct proxy_protocol_settings settings;
};

void proxy_protocol_init(struct proxy_protocol_factory *factory,
                         const struct proxy_protocol_settings *settings);

#endif
