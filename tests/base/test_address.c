/* SPDX-License-Identifier: MIT */
/* test_address.c - addresses and networks: text to value and back. */
#include "support/unit.h"

#include "base/address.h"

#include <errno.h>

#define DEFAULT_PORT 443

static struct address parsed(const char *text)
{
    struct address addr = {.any = {.sa_family = AF_UNSPEC}};

    if (address_parse(slice_from_string(text), DEFAULT_PORT, &addr) != 0)
        fail_msg("'%s' does not parse", text);
    return addr;
}

static void every_form_parses_and_prints_in_full(void **state)
{
    static const struct {
        const char *text, *full, *host;
    } rows[] = {
        {"127.0.0.1:8080", "127.0.0.1:8080", "127.0.0.1"},
        {"127.0.0.1", "127.0.0.1:443", "127.0.0.1"},
        {"[::1]:8080", "[::1]:8080", "::1"},
        {"[::1]", "[::1]:443", "::1"},
        {"::1", "[::1]:443", "::1"},
        {"::", "[::]:443", "::"},
        {"fe80::1:2", "[fe80::1:2]:443", "fe80::1:2"},
        {"FE80::00AB", "[fe80::ab]:443", "fe80::ab"},
        {"8080", "0.0.0.0:8080", "0.0.0.0"},
        {"*:8080", "0.0.0.0:8080", "0.0.0.0"},
        {"*", "0.0.0.0:443", "0.0.0.0"},
        {"[::]:80", "[::]:80", "::"},
        {"localhost:8080", "127.0.0.1:8080", "127.0.0.1"},
        {"LocalHost", "127.0.0.1:443", "127.0.0.1"},
        {"127.0.0.1:0", "127.0.0.1:0", "127.0.0.1"},
        {"0", "0.0.0.0:0", "0.0.0.0"},
        {"10.0.0.1:65535", "10.0.0.1:65535", "10.0.0.1"},
        {"::ffff:192.0.2.7", "[::ffff:192.0.2.7]:443", "192.0.2.7"},
        {"[1111:2222:3333:4444:5555:6666:7777:8888]:65535",
         "[1111:2222:3333:4444:5555:6666:7777:8888]:65535",
         "1111:2222:3333:4444:5555:6666:7777:8888"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address addr = parsed(rows[i].text);
        char text[ADDRESS_TEXT_SIZE];

        assert_int_equal(address_format(&addr, text), strlen(rows[i].full));
        assert_string_equal(text, rows[i].full);
        assert_int_equal(address_format_host(&addr, text), strlen(rows[i].host));
        assert_string_equal(text, rows[i].host);
    }
}

static void bad_addresses_are_refused_and_touch_nothing(void **state)
{
    static const struct {
        const char *text;
        int err;
    } rows[] = {
        {"", -EINVAL},
        {" 127.0.0.1", -EINVAL},
        {"127.0.0.1 ", -EINVAL},
        {"127.0.0.1:", -EINVAL},
        {"127.0.0.1:x", -EINVAL},
        {"127.0.0.1:+1", -EINVAL},
        {"127.0.0.1:65536", -ERANGE},
        {"65536", -ERANGE},
        {"99999999999999999999999", -ERANGE},
        {"127.0.0", -EINVAL},
        {"127.1:80", -EINVAL},
        {"256.0.0.1", -EINVAL},
        {"0x7f.0.0.1", -EINVAL},
        {":80", -EINVAL},
        {"*80", -EINVAL},
        {"[::1", -EINVAL},
        {"[]", -EINVAL},
        {"[]:80", -EINVAL},
        {"[", -EINVAL},
        {"]", -EINVAL},
        {"::1]", -EINVAL},
        {"[::1]80", -EINVAL},
        {"[::1]:", -EINVAL},
        {"[::1]::80", -EINVAL},
        {"[127.0.0.1]:80", -EINVAL},
        {"[::1]:65536", -ERANGE},
        {"1:2:3:4:5:6:7:8:9", -EINVAL},
        {"::1%lo", -EINVAL},
        {"example.org:80", -EINVAL},
        {"unix:/run/x", -EINVAL},
        {"1111:2222:3333:4444:5555:6666:7777:8888:1111:2222:3333:4444:5555", -EINVAL},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address addr = parsed("192.0.2.1:1");
        struct address before = addr;
        int err = address_parse(slice_from_string(rows[i].text), DEFAULT_PORT, &addr);

        if (err != rows[i].err)
            fail_msg("'%s': %d", rows[i].text, err);
        assert_memory_equal(&addr, &before, sizeof(addr));
    }
    assert_int_equal(address_parse(slice_of("127.0.0.1\0", 10), 80, &(struct address){0}), -EINVAL);
}

static void no_address_prints_as_a_dash(void **state)
{
    struct address none = {.any = {.sa_family = AF_UNSPEC}};
    char text[ADDRESS_TEXT_SIZE];

    assert_int_equal(address_format(&none, text), 1);
    assert_string_equal(text, "-");
    assert_int_equal(address_format_host(&none, text), 1);
    assert_string_equal(text, "-");
    assert_false(address_is_any(&none));
    assert_false(address_is_loopback(&none));
}

static void sizes_and_ports_fit_the_family(void **state)
{
    struct address v4 = parsed("1.2.3.4:5");
    struct address v6 = parsed("[::1]:6");

    assert_int_equal(address_size(&v4), sizeof(struct sockaddr_in));
    assert_int_equal(address_size(&v6), sizeof(struct sockaddr_in6));
    assert_int_equal(address_port(&v4), 5);
    assert_int_equal(address_port(&v6), 6);
    address_set_port(&v4, 65535);
    address_set_port(&v6, 256);
    assert_int_equal(address_port(&v4), 65535);
    assert_int_equal(address_port(&v6), 256);
}

static void equal_means_family_host_port_and_scope(void **state)
{
    static const struct {
        const char *a, *b;
        bool equal;
    } rows[] = {
        {"1.2.3.4:80", "1.2.3.4:80", true},   {"1.2.3.4:80", "1.2.3.4:81", false},
        {"1.2.3.4:80", "1.2.3.5:80", false},  {"[::1]:80", "[0:0::1]:80", true},
        {"[::1]:80", "[::2]:80", false},      {"*:80", "[::]:80", false},
        {"1.2.3.4", "::ffff:1.2.3.4", false},
    };
    struct address scoped = parsed("[fe80::1]:80");
    struct address none = {.any = {.sa_family = AF_UNSPEC}};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address a = parsed(rows[i].a);
        struct address b = parsed(rows[i].b);

        assert_int_equal(address_equal(&a, &b), rows[i].equal);
        assert_int_equal(address_equal(&b, &a), rows[i].equal);
        assert_false(address_equal(&a, &none));
    }
    scoped.v6.sin6_scope_id = 2;
    assert_true(address_equal(&scoped, &scoped));
    assert_false(address_equal(&scoped, &(struct address){.v6 = parsed("[fe80::1]:80").v6}));
    assert_true(address_equal(&none, &none));
}

static void loopback_and_any_are_recognised(void **state)
{
    static const struct {
        const char *text;
        bool loopback, any;
    } rows[] = {
        {"127.0.0.1", true, false},
        {"127.255.255.255", true, false},
        {"126.255.255.255", false, false},
        {"128.0.0.0", false, false},
        {"::1", true, false},
        {"::2", false, false},
        {"::ffff:127.0.0.1", true, false},
        {"::ffff:8.8.8.8", false, false},
        {"0.0.0.0", false, true},
        {"::", false, true},
        {"0.0.0.1", false, false},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address addr = parsed(rows[i].text);

        assert_int_equal(address_is_loopback(&addr), rows[i].loopback);
        assert_int_equal(address_is_any(&addr), rows[i].any);
    }
}

static void networks_parse_strictly(void **state)
{
    static const struct {
        const char *text;
        int err;
        unsigned bits;
    } rows[] = {
        {"10.0.0.0/8", 0, 8},
        {"10.1.2.3", 0, 32},
        {"0.0.0.0/0", 0, 0},
        {"192.0.2.128/25", 0, 25},
        {"::1", 0, 128},
        {"fd00::/8", 0, 8},
        {"::/0", 0, 0},
        {"2001:db8::/32", 0, 32},
        {"10.0.0.1/8", -EINVAL, 0},
        {"192.0.2.128/24", -EINVAL, 0},
        {"fd00::1/64", -EINVAL, 0},
        {"10.0.0.0/33", -ERANGE, 0},
        {"::/129", -ERANGE, 0},
        {"10.0.0.0/", -EINVAL, 0},
        {"10.0.0.0/8/8", -EINVAL, 0},
        {"10.0.0.0/-1", -EINVAL, 0},
        {"/8", -EINVAL, 0},
        {"", -EINVAL, 0},
        {"[::1]", -EINVAL, 0},
        {"localhost", -EINVAL, 0},
        {"10.0.0.0:80", -EINVAL, 0},
        {"10/8", -EINVAL, 0},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct network network = {.prefix_bits = 77};
        int err = network_parse(slice_from_string(rows[i].text), &network);

        if (err != rows[i].err)
            fail_msg("'%s': %d", rows[i].text, err);
        assert_int_equal(network.prefix_bits, err ? 77 : rows[i].bits);
    }
}

static void networks_contain_their_addresses_alone(void **state)
{
    static const struct {
        const char *network, *addr;
        bool contains;
    } rows[] = {
        {"10.0.0.0/8", "10.255.255.255", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"10.0.0.0/8", "::ffff:10.1.2.3", true},
        {"10.0.0.0/8", "::10.1.2.3", false},
        {"192.0.2.128/25", "192.0.2.128", true},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"192.0.2.4/31", "192.0.2.5", true},
        {"192.0.2.4/31", "192.0.2.6", false},
        {"192.0.2.4", "192.0.2.4", true},
        {"192.0.2.4", "192.0.2.5", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "::1", false},
        {"::/0", "::1", true},
        {"::/0", "10.0.0.1", false},
        {"::/0", "::ffff:10.0.0.1", false}, /* an IPv4 peer of a dual-stack listener */
        {"fd00::/8", "fdff::1", true},
        {"fd00::/8", "fc00::1", false},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"::1", "::1", true},
        {"::1", "127.0.0.1", false},
        {"::ffff:10.0.0.0/104", "10.9.9.9", true},
        {"::ffff:10.0.0.0/104", "::ffff:10.9.9.9", true},
        {"::ffff:10.0.0.0/104", "11.0.0.1", false},
    };
    struct network none = {.base = {.any = {.sa_family = AF_UNSPEC}}};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct network network;
        struct address addr = parsed(rows[i].addr);

        assert_int_equal(network_parse(slice_from_string(rows[i].network), &network), 0);
        if (network_contains(&network, &addr) != rows[i].contains)
            fail_msg("%s in %s", rows[i].addr, rows[i].network);
        assert_false(network_contains(&none, &addr));
        assert_false(network_contains(&network, &none.base));
    }
}

static void networks_are_printed_as_they_are_read(void **state)
{
    static const struct {
        const char *text, *printed;
    } rows[] = {
        {"10.0.0.0/8", "10.0.0.0/8"},
        {"192.0.2.1", "192.0.2.1/32"},
        {"fd00::/8", "fd00::/8"},
        {"::ffff:10.0.0.0/104", "::ffff:10.0.0.0/104"},
        {"2001:db8:1111:2222:3333:4444:5555:6666", "2001:db8:1111:2222:3333:4444:5555:6666/128"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct network network;
        char text[ADDRESS_TEXT_SIZE];

        assert_int_equal(network_parse(slice_from_string(rows[i].text), &network), 0);
        assert_int_equal(network_format(&network, text), strlen(rows[i].printed));
        assert_string_equal(text, rows[i].printed);
    }
}

static void a_list_of_networks_contains_what_one_of_them_does(void **state)
{
    struct network networks[2];
    const struct network_list list = {.items = networks, .count = 2};
    const struct network_list none = {.count = 0};
    struct address first = parsed("10.1.2.3"), second = parsed("::1"), other = parsed("11.0.0.1");

    (void)state;
    assert_int_equal(network_parse(SLICE_LITERAL("10.0.0.0/8"), &networks[0]), 0);
    assert_int_equal(network_parse(SLICE_LITERAL("::1"), &networks[1]), 0);
    assert_true(network_list_contains(&list, &first));
    assert_true(network_list_contains(&list, &second));
    assert_false(network_list_contains(&list, &other));
    assert_false(network_list_contains(&none, &first));
}

static void a_bare_host_is_nothing_but_an_address(void **state)
{
    static const char *const bad[] = {
        "",       "localhost", "*",        "80",       "127.0.0.1:80", "[::1]", "[::1]:80",
        "::1%lo", "127.1",     "01.2.3.4", "1.2.3.4 ", "1.2.3.4/32",   "g::1",
    };
    struct address addr;

    (void)state;
    assert_int_equal(address_parse_host(SLICE_LITERAL("192.0.2.1"), &addr), 0);
    assert_int_equal(addr.any.sa_family, AF_INET);
    assert_int_equal(address_port(&addr), 0);
    assert_int_equal(address_parse_host(SLICE_LITERAL("2001:db8::1"), &addr), 0);
    assert_int_equal(addr.any.sa_family, AF_INET6);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (address_parse_host(slice_from_string(bad[i]), &addr) != -EINVAL)
            fail_msg("\"%s\" is taken", bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_parses_and_prints_in_full),
        cmocka_unit_test(bad_addresses_are_refused_and_touch_nothing),
        cmocka_unit_test(no_address_prints_as_a_dash),
        cmocka_unit_test(sizes_and_ports_fit_the_family),
        cmocka_unit_test(equal_means_family_host_port_and_scope),
        cmocka_unit_test(loopback_and_any_are_recognised),
        cmocka_unit_test(networks_parse_strictly),
        cmocka_unit_test(networks_contain_their_addresses_alone),
        cmocka_unit_test(networks_are_printed_as_they_are_read),
        cmocka_unit_test(a_list_of_networks_contains_what_one_of_them_does),
        cmocka_unit_test(a_bare_host_is_nothing_but_an_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
