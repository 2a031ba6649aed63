/* SPDX-License-Identifier: MIT */
/*
 * http_protocol.h - HTTP/1.1 and 1.0 on one connection (RFC 9112): the server's side.
 *
 *   IDLE ──► READING_HEAD ──► READING_BODY ──► WAITING ──► PRODUCING ──► SENDING ──► IDLE
 *
 * Requests are answered strictly in order, one at a time. Answers that are wholly queued end their
 * request at once, so pipelined ones gather in the output and leave together; above a high-water
 * mark, and while an answer is waited for or a file is being sent, nothing is parsed and nothing is
 * read.
 */
#ifndef TINYWEB_HTTP_HTTP_PROTOCOL_H
#define TINYWEB_HTTP_HTTP_PROTOCOL_H

#include "net/factory.h"

/* For the factory within an http_context. */
struct protocol *http_protocol_make(struct factory *factory, struct connection *conn);

#endif
