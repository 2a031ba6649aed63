/* SPDX-License-Identifier: MIT */
/* test_client_counts.c - connections of a client, over the tables of several workers. */
#include "support/unit.h"

#include "base/client_counts.h"
#include "base/client_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORKERS 3

static struct client_counts workers[WORKERS];
static counter *tables;
static size_t tables_size;

static int set_up(void **state)
{
    uint32_t lines = client_counts_lines(100);

    tables_size = client_counts_size(lines, WORKERS);
    tables = aligned_alloc(CACHE_LINE_SIZE, tables_size);
    if (!tables)
        return -1;
    memset(tables, 0, tables_size);
    for (uint32_t i = 0; i < WORKERS; i++)
        workers[i] = (struct client_counts){.tables = tables,
                                            .lines = lines,
                                            .workers = WORKERS,
                                            .own = i,
                                            .limit = 4,
                                            .seed = 4711};
    return 0;
}

static int tear_down(void **state)
{
    free(tables);
    return 0;
}

static struct address address_of(const char *text)
{
    struct address addr;

    assert_int_equal(address_parse(slice_from_string(text), 80, &addr), 0);
    return addr;
}

static enum client_verdict enter(unsigned worker, const char *text)
{
    struct address addr = address_of(text);

    return client_counts_enter(&workers[worker], &addr);
}

static void leave(unsigned worker, const char *text)
{
    struct address addr = address_of(text);

    client_counts_leave(&workers[worker], &addr);
}

static bool is_all_zero(void)
{
    for (size_t i = 0; i < tables_size / sizeof(counter); i++) {
        if (counter_get(&tables[i]) & 0xffffff)
            return false;
    }
    return true;
}

static void all_workers_count_together(void **state)
{
    assert_int_equal(enter(0, "192.0.2.1:1000"), CLIENT_COUNTED);
    assert_int_equal(enter(1, "192.0.2.1:1001"), CLIENT_COUNTED);
    assert_int_equal(enter(1, "192.0.2.1:1002"), CLIENT_COUNTED);
    assert_int_equal(enter(2, "192.0.2.1:1003"), CLIENT_COUNTED);
    for (unsigned i = 0; i < WORKERS; i++)
        assert_int_equal(enter(i, "192.0.2.1:1004"), CLIENT_REFUSED);
    assert_int_equal(enter(0, "192.0.2.2:1000"), CLIENT_COUNTED);
    leave(1, "192.0.2.1:1001");
    assert_int_equal(enter(0, "192.0.2.1:1005"), CLIENT_COUNTED);
    assert_int_equal(enter(1, "192.0.2.1:1006"), CLIENT_REFUSED);
}

static void a_client_is_an_ipv4_address_or_64_bits_of_ipv6(void **state)
{
    static const struct {
        const char *a, *b;
        bool is_same;
    } rows[] = {
        {"192.0.2.1:1", "192.0.2.1:2", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"192.0.2.1", "[::ffff:192.0.2.1]:1", true},
        {"[2001:db8:1:2::1]:1", "[2001:db8:1:2:ffff::9]:2", true},
        {"[2001:db8:1:2::1]:1", "[2001:db8:1:3::1]:1", false},
        {"[::ffff:192.0.2.1]:1", "[::ffff:192.0.2.2]:1", false},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address a = address_of(rows[i].a);
        struct address b = address_of(rows[i].b);

        assert_int_equal(client_key(1, &a) == client_key(1, &b), rows[i].is_same);
        assert_true(client_key(1, &a) != client_key(2, &a)); /* nobody knows the seed */
    }
}

static void what_a_dead_worker_had_is_forgotten(void **state)
{
    for (int i = 0; i < 3; i++)
        assert_int_equal(enter(1, "192.0.2.1"), CLIENT_COUNTED);
    assert_int_equal(enter(0, "192.0.2.1"), CLIENT_COUNTED);
    assert_int_equal(enter(0, "192.0.2.1"), CLIENT_REFUSED);
    client_counts_clear(tables, workers[1].lines, 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(enter(2, "192.0.2.1"), CLIENT_COUNTED);
    assert_int_equal(enter(2, "192.0.2.1"), CLIENT_REFUSED);
}

static void as_many_clients_as_connections_have_a_place(void **state)
{
    unsigned uncounted = 0;
    bool is_counted[100];

    for (unsigned i = 0; i < 100; i++) {
        char text[32];

        (void)snprintf(text, sizeof(text), "10.0.%u.1", i);
        is_counted[i] = enter(0, text) == CLIENT_COUNTED;
        uncounted += !is_counted[i];
    }
    assert_true(uncounted <= 2);
    for (unsigned i = 0; i < 100; i++) {
        char text[32];

        (void)snprintf(text, sizeof(text), "10.0.%u.1", i);
        if (is_counted[i])
            leave(0, text);
    }
    assert_true(is_all_zero());
}

static void a_full_line_leaves_a_client_uncounted(void **state)
{
    unsigned uncounted = 0;

    for (unsigned i = 0; i < 2000; i++) {
        char text[32];

        (void)snprintf(text, sizeof(text), "10.%u.%u.1", i / 256, i % 256);
        uncounted += enter(0, text) == CLIENT_UNCOUNTED;
    }
    assert_true(uncounted >= 2000 - tables_size / WORKERS / sizeof(counter));
}

/* Against numbers in an array, with places that are taken and given up all the time. */
static void random_calls_do_what_a_model_does(void **state)
{
    unsigned model[WORKERS][20] = {{0}};
    uint32_t random = 12345;

    for (int i = 0; i < 20000; i++) {
        char text[32];
        unsigned worker, client, sum = 0;

        random = random * 1664525 + 1013904223;
        worker = random >> 8 & 0xff;
        worker %= WORKERS;
        client = (random >> 16) % 20;
        (void)snprintf(text, sizeof(text), "10.0.0.%u", client);
        for (unsigned k = 0; k < WORKERS; k++)
            sum += model[k][client];
        if (random >> 31 && model[worker][client] > 0) {
            leave(worker, text);
            model[worker][client]--;
        } else if (sum >= 4) {
            assert_int_equal(enter(worker, text), CLIENT_REFUSED);
        } else {
            assert_int_equal(enter(worker, text), CLIENT_COUNTED);
            model[worker][client]++;
        }
    }
}

int main(void)
{
#define WITH_TABLES(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_TABLES(all_workers_count_together),
        WITH_TABLES(a_client_is_an_ipv4_address_or_64_bits_of_ipv6),
        WITH_TABLES(what_a_dead_worker_had_is_forgotten),
        WITH_TABLES(as_many_clients_as_connections_have_a_place),
        WITH_TABLES(a_full_line_leaves_a_client_uncounted),
        WITH_TABLES(random_calls_do_what_a_model_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
