/* SPDX-License-Identifier: MIT */
/* address.c - addresses and networks: text to value and back. */
#include "base/address.h"

#include "base/number.h"

#include <arpa/inet.h>
#include <errno.h>

#define PORT_MAX 65535

/* Bytes of "::ffff:" in front of a mapped IPv4 address. */
#define MAPPED_PREFIX_SIZE 12

static struct address make_v4(uint32_t host_order)
{
    struct address addr = {.v4 = {.sin_family = AF_INET}};

    addr.v4.sin_addr.s_addr = htonl(host_order);
    return addr;
}

/* inet_pton() wants a terminator, and would stop at a NUL inside the text. */
static int parse_numeric(int family, struct slice text, void *ret_bytes)
{
    char copy[INET6_ADDRSTRLEN];

    if (text.len == 0 || text.len >= sizeof(copy) || slice_find(text, '\0') != -1)
        return -EINVAL;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    return inet_pton(family, copy, ret_bytes) == 1 ? 0 : -EINVAL;
}

static int parse_v4(struct slice text, struct address *ret_addr)
{
    struct address addr = make_v4(INADDR_ANY);
    int err = parse_numeric(AF_INET, text, &addr.v4.sin_addr);

    if (!err)
        *ret_addr = addr;
    return err;
}

static int parse_v6(struct slice text, struct address *ret_addr)
{
    struct address addr = {.v6 = {.sin6_family = AF_INET6}};
    int err = parse_numeric(AF_INET6, text, &addr.v6.sin6_addr);

    if (!err)
        *ret_addr = addr;
    return err;
}

static int parse_v4_host(struct slice host, struct address *ret_addr)
{
    if (slice_equal(host, SLICE_LITERAL("*"))) {
        *ret_addr = make_v4(INADDR_ANY);
        return 0;
    }
    if (slice_equal_nocase(host, SLICE_LITERAL("localhost"))) {
        *ret_addr = make_v4(INADDR_LOOPBACK);
        return 0;
    }
    return parse_v4(host, ret_addr);
}

static bool is_all_digits(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!ascii_is_digit(text.data[i]))
            return false;
    }
    return text.len > 0;
}

/* Cut @text into its host, parsed, and what follows it: nothing, or a colon and the port. */
static int parse_host(struct slice text, struct address *ret_addr, struct slice *ret_rest)
{
    ptrdiff_t colon = slice_find(text, ':');
    size_t host_len = colon == -1 ? text.len : (size_t)colon;

    if (slice_starts_with(text, SLICE_LITERAL("["))) {
        ptrdiff_t bracket = slice_find(text, ']');

        if (bracket == -1)
            return -EINVAL;
        *ret_rest = slice_from(text, (size_t)bracket + 1);
        return parse_v6(slice_of(text.data + 1, (size_t)bracket - 1), ret_addr);
    }
    *ret_rest = slice_from(text, host_len);
    if (slice_find_last(text, ':') != colon) { /* two colons and no bracket: all of it is IPv6 */
        *ret_rest = slice_from(text, text.len);
        return parse_v6(text, ret_addr);
    }
    return parse_v4_host(slice_of(text.data, host_len), ret_addr);
}

int address_parse_host(struct slice text, struct address *ret_addr)
{
    return slice_find(text, ':') == -1 ? parse_v4(text, ret_addr) : parse_v6(text, ret_addr);
}

int address_parse(struct slice text, uint16_t default_port, struct address *ret_addr)
{
    struct address addr = make_v4(INADDR_ANY);
    struct slice port_text = text;
    uint64_t port = default_port;
    int err;

    if (!is_all_digits(text)) {
        err = parse_host(text, &addr, &port_text);
        if (err)
            return err;
        if (port_text.len > 0 && port_text.data[0] != ':')
            return -EINVAL;
    }
    if (port_text.len > 0) {
        err = number_parse(slice_from(port_text, port_text.data[0] == ':'), PORT_MAX, &port);
        if (err)
            return err;
    }
    address_set_port(&addr, (uint16_t)port);
    *ret_addr = addr;
    return 0;
}

/* An IPv4-mapped IPv6 address as the IPv4 address it stands for; others as they are. */
static struct address unmapped(const struct address *addr)
{
    struct address v4 = make_v4(INADDR_ANY);

    if (addr->any.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&addr->v6.sin6_addr))
        return *addr;
    memcpy(&v4.v4.sin_addr, addr->v6.sin6_addr.s6_addr + MAPPED_PREFIX_SIZE,
           sizeof(v4.v4.sin_addr));
    v4.v4.sin_port = addr->v6.sin6_port;
    return v4;
}

/* By hand, since inet_ntop(3) asks sprintf(3): 30 times the work, for each line of a log. */
static size_t format_v4(const struct in_addr *host, char *out)
{
    unsigned char bytes[sizeof(*host)];
    char *end = out;

    memcpy(bytes, host, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++) {
        unsigned byte = bytes[i];

        if (byte >= 100)
            *end++ = (char)('0' + byte / 100);
        if (byte >= 10)
            *end++ = (char)('0' + byte / 10 % 10);
        *end++ = (char)('0' + byte % 10);
        *end++ = '.';
    }
    *--end = '\0';
    return (size_t)(end - out);
}

static size_t format_host(const struct address *addr, char *out)
{
    if (addr->any.sa_family == AF_INET)
        return format_v4(&addr->v4.sin_addr, out);
    if (addr->any.sa_family != AF_INET6 ||
        !inet_ntop(AF_INET6, &addr->v6.sin6_addr, out, INET6_ADDRSTRLEN))
        memcpy(out, "-", 2);
    return strlen(out);
}

size_t address_format(const struct address *addr, char *out)
{
    bool is_v6 = addr->any.sa_family == AF_INET6;
    char *end = out;

    if (addr->any.sa_family != AF_INET && !is_v6)
        return format_host(addr, out);
    if (is_v6)
        *end++ = '[';
    end += format_host(addr, end);
    if (is_v6)
        *end++ = ']';
    *end++ = ':';
    end += number_format(end, address_port(addr));
    *end = '\0';
    return (size_t)(end - out);
}

size_t address_format_host(const struct address *addr, char *out)
{
    struct address plain = unmapped(addr);

    return format_host(&plain, out);
}

socklen_t address_size(const struct address *addr)
{
    switch (addr->any.sa_family) {
    case AF_INET: return sizeof(addr->v4);
    case AF_INET6: return sizeof(addr->v6);
    default: return sizeof(addr->any);
    }
}

uint16_t address_port(const struct address *addr)
{
    return ntohs(addr->any.sa_family == AF_INET6 ? addr->v6.sin6_port : addr->v4.sin_port);
}

void address_set_port(struct address *addr, uint16_t port)
{
    if (addr->any.sa_family == AF_INET6)
        addr->v6.sin6_port = htons(port);
    else
        addr->v4.sin_port = htons(port);
}

/* The bytes of the host in network order; @ret_count is 4, 16, or 0 for no address. */
static const unsigned char *host_bytes(const struct address *addr, size_t *ret_count)
{
    switch (addr->any.sa_family) {
    case AF_INET:
        *ret_count = sizeof(addr->v4.sin_addr);
        return (const unsigned char *)&addr->v4.sin_addr;
    case AF_INET6: *ret_count = sizeof(addr->v6.sin6_addr); return addr->v6.sin6_addr.s6_addr;
    default: *ret_count = 0; return (const unsigned char *)addr;
    }
}

bool address_equal(const struct address *a, const struct address *b)
{
    size_t count;
    const unsigned char *a_host = host_bytes(a, &count);
    const unsigned char *b_host = host_bytes(b, &(size_t){0});

    if (a->any.sa_family != b->any.sa_family)
        return false;
    if (a->any.sa_family == AF_INET6 && a->v6.sin6_scope_id != b->v6.sin6_scope_id)
        return false;
    return memcmp(a_host, b_host, count) == 0 && (count == 0 || address_port(a) == address_port(b));
}

bool address_is_loopback(const struct address *addr)
{
    struct address plain = unmapped(addr);

    if (plain.any.sa_family == AF_INET)
        return ntohl(plain.v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    return plain.any.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&plain.v6.sin6_addr);
}

bool address_is_any(const struct address *addr)
{
    size_t count;
    const unsigned char *host = host_bytes(addr, &count);
    size_t i = 0;

    while (i < count && host[i] == 0)
        i++;
    return count > 0 && i == count;
}

static bool bit_is_set(const unsigned char *bytes, size_t bit)
{
    return bytes[bit / 8] >> (7 - bit % 8) & 1;
}

int network_parse(struct slice text, struct network *ret_network)
{
    ptrdiff_t slash = slice_find(text, '/');
    struct slice host = slash == -1 ? text : slice_of(text.data, (size_t)slash);
    struct network network = {.prefix_bits = 0};
    size_t count;
    const unsigned char *bytes;
    uint64_t bits;
    int err = address_parse_host(host, &network.base);

    if (err)
        return err;
    bytes = host_bytes(&network.base, &count);
    bits = count * 8;
    if (slash != -1) {
        err = number_parse(slice_from(text, (size_t)slash + 1), bits, &bits);
        if (err)
            return err;
    }
    for (size_t i = bits; i < count * 8; i++) {
        if (bit_is_set(bytes, i))
            return -EINVAL;
    }
    network.prefix_bits = (unsigned)bits;
    *ret_network = network;
    return 0;
}

size_t network_format(const struct network *network, char *out)
{
    char *end = out + format_host(&network->base, out);

    *end++ = '/';
    end += number_format(end, network->prefix_bits);
    *end = '\0';
    return (size_t)(end - out);
}

bool network_contains(const struct network *network, const struct address *addr)
{
    struct address base = network->base;
    struct address plain = unmapped(addr);
    unsigned bits = network->prefix_bits;
    size_t count;
    const unsigned char *base_bytes;
    const unsigned char *bytes;

    if (bits >= 8 * MAPPED_PREFIX_SIZE && base.any.sa_family == AF_INET6) {
        base = unmapped(&base); /* "::ffff:10.0.0.0/104" is 10.0.0.0/8 */
        if (base.any.sa_family == AF_INET)
            bits -= 8 * MAPPED_PREFIX_SIZE;
    }
    base_bytes = host_bytes(&base, &count);
    bytes = host_bytes(&plain, &(size_t){0});
    if (count == 0 || base.any.sa_family != plain.any.sa_family)
        return false;
    if (memcmp(base_bytes, bytes, bits / 8) != 0)
        return false;
    return bits % 8 == 0 || (base_bytes[bits / 8] ^ bytes[bits / 8]) >> (8 - bits % 8) == 0;
}

bool network_list_contains(const struct network_list *list, const struct address *addr)
{
    size_t i = 0;

    while (i < list->count && !network_contains(&list->items[i], addr))
        i++;
    return i < list->count;
}
