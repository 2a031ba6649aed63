/* SPDX-License-Identifier: MIT */
/*
 * status_access.h - who may see the status of the server.
 *
 * This machine, or a client of `status_allow`. Two ways around that are closed: a proxy beside us
 * would make the whole world local, so what carries a mark of one is refused; and a page elsewhere
 * can give its own name our address (DNS rebinding), so the host has to be an address or localhost.
 */
#ifndef TINYWEB_HTTP_STATUS_ACCESS_H
#define TINYWEB_HTTP_STATUS_ACCESS_H

#include "base/address.h"
#include "http/http_context.h"

bool status_access_is_allowed(const struct http_context *http, const struct request *req,
                              const struct address *peer);

#endif
