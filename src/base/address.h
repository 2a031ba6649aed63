/* SPDX-License-Identifier: MIT */
/*
 * address.h - IPv4 and IPv6 socket addresses and networks as values: parse, format, compare.
 *
 * No sockets and no name resolution, so that configuration may use it. Plain data, copied freely.
 */
#ifndef TINYWEB_BASE_ADDRESS_H
#define TINYWEB_BASE_ADDRESS_H

#include "base/macros.h"
#include "base/slice.h"

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

struct address {
    union {
        struct sockaddr any; /* .sa_family: AF_INET, AF_INET6, or AF_UNSPEC for "none" */
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    };
};

/* A block of addresses: "10.0.0.0/8", "::1", "fd00::/8". */
struct network {
    struct address base;
    unsigned prefix_bits;
};

struct network_list {
    struct network *items;
    size_t count;
};

/* "[" 8 groups of 4 and 7 colons "]:65535" and a terminator. */
#define ADDRESS_TEXT_SIZE 56

/*
 * Forms: "127.0.0.1:8080", "[::1]:8080", "127.0.0.1", "[::1]", "::1", "8080" (any IPv4 address),
 * "*:8080" (the same), "[::]:80", "localhost:8080" (127.0.0.1). Without a port @default_port is
 * taken. Port 0 is allowed. Returns 0, or -EINVAL (grammar) or -ERANGE (port above 65535).
 */
MUST_CHECK int address_parse(struct slice text, uint16_t default_port, struct address *ret_addr);

/* An IPv4 or IPv6 address in numbers, and nothing else: no port, no brackets, no scope. -EINVAL. */
MUST_CHECK int address_parse_host(struct slice text, struct address *ret_addr);

/* Terminated "127.0.0.1:80" or "[::1]:80" into @out of ADDRESS_TEXT_SIZE, "-" for no address;
 * returns its length. */
size_t address_format(const struct address *addr, char *out);

/*
 * The host alone, for logs: no port, no brackets, and an IPv4-mapped IPv6 address as plain IPv4
 * (fail2ban does not know "::ffff:"). Terminated; returns its length.
 */
size_t address_format_host(const struct address *addr, char *out);

/* sizeof the sockaddr within, for bind and connect. */
socklen_t address_size(const struct address *addr);
uint16_t address_port(const struct address *addr);
void address_set_port(struct address *addr, uint16_t port);

/* Family, host and port (an IPv6 scope too). */
bool address_equal(const struct address *a, const struct address *b);

/* 127.0.0.0/8, ::1, and the former mapped into IPv6. */
bool address_is_loopback(const struct address *addr);
/* 0.0.0.0 or ::. */
bool address_is_any(const struct address *addr);

/* ADDRESS["/"BITS]; bits of the host part that are set are an error (-EINVAL), more bits than the
 * family has are -ERANGE. */
MUST_CHECK int network_parse(struct slice text, struct network *ret_network);
/* Terminated "10.0.0.0/8" into @out of ADDRESS_TEXT_SIZE, which network_parse reads back; returns its length. */
size_t network_format(const struct network *network, char *out);
/* IPv4-mapped IPv6 addresses match IPv4 networks. */
bool network_contains(const struct network *network, const struct address *addr);
bool network_list_contains(const struct network_list *list, const struct address *addr);

#endif
