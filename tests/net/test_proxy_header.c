/* SPDX-License-Identifier: MIT */
/* test_proxy_header.c - headers of both versions, whole, cut and wrong. */
#include "support/unit.h"

#include "base/crc32c.h"
#include "net/proxy_header.h"

#include <stdlib.h>

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define INET                                                                                       \
    "\xc0\x00\x02\x01\xc6\x33\x64\x01\xdc\x04\x01\xbb" /* 192.0.2.1:56324 198.51.100.1:443 */
#define INET_TEXT "192.0.2.1:56324"
#define INET6                                                                                      \
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"                                                   \
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\xdc\x04\x01\xbb"
#define BYTES(s)                                                                                   \
    {                                                                                              \
        (s), sizeof(s) - 1                                                                         \
    }

static void expect_client(struct slice bytes, const char *client, size_t len)
{
    struct proxy_header header;
    char text[ADDRESS_TEXT_SIZE];

    assert_int_equal(proxy_header_parse(bytes, &header), PROXY_HEADER_COMPLETE);
    assert_int_equal(header.len, len);
    (void)address_format(&header.client, text);
    assert_string_equal(text, client);
}

/* Each part of a header may be one; the header itself is one, whatever follows it. */
static void expect_in_pieces(struct slice bytes, const char *client)
{
    char *copy = malloc(bytes.len + 3);

    assert_non_null(copy);
    memcpy(copy, bytes.data, bytes.len);
    memcpy(copy + bytes.len, "GET", 3);
    for (size_t len = 0; len < bytes.len; len++) {
        struct proxy_header header;

        assert_int_equal(proxy_header_parse(slice_of(copy, len), &header), PROXY_HEADER_INCOMPLETE);
    }
    expect_client(slice_of(copy, bytes.len), client, bytes.len);
    expect_client(slice_of(copy, bytes.len + 3), client, bytes.len);
    free(copy);
}

static void headers_name_the_client(void **state)
{
    static const struct {
        struct slice bytes;
        const char *client;
    } rows[] = {
        {BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n"), INET_TEXT},
        {BYTES("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"),
         "255.255.255.255:65535"},
        {BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 0 0\r\n"), "192.0.2.1:0"},
        {BYTES("PROXY TCP6 2001:db8::1 ::1 56324 443\r\n"), "[2001:db8::1]:56324"},
        {BYTES("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
               "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
         "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
        {BYTES("PROXY UNKNOWN\r\n"), "-"},
        {BYTES("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
               "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"), /* 107 bytes */
         "-"},
        {BYTES(SIGNATURE "\x21\x11\x00\x0c" INET), INET_TEXT},
        {BYTES(SIGNATURE "\x21\x12\x00\x0c" INET), INET_TEXT}, /* by datagrams */
        {BYTES(SIGNATURE "\x21\x21\x00\x24" INET6), "[2001:db8::1]:56324"},
        /* no client's address */
        {BYTES(SIGNATURE "\x20\x00\x00\x00"), "-"},
        {BYTES(SIGNATURE "\x20\x11\x00\x0c" INET), "-"},
        {BYTES(SIGNATURE "\x20\xff\x00\x03\x03\x00\x09"), "-"},
        {BYTES(SIGNATURE "\x21\x00\x00\x00"), "-"},
        {BYTES(SIGNATURE "\x21\x00\x00\x03"
                         "abc"),
         "-"},
        {BYTES(SIGNATURE "\x21\x10\x00\x0c" INET), "-"},
        /* extensions: an authority, a NOOP, one without a value */
        {BYTES(SIGNATURE "\x21\x11\x00\x19" INET "\x02\x00\x04"
                         "a.de"
                         "\x04\x00\x00"
                         "\xee\x00\x00"),
         INET_TEXT},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        expect_in_pieces(rows[i].bytes, rows[i].client);
}

static void unix_addresses_are_no_clients_address(void **state)
{
    char bytes[16 + 216] = SIGNATURE "\x21\x31\x00\xd8/run/a.sock";

    (void)state;
    expect_in_pieces(slice_of(bytes, sizeof(bytes)), "-");
}

static void anything_else_is_refused(void **state)
{
    static const struct {
        struct slice bytes;
        enum proxy_header_result result;
    } rows[] = {
        {BYTES("GET / HTTP/1.1\r\n"), PROXY_HEADER_ABSENT},
        {BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), PROXY_HEADER_ABSENT},
        {BYTES("proxy TCP4"), PROXY_HEADER_ABSENT},
        {BYTES("PROXY\tTCP4"), PROXY_HEADER_ABSENT},
        {BYTES("\r\nPROXY "), PROXY_HEADER_ABSENT},
        {BYTES("\r\n\r\nGET"), PROXY_HEADER_ABSENT},
        {BYTES("PROXY \r\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY TCP4\r\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY UNKNOWNS\r\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY UDP4 192.0.2.1 198.51.100.1 56324 443\r\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 \r\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY TCP4  192.0.2.1 198.51.100.1 56324 443\r\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 56324 65536\r\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 056324 443\r\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY TCP4 192.0.2.1 198.51.100.1 -1 443\r\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY TCP4 192.0.2.01 198.51.100.1 1 443\r\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY TCP4 192.0.2.1 198.51.100 1 443\r\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY TCP4 localhost 198.51.100.1 1 443\r\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY TCP4 2001:db8::1 ::1 1 443\r\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY TCP6 192.0.2.1 198.51.100.1 1 443\r\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY TCP6 2001:db8::1 192.0.2.1 1 443\r\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY TCP6 [2001:db8::1] ::1 1 443\r\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY TCP6 fe80::1%lo ::1 1 443\r\n"), PROXY_HEADER_MALFORMED},
        {BYTES("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
               "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 655350\r\n"), /* 108 bytes */
         PROXY_HEADER_TOO_LONG},
        {BYTES(SIGNATURE "\x11\x11\x00\x0c" INET), PROXY_HEADER_MALFORMED}, /* version 1 */
        {BYTES(SIGNATURE "\x31\x11\x00\x0c" INET), PROXY_HEADER_MALFORMED},
        {BYTES(SIGNATURE "\x22\x11\x00\x0c" INET), PROXY_HEADER_MALFORMED}, /* command 2 */
        {BYTES(SIGNATURE "\x21\x41\x00\x0c" INET), PROXY_HEADER_MALFORMED}, /* family 4 */
        {BYTES(SIGNATURE "\x21\x13\x00\x0c" INET), PROXY_HEADER_MALFORMED}, /* transport 3 */
        {BYTES(SIGNATURE "\x21\x11\x00\x0b" INET), PROXY_HEADER_MALFORMED},
        {BYTES(SIGNATURE "\x21\x21\x00\x0c" INET), PROXY_HEADER_MALFORMED},
        {BYTES(SIGNATURE "\x21\x11\x0f\xf1" INET), PROXY_HEADER_TOO_LONG}, /* 4097 bytes */
        {BYTES(SIGNATURE "\x20\x11\xff\xff" INET), PROXY_HEADER_TOO_LONG},
        {BYTES(SIGNATURE "\x21\x11\x00\x0e" INET "\x04\x00"), PROXY_HEADER_MALFORMED},
        {BYTES(SIGNATURE "\x21\x11\x00\x0f" INET "\x04\x00\x01"), PROXY_HEADER_MALFORMED},
        {BYTES(SIGNATURE "\x21\x11\x00\x0f" INET "\x03\x00\x00"), PROXY_HEADER_MALFORMED},
        {BYTES(SIGNATURE "\x21\x11\x00\x13" INET "\x03\x00\x04\x00\x00\x00\x00"),
         PROXY_HEADER_CHECKSUM},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct proxy_header header;
        enum proxy_header_result result = proxy_header_parse(rows[i].bytes, &header);

        if (result != rows[i].result)
            fail_msg("row %zu: %s", i, proxy_header_problem(result));
    }
}

/* Nobody waits for what cannot become one. */
static void a_line_without_an_end_is_too_long_when_it_cannot_be_right_any_more(void **state)
{
    char bytes[200];
    struct proxy_header header;

    (void)state;
    memset(bytes, 'x', sizeof(bytes));
    memcpy(bytes, "PROXY UNKNOWN ", 14);
    assert_int_equal(proxy_header_parse(slice_of(bytes, 106), &header), PROXY_HEADER_INCOMPLETE);
    assert_int_equal(proxy_header_parse(slice_of(bytes, 107), &header), PROXY_HEADER_TOO_LONG);
}

static void a_checksum_is_of_the_whole_header(void **state)
{
    char bytes[] = SIGNATURE "\x21\x11\x00\x1a" INET "\x03\x00\x04\0\0\0\0\x02\x00\x04"
                             "a.de";
    struct slice header = slice_of(bytes, sizeof(bytes) - 1);
    uint32_t crc = crc32c_add(0, header);

    (void)state;
    for (unsigned i = 0; i < 4; i++)
        bytes[31 + i] = (char)(crc >> (24 - 8 * i));
    expect_in_pieces(header, INET_TEXT);
    for (size_t i = 16; i < header.len; i++) { /* address, type of an extension, sum, and name */
        struct proxy_header unused;

        bytes[i] ^= 1;
        assert_true(proxy_header_parse(header, &unused) != PROXY_HEADER_COMPLETE ||
                    i == 28); /* the checksum is none any more */
        bytes[i] ^= 1;
    }
}

/* NULL: none. */
static const struct address *address_of(const char *text, struct address *space)
{
    if (!text)
        return NULL;
    assert_int_equal(address_parse(slice_from_string(text), 0, space), 0);
    return space;
}

static void what_is_written_is_as_defined_and_reads_back(void **state)
{
    static const struct {
        const char *client, *local;
        struct slice expected; /* behind the signature */
    } rows[] = {
        {"192.0.2.1:56324", "198.51.100.1:443", BYTES("\x21\x11\0\x0c" INET)},
        {"192.0.2.1:56324", NULL, BYTES("\x21\x11\0\x0c\xc0\x00\x02\x01\0\0\0\0\xdc\x04\0\0")},
        {"[2001:db8::1]:56324", "[2001:db8::2]:443", BYTES("\x21\x21\0\x24" INET6)},
        {"192.0.2.1:56324", "[2001:db8::2]:443",
         BYTES("\x21\x21\0\x24\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x01"
               "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\xdc\x04\x01\xbb")},
        {"[2001:db8::1]:56324", "198.51.100.1:443",
         BYTES("\x21\x21\0\x24\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
               "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc6\x33\x64\x01\xdc\x04\x01\xbb")},
        {NULL, NULL, BYTES("\x20\0\0\0")},
        {NULL, "198.51.100.1:443", BYTES("\x20\0\0\0")},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[PROXY_HEADER_WRITTEN_MAX];
        struct address client, local;
        struct proxy_header header;
        size_t len = proxy_header_write(address_of(rows[i].client, &client),
                                        address_of(rows[i].local, &local), out);

        assert_int_equal(len, 12 + rows[i].expected.len);
        assert_memory_equal(out, SIGNATURE, 12);
        assert_memory_equal(out + 12, rows[i].expected.data, rows[i].expected.len);
        assert_int_equal(proxy_header_parse(slice_of(out, len), &header), PROXY_HEADER_COMPLETE);
        assert_int_equal(header.len, len);
        if (!rows[i].client)
            assert_int_equal(header.client.any.sa_family, AF_UNSPEC);
        else
            assert_int_equal(address_port(&header.client), 56324);
    }
    const struct address none = {.any.sa_family = AF_UNSPEC};
    char out[PROXY_HEADER_WRITTEN_MAX];
    assert_int_equal(proxy_header_write(&none, &none, out), 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_name_the_client),
        cmocka_unit_test(unix_addresses_are_no_clients_address),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(a_line_without_an_end_is_too_long_when_it_cannot_be_right_any_more),
        cmocka_unit_test(a_checksum_is_of_the_whole_header),
        cmocka_unit_test(what_is_written_is_as_defined_and_reads_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
