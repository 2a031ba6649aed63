/* SPDX-License-Identifier: MIT */
/* test_client_rates.c - buckets that fill by the clock. */
#include "support/unit.h"

#include "base/client_rates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_MS 5000000

static struct client_rates rates;

static int set_up(void **state)
{
    rates = (struct client_rates){
        .buckets = aligned_alloc(CACHE_LINE_SIZE, client_rates_size()),
        .seed = 4711,
        .rate = 10,
        .burst = 3,
    };
    if (!rates.buckets)
        return -1;
    memset(rates.buckets, 0, client_rates_size());
    return 0;
}

static int tear_down(void **state)
{
    free(rates.buckets);
    return 0;
}

/* Milliseconds to wait, 0: answered. */
static unsigned take(const char *text, int64_t ms)
{
    struct address addr;
    bool is_known;
    unsigned wait;

    assert_int_equal(address_parse(slice_from_string(text), 80, &addr), 0);
    wait = client_rates_take(&rates, &addr, START_MS + ms, &is_known);
    assert_true(is_known);
    return wait;
}

static void a_burst_then_the_rate(void **state)
{
    for (int i = 0; i < 3; i++)
        assert_int_equal(take("192.0.2.1", 0), 0);
    assert_int_equal(take("192.0.2.1", 0), 100);
    assert_int_equal(take("192.0.2.1", 40), 60); /* what was refused does not count */
    assert_int_equal(take("192.0.2.1", 100), 0);
    assert_int_equal(take("192.0.2.1", 100), 100);
    for (int i = 2; i < 50; i++)
        assert_int_equal(take("192.0.2.1", i * 100), 0);
    assert_int_equal(take("192.0.2.1", 4999), 1);
}

static void a_pause_fills_the_bucket_and_no_more(void **state)
{
    for (int i = 0; i < 3; i++)
        assert_int_equal(take("192.0.2.1", 0), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(take("192.0.2.1", 200), 0);
    assert_int_equal(take("192.0.2.1", 200), 100);
    for (int i = 0; i < 3; i++)
        assert_int_equal(take("192.0.2.1", 1000000), 0);
    assert_int_equal(take("192.0.2.1", 1000000), 100);
}

static void clients_have_buckets_of_their_own(void **state)
{
    for (int i = 0; i < 3; i++)
        assert_int_equal(take("192.0.2.1", 0), 0);
    assert_int_not_equal(take("192.0.2.1", 0), 0);
    assert_int_equal(take("192.0.2.2", 0), 0);
    assert_int_equal(take("[2001:db8::1]", 0), 0);
    assert_int_equal(take("[2001:db8::2]", 0), 0);
    assert_int_equal(take("[2001:db8::3]", 0), 0);
    assert_int_not_equal(take("[2001:db8::4]", 0), 0); /* the same 64 bits */
}

static void a_full_bucket_makes_room_for_others(void **state)
{
    unsigned unknown = 0;

    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 200000; i++) {
            struct address addr;
            char text[32];
            bool is_known;

            (void)snprintf(text, sizeof(text), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
            assert_int_equal(address_parse(slice_from_string(text), 80, &addr), 0);
            assert_int_equal(client_rates_take(&rates, &addr, START_MS + round * 1000, &is_known),
                             0);
            unknown += !is_known;
        }
        /* More than there are buckets; and again, though the first ones had them all. */
        assert_in_range(unknown, (round + 1) * (200000 - 65536), (round + 1) * 200000 - 40000);
    }
}

static void the_fastest_rate_is_exact(void **state)
{
    rates.rate = 1000000;
    rates.burst = 1000;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(take("192.0.2.1", 0), 0);
    assert_int_equal(take("192.0.2.1", 0), 1);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(take("192.0.2.1", 1), 0);
    assert_int_equal(take("192.0.2.1", 1), 1);
}

int main(void)
{
#define WITH_BUCKETS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_BUCKETS(a_burst_then_the_rate),
        WITH_BUCKETS(a_pause_fills_the_bucket_and_no_more),
        WITH_BUCKETS(clients_have_buckets_of_their_own),
        WITH_BUCKETS(a_full_bucket_makes_room_for_others),
        WITH_BUCKETS(the_fastest_rate_is_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
