/* SPDX-License-Identifier: MIT */
/*
 * sticky.h - the cookie by which a client comes back to the server that it had: `sticky_cookie`.
 *
 * Its value is a hash of the server's name, or of its address where it has none, and the same in all workers,
 * generations and machines with that configuration: nothing has to be remembered.
 */
#ifndef TINYWEB_UPSTREAM_STICKY_H
#define TINYWEB_UPSTREAM_STICKY_H

#include "base/writer.h"
#include "config/config.h"
#include "http/request.h"

/* Of a server of @upstream; @address is its address as text. Never 0. */
uint64_t sticky_id(const struct upstream_config *upstream,
                   const struct upstream_server_config *server, struct slice address);

/* What the client's cookie says; 0: it has none of ours, or there are none. @req may be NULL. */
uint64_t sticky_read(const struct upstream_config *upstream, const struct request *req);

/* The lines that give @id to a client (RFC 6265 section 4.1). @is_secure: for a connection with TLS; @is_kept: of
 * an answer that others may keep, and so must not. */
void sticky_write(struct writer *w, const struct upstream_config *upstream, uint64_t id,
                  bool is_secure, bool is_kept);

#endif
