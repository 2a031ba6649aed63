/* SPDX-License-Identifier: MIT */
/* client_gate.c - who comes in, and how the others go. */
#include "net/client_gate.h"

bool gate_enter(struct client_gate *gate, const struct address *peer, bool *ret_is_counted)
{
    *ret_is_counted = false;
    if (network_list_contains(gate->exempt, peer))
        return true;
    switch (client_counts_enter(&gate->counts, peer)) {
    case CLIENT_COUNTED: *ret_is_counted = true; break;
    case CLIENT_UNCOUNTED: gate->on_limit(gate->context, LIMIT_CLIENT_TABLE, peer); break;
    case CLIENT_REFUSED:
        gate->on_limit(gate->context, LIMIT_CLIENT_CONNECTIONS, peer);
        return false;
    }
    return true;
}

void gate_leave(struct client_gate *gate, const struct address *peer)
{
    client_counts_leave(&gate->counts, peer);
}
