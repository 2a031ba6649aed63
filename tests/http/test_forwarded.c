/* SPDX-License-Identifier: MIT */
/* test_forwarded.c - chains of proxies, honest and forged. */
#include "support/unit.h"

#include "http/forwarded.h"

#define LINES_MAX 4
/* 10.0.0.0/8 and fd00::/8 are trusted in all of these. */
#define PROXY "10.0.0.1"
#define STRANGER "198.51.100.66"

static struct network_list trusted(void)
{
    static struct network networks[2];

    assert_int_equal(network_parse(SLICE_LITERAL("10.0.0.0/8"), &networks[0]), 0);
    assert_int_equal(network_parse(SLICE_LITERAL("fd00::/8"), &networks[1]), 0);
    return (struct network_list){.items = networks, .count = 2};
}

/* @lines: of the field, NULL at the end, with one of another name between them. */
static void expect_client(const char *field, const char *peer_text, const char *const *lines,
                          const char *expected)
{
    const struct network_list networks = trusted();
    struct header rows[2 * LINES_MAX];
    struct header_table table;
    struct address peer, client;
    char text[ADDRESS_TEXT_SIZE];

    assert_int_equal(address_parse_host(slice_from_string(peer_text), &peer), 0);
    header_table_init(&table, rows, COUNT_OF(rows));
    for (size_t i = 0; i < LINES_MAX && lines[i]; i++) {
        assert_int_equal(
            header_table_add(&table, slice_from_string(field), slice_from_string(lines[i])), 0);
        assert_int_equal(header_table_add(&table, SLICE_LITERAL("Via"), SLICE_LITERAL("10.0.0.9")),
                         0);
    }
    client = forwarded_client(&table, header_id_from_name(slice_from_string(field)), &peer,
                              &networks);
    if (address_port(&client) == 0)
        (void)address_format_host(&client, text);
    else
        (void)address_format(&client, text);
    if (strcmp(text, expected) != 0)
        fail_msg("%s: \"%s\", \"%s\": %s, expected %s", field, lines[0],
                 lines[0] && lines[1] ? lines[1] : "", text, expected);
}

struct chain {
    const char *peer;
    const char *lines[LINES_MAX];
    const char *expected;
};

static void x_forwarded_for_is_walked_from_the_right(void **state)
{
    static const struct chain rows[] = {
        {PROXY, {NULL}, PROXY},
        {PROXY, {"203.0.113.7"}, "203.0.113.7"},
        {PROXY, {"  203.0.113.7\t"}, "203.0.113.7"},
        {PROXY, {"2001:db8::7"}, "2001:db8::7"},
        {PROXY, {"[2001:db8::7]"}, "2001:db8::7"},
        {PROXY, {"[2001:db8::7]:4711"}, "[2001:db8::7]:4711"},
        {PROXY, {"203.0.113.7:4711"}, "203.0.113.7:4711"},
        {"fd00::1", {"203.0.113.7"}, "203.0.113.7"},
        /* several proxies */
        {PROXY, {"203.0.113.7, 10.0.0.3, 10.0.0.2"}, "203.0.113.7"},
        {PROXY, {"203.0.113.7,fd00::2,10.0.0.2"}, "203.0.113.7"},
        {PROXY, {"203.0.113.7", "10.0.0.3", "10.0.0.2"}, "203.0.113.7"},
        {PROXY, {"203.0.113.7, 10.0.0.3", "10.0.0.2"}, "203.0.113.7"},
        {PROXY, {"::ffff:10.0.0.2"}, "10.0.0.2"},
        {PROXY, {"203.0.113.7, ::ffff:10.0.0.2"}, "203.0.113.7"},
        /* all of them are trusted: somebody within */
        {PROXY, {"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
        /* what stands left of an untrusted hop is its own story */
        {PROXY, {"1.2.3.4, 203.0.113.7"}, "203.0.113.7"},
        {PROXY, {"1.2.3.4, 10.0.0.9, 203.0.113.7, 10.0.0.2"}, "203.0.113.7"},
        {PROXY, {"10.0.0.9", "203.0.113.7"}, "203.0.113.7"},
        {STRANGER, {"1.2.3.4"}, STRANGER},
        {STRANGER, {"10.0.0.2"}, STRANGER},
        /* empty elements are none */
        {PROXY, {""}, PROXY},
        {PROXY, {","}, PROXY},
        {PROXY, {"203.0.113.7,"}, "203.0.113.7"},
        {PROXY, {",203.0.113.7, ,"}, "203.0.113.7"},
        {PROXY, {"203.0.113.7", ""}, "203.0.113.7"},
        /* a bad one ends the walk at the last good hop */
        {PROXY, {"unknown"}, PROXY},
        {PROXY, {"203.0.113.7, unknown"}, PROXY},
        {PROXY, {"203.0.113.7, unknown, 10.0.0.2"}, "10.0.0.2"},
        {PROXY, {"203.0.113.7", "junk", "10.0.0.2"}, "10.0.0.2"},
        {PROXY, {"203.0.113.7 10.0.0.2"}, PROXY},
        {PROXY, {"203.0.113.7;10.0.0.2"}, PROXY},
        {PROXY, {"203.0.113.256"}, PROXY},
        {PROXY, {"203.0.113"}, PROXY},
        {PROXY, {"0xcb007107"}, PROXY},
        {PROXY, {"203.0.113.07"}, PROXY},
        {PROXY, {"203.0.113.7:"}, PROXY},
        {PROXY, {"203.0.113.7:65536"}, PROXY},
        {PROXY, {"203.0.113.7:80:80"}, PROXY},
        {PROXY, {"203.0.113.7/32"}, PROXY},
        {PROXY, {"[203.0.113.7]"}, PROXY},
        {PROXY, {"[2001:db8::7"}, PROXY},
        {PROXY, {"[]"}, PROXY},
        {PROXY, {"[2001:db8::7]x"}, PROXY},
        {PROXY, {"2001:db8::7%eth0"}, PROXY},
        {PROXY, {"localhost"}, PROXY},
        {PROXY, {"*"}, PROXY},
        {PROXY, {"80"}, PROXY},
        {PROXY, {"\"203.0.113.7\""}, PROXY},
        /* quotes mean nothing here, but may not swallow what the proxy has added */
        {PROXY, {"\", 203.0.113.7"}, "203.0.113.7"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        expect_client("X-Forwarded-For", rows[i].peer, rows[i].lines, rows[i].expected);
}

static void forwarded_is_walked_from_the_right(void **state)
{
    static const struct chain rows[] = {
        {PROXY, {"for=203.0.113.7"}, "203.0.113.7"},
        {PROXY, {"For=203.0.113.7;proto=http;by=10.0.0.1"}, "203.0.113.7"},
        {PROXY, {"proto=https; for=203.0.113.7 ; host=example.org"}, "203.0.113.7"},
        {PROXY, {"for=\"203.0.113.7\""}, "203.0.113.7"},
        {PROXY, {"for=\"203.0.113.7:4711\""}, "203.0.113.7:4711"},
        {PROXY, {"for=\"203.0.113.7:_port\""}, "203.0.113.7"},
        {PROXY, {"for=\"[2001:db8:cafe::17]:4711\""}, "[2001:db8:cafe::17]:4711"},
        {PROXY, {"FOR=\"[2001:db8:cafe::17]\";;"}, "2001:db8:cafe::17"},
        {PROXY, {"for=203.0.113.7, for=10.0.0.3,for=10.0.0.2"}, "203.0.113.7"},
        {PROXY, {"for=203.0.113.7", "for=10.0.0.3", "for=\"[fd00::2]\""}, "203.0.113.7"},
        {PROXY, {"for=203.0.113.7;x=\"a,b;for=1.2.3.4\", for=10.0.0.2"}, "203.0.113.7"},
        {PROXY, {"for=203.0.113.7;x=\"a\\\"b\""}, "203.0.113.7"},
        {PROXY, {"for=203.0.113.7;x=\"a\\\\\""}, "203.0.113.7"},
        {PROXY, {"for=1.2.3.4, for=203.0.113.7"}, "203.0.113.7"},
        {STRANGER, {"for=1.2.3.4"}, STRANGER},
        /* a quote that is never closed, on the left, cannot swallow what the proxy has added */
        {PROXY, {"for=\", for=203.0.113.7"}, "203.0.113.7"},
        {PROXY, {"for=1.2.3.4;x=\", for=203.0.113.7"}, "203.0.113.7"},
        {PROXY, {"for=\"1.2.3.4\\, for=203.0.113.7"}, "203.0.113.7"},
        {PROXY, {"for=\"\\\", for=\"203.0.113.7\""}, "203.0.113.7"},
        {PROXY, {"for=\", for=10.0.0.2"}, "10.0.0.2"},
        /* hops without an address */
        {PROXY, {"for=unknown"}, PROXY},
        {PROXY, {"for=_hidden"}, PROXY},
        {PROXY, {"for=203.0.113.7, for=_hidden, for=10.0.0.2"}, "10.0.0.2"},
        {PROXY, {"proto=https"}, PROXY},
        {PROXY, {"for=203.0.113.7, proto=https"}, PROXY},
        /* not of the grammar */
        {PROXY, {"203.0.113.7"}, PROXY},
        {PROXY, {"for=203.0.113.7:4711"}, PROXY},
        {PROXY, {"for=[2001:db8::7]"}, PROXY},
        {PROXY, {"for=\"2001:db8::7\""}, PROXY},
        {PROXY, {"for=2001:db8::7"}, PROXY},
        {PROXY, {"for=\"203.0.113.7:_\""}, PROXY},
        {PROXY, {"for=\"203.0.113.7:_a!\""}, PROXY},
        {PROXY, {"for=\"203.0.113.\\7\""}, PROXY},
        {PROXY, {"for=203.0.113.7;for=1.2.3.4"}, PROXY},
        {PROXY, {"for=203.0.113.7 proto=https"}, PROXY},
        {PROXY, {"for =203.0.113.7"}, PROXY},
        {PROXY, {"for= 203.0.113.7"}, PROXY},
        {PROXY, {"for="}, PROXY},
        {PROXY, {"for=\""}, PROXY},
        {PROXY, {"for=\"\""}, PROXY},
        {PROXY, {"for=\"203.0.113.7\"x"}, PROXY},
        {PROXY, {"=203.0.113.7"}, PROXY},
        {PROXY, {"for"}, PROXY},
        {PROXY, {"for=203.0.113.7;proto"}, PROXY},
        {PROXY, {"for=203.0.113.7;x=\"a\\\""}, PROXY},
        {PROXY, {","}, PROXY},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        expect_client("Forwarded", rows[i].peer, rows[i].lines, rows[i].expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(x_forwarded_for_is_walked_from_the_right),
        cmocka_unit_test(forwarded_is_walked_from_the_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
