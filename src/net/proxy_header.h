/* SPDX-License-Identifier: MIT */
/*
 * proxy_header.h - what a proxy puts in front of a connection's bytes to tell whom it connects for:
 * the PROXY protocol, version 1 (a line of text) and 2 (binary), as HAProxy defines them in
 * doc/proxy-protocol.txt. Both are read, and version 2 is written.
 */
#ifndef TINYWEB_NET_PROXY_HEADER_H
#define TINYWEB_NET_PROXY_HEADER_H

#include "base/address.h"
#include "base/macros.h"
#include "base/slice.h"

/* The longest that is accepted; version 2 could announce 64 KiB. */
#define PROXY_HEADER_SIZE_MAX 4096U

struct proxy_header {
    size_t len;            /* bytes of it */
    struct address client; /* AF_UNSPEC: the proxy speaks for itself, or cannot say */
};

enum proxy_header_result {
    PROXY_HEADER_COMPLETE,
    PROXY_HEADER_INCOMPLETE, /* so far it may be one */
    PROXY_HEADER_ABSENT,     /* something else */
    PROXY_HEADER_MALFORMED,
    PROXY_HEADER_TOO_LONG,
    PROXY_HEADER_CHECKSUM, /* it has one, which is wrong */
};

/*
 * Read the header that @bytes begin with; what follows it is not looked at. *@ret_header is set
 * when it is complete. Addresses of Unix sockets, and what comes as LOCAL, UNSPEC or UNKNOWN, are
 * no client's address. Extensions of version 2 (TLVs) are skipped, but a checksum is checked.
 */
enum proxy_header_result proxy_header_parse(struct slice bytes, struct proxy_header *ret_header);

/* Of version 2 with two addresses of IPv6. */
#define PROXY_HEADER_WRITTEN_MAX 52U

/*
 * Version 2 for a connection of @client, which has connected to @local; returns its length. Where they are of two
 * families, both are told as IPv6. Without a @client (NULL, or none) the connection is for ourselves; @local
 * may be unknown (the same), and is told as zeros then.
 */
size_t proxy_header_write(const struct address *client, const struct address *local,
                          char out[PROXY_HEADER_WRITTEN_MAX]);

/* What is wrong, for a log: "PROXY header is malformed". */
const char *proxy_header_problem(enum proxy_header_result result);

#endif
