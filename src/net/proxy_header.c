/* SPDX-License-Identifier: MIT */
/* proxy_header.c - both versions, told apart by their first bytes; nothing is forgiven. */
#include "net/proxy_header.h"

#include "base/crc32c.h"
#include "base/number.h"

#define V1_PREFIX SLICE_LITERAL("PROXY ")
/* With its CRLF: "PROXY UNKNOWN", two IPv6 addresses and two ports. */
#define V1_SIZE_MAX 107
#define PORT_MAX 65535

#define V2_SIGNATURE SLICE_LITERAL("\r\n\r\n\0\r\nQUIT\n")
/* Signature, version and command, family and transport, length of the rest. */
#define V2_FIXED_SIZE 16
#define V2_STREAM 1
#define V2_TRANSPORT_MAX 2 /* unspecified, stream, datagram */

enum v2_command { V2_LOCAL, V2_PROXY, V2_COMMAND_COUNT };
enum v2_family { V2_UNSPEC, V2_INET, V2_INET6, V2_UNIX, V2_FAMILY_COUNT };

/* Two addresses and, but for Unix sockets, two ports. */
static const size_t v2_address_size[V2_FAMILY_COUNT] = {
    [V2_INET] = 2 * (4 + 2),
    [V2_INET6] = 2 * (16 + 2),
    [V2_UNIX] = 2 * 108,
};

#define TLV_HEAD_SIZE 3
#define TLV_CRC32C 3

static unsigned byte_at(struct slice bytes, size_t offset)
{
    return (unsigned char)bytes.data[offset];
}

static size_t number16_at(struct slice bytes, size_t offset)
{
    return (size_t)byte_at(bytes, offset) << 8 | byte_at(bytes, offset + 1);
}

static bool parse_port(struct slice text, uint16_t *ret_port)
{
    uint64_t port;

    if (text.len > 1 && text.data[0] == '0')
        return false;
    if (number_parse(text, PORT_MAX, &port) != 0)
        return false;
    *ret_port = (uint16_t)port;
    return true;
}

/* "TCP4 192.0.2.1 198.51.100.1 56324 443" */
static bool parse_v1_fields(struct slice line, struct address *ret_client)
{
    struct slice field[5];
    struct address destination;
    uint16_t port, unused;
    size_t count = 0;
    int family;

    while (count < COUNT_OF(field) && slice_next(&line, ' ', &field[count]))
        count++;
    if (count < COUNT_OF(field) || line.data)
        return false;
    if (slice_equal(field[0], SLICE_LITERAL("TCP4")))
        family = AF_INET;
    else if (slice_equal(field[0], SLICE_LITERAL("TCP6")))
        family = AF_INET6;
    else
        return false;
    if (address_parse_host(field[1], ret_client) != 0 ||
        address_parse_host(field[2], &destination) != 0 || !parse_port(field[3], &port) ||
        !parse_port(field[4], &unused))
        return false;
    address_set_port(ret_client, port);
    return ret_client->any.sa_family == family && destination.any.sa_family == family;
}

static enum proxy_header_result parse_v1(struct slice bytes, struct proxy_header *ret_header)
{
    struct proxy_header header = {.client.any.sa_family = AF_UNSPEC};
    struct slice line = slice_of(bytes.data, MIN(bytes.len, (size_t)V1_SIZE_MAX));
    ptrdiff_t newline = slice_find(line, '\n');
    struct slice fields;

    if (newline < 0)
        return bytes.len < V1_SIZE_MAX ? PROXY_HEADER_INCOMPLETE : PROXY_HEADER_TOO_LONG;
    line.len = header.len = (size_t)newline + 1;
    if (!slice_ends_with(line, SLICE_LITERAL("\r\n")))
        return PROXY_HEADER_MALFORMED;
    line.len -= 2;
    fields = slice_from(line, V1_PREFIX.len);
    /* What follows UNKNOWN is to be ignored. */
    if (!slice_equal(fields, SLICE_LITERAL("UNKNOWN")) &&
        !slice_starts_with(fields, SLICE_LITERAL("UNKNOWN ")) &&
        !parse_v1_fields(fields, &header.client))
        return PROXY_HEADER_MALFORMED;
    *ret_header = header;
    return PROXY_HEADER_COMPLETE;
}

/* Of the whole header, with zeros in place of the checksum. */
static bool checksum_is_right(struct slice header, size_t at)
{
    static const char zeros[4];
    uint32_t crc = crc32c_add(0, slice_of(header.data, at));

    crc = crc32c_add(crc, slice_of(zeros, sizeof(zeros)));
    crc = crc32c_add(crc, slice_from(header, at + sizeof(zeros)));
    return crc == ((uint32_t)number16_at(header, at) << 16 | number16_at(header, at + 2));
}

static enum proxy_header_result check_extensions(struct slice header, size_t at)
{
    while (at < header.len) {
        size_t value = at + TLV_HEAD_SIZE;
        size_t len;

        if (value > header.len)
            return PROXY_HEADER_MALFORMED;
        len = number16_at(header, at + 1);
        if (len > header.len - value)
            return PROXY_HEADER_MALFORMED;
        if (byte_at(header, at) == TLV_CRC32C) {
            if (len != sizeof(uint32_t))
                return PROXY_HEADER_MALFORMED;
            if (!checksum_is_right(header, value))
                return PROXY_HEADER_CHECKSUM;
        }
        at = value + len;
    }
    return PROXY_HEADER_COMPLETE;
}

static struct address v2_client(struct slice header, enum v2_family family)
{
    struct address client = {.any.sa_family = AF_UNSPEC};

    if (family == V2_INET) {
        client.any.sa_family = AF_INET;
        memcpy(&client.v4.sin_addr, header.data + V2_FIXED_SIZE, 4);
        address_set_port(&client, (uint16_t)number16_at(header, V2_FIXED_SIZE + 8));
    } else if (family == V2_INET6) {
        client = (struct address){.v6.sin6_family = AF_INET6};
        memcpy(&client.v6.sin6_addr, header.data + V2_FIXED_SIZE, 16);
        address_set_port(&client, (uint16_t)number16_at(header, V2_FIXED_SIZE + 32));
    }
    return client;
}

static enum proxy_header_result parse_v2(struct slice bytes, struct proxy_header *ret_header)
{
    struct proxy_header header = {.client.any.sa_family = AF_UNSPEC};
    enum proxy_header_result result = PROXY_HEADER_COMPLETE;
    unsigned version, command, family, transport;

    if (bytes.len < V2_FIXED_SIZE)
        return PROXY_HEADER_INCOMPLETE;
    version = byte_at(bytes, 12) >> 4;
    command = byte_at(bytes, 12) & 15;
    family = byte_at(bytes, 13) >> 4;
    transport = byte_at(bytes, 13) & 15;
    header.len = V2_FIXED_SIZE + number16_at(bytes, 14);
    if (version != 2 || command >= V2_COMMAND_COUNT)
        return PROXY_HEADER_MALFORMED;
    if (header.len > PROXY_HEADER_SIZE_MAX)
        return PROXY_HEADER_TOO_LONG;
    if (command == V2_PROXY) {
        if (family >= V2_FAMILY_COUNT || transport > V2_TRANSPORT_MAX ||
            header.len < V2_FIXED_SIZE + v2_address_size[family])
            return PROXY_HEADER_MALFORMED;
    }
    if (bytes.len < header.len)
        return PROXY_HEADER_INCOMPLETE;
    bytes.len = header.len;
    /* Of a connection of the proxy's own, and of an unknown kind, the rest has no known form. */
    if (command == V2_PROXY && family != V2_UNSPEC && transport != 0) {
        header.client = v2_client(bytes, (enum v2_family)family);
        result = check_extensions(bytes, V2_FIXED_SIZE + v2_address_size[family]);
    }
    if (result == PROXY_HEADER_COMPLETE)
        *ret_header = header;
    return result;
}

static bool is_known(const struct address *addr)
{
    return addr && addr->any.sa_family != AF_UNSPEC;
}

static bool is_inet(const struct address *addr)
{
    return addr->any.sa_family == AF_INET;
}

/* 4 bytes, or 16, of which an IPv4 address has the last ones (RFC 4291 section 2.5.5.2). */
static char *put_host(char *out, const struct address *addr, enum v2_family family)
{
    size_t size = family == V2_INET ? 4 : 16;

    memset(out, 0, size);
    if (is_known(addr) && is_inet(addr)) {
        if (family == V2_INET6)
            memset(out + 10, 0xff, 2);
        memcpy(out + size - 4, &addr->v4.sin_addr, 4);
    } else if (is_known(addr)) {
        memcpy(out, &addr->v6.sin6_addr, 16);
    }
    return out + size;
}

static char *put_number16(char *out, unsigned number)
{
    out[0] = (char)(number >> 8);
    out[1] = (char)(number & 255);
    return out + 2;
}

size_t proxy_header_write(const struct address *client, const struct address *local,
                          char out[PROXY_HEADER_WRITTEN_MAX])
{
    enum v2_family family = V2_INET6;
    enum v2_command command = is_known(client) ? V2_PROXY : V2_LOCAL;
    char *at = out;

    if (command == V2_LOCAL)
        family = V2_UNSPEC;
    else if (is_inet(client) && (!is_known(local) || is_inet(local)))
        family = V2_INET;
    memcpy(at, V2_SIGNATURE.data, V2_SIGNATURE.len);
    at += V2_SIGNATURE.len;
    *at++ = (char)(2 << 4 | command);
    *at++ = (char)(family == V2_UNSPEC ? 0 : family << 4 | V2_STREAM);
    at = put_number16(at, (unsigned)v2_address_size[family]);
    if (family == V2_UNSPEC)
        return (size_t)(at - out);
    at = put_host(at, client, family);
    at = put_host(at, local, family);
    at = put_number16(at, address_port(client));
    at = put_number16(at, is_known(local) ? address_port(local) : 0);
    return (size_t)(at - out);
}

/* As far as both go. */
static bool may_start_with(struct slice bytes, struct slice prefix)
{
    prefix.len = MIN(prefix.len, bytes.len);
    return slice_starts_with(bytes, prefix);
}

enum proxy_header_result proxy_header_parse(struct slice bytes, struct proxy_header *ret_header)
{
    if (may_start_with(bytes, V2_SIGNATURE))
        return parse_v2(bytes, ret_header);
    if (may_start_with(bytes, V1_PREFIX))
        return parse_v1(bytes, ret_header);
    return PROXY_HEADER_ABSENT;
}

const char *proxy_header_problem(enum proxy_header_result result)
{
    switch (result) {
    case PROXY_HEADER_COMPLETE: break;
    case PROXY_HEADER_INCOMPLETE: return "PROXY header is not complete";
    case PROXY_HEADER_ABSENT: return "there is no PROXY header";
    case PROXY_HEADER_MALFORMED: return "PROXY header is malformed";
    case PROXY_HEADER_TOO_LONG: return "PROXY header is too long";
    case PROXY_HEADER_CHECKSUM: return "PROXY header has a wrong checksum";
    }
    return "PROXY header is complete";
}
