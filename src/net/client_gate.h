/* SPDX-License-Identifier: MIT */
/*
 * client_gate.h - lets no client have more than its number of connections.
 *
 * Asked at accept, before a slot is spent: a crowd that never says a word is held off as well as one
 * that asks. The pool of connections keeps the account; see connection_pool.c.
 */
#ifndef TINYWEB_NET_CLIENT_GATE_H
#define TINYWEB_NET_CLIENT_GATE_H

#include "base/client_counts.h"
#include "base/limit.h"
#include "base/slice.h"

struct client_gate {
    struct client_counts counts;
    const struct network_list *exempt; /* proxies, who come for many; borrowed */
    struct slice refusal;              /* what a refused client is sent; borrowed */
    void (*on_limit)(void *context, enum limit limit, const struct address *peer);
    void *context;
};

/* False: the client has to go, and on_limit was told. Else *@ret_is_counted says whether gate_leave
 * has to be called in the end. */
MUST_CHECK bool gate_enter(struct client_gate *gate, const struct address *peer,
                           bool *ret_is_counted);
void gate_leave(struct client_gate *gate, const struct address *peer);

#endif
