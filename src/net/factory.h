/* SPDX-License-Identifier: MIT */
/* factory.h - who makes the protocol of a new connection. Server side and client side differ only
 * in the factory they use. */
#ifndef TINYWEB_NET_FACTORY_H
#define TINYWEB_NET_FACTORY_H

struct connection;
struct protocol;

struct factory {
    /* The protocol, owned by the connection until protocol_ops.on_close; NULL: out of
     * memory, or the connection is closed already. */
    struct protocol *(*make)(struct factory *factory, struct connection *conn);
};

#endif
