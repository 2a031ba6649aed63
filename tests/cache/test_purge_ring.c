/* SPDX-License-Identifier: MIT */
/* test_purge_ring.c - every reader hears of every purge, or to forget everything. */
#include "support/unit.h"

#include "cache/purge_ring.h"

static struct purge_ring *new_ring(void)
{
    static struct purge_ring ring;

    atomic_store(&ring.count, 0);
    for (unsigned i = 0; i < PURGE_PLACES; i++)
        atomic_store(&ring.places[i].number, 0);
    return &ring;
}

static void each_purge_is_told_once_and_in_order(void **state)
{
    struct purge_ring *ring = new_ring();
    uint64_t seen = purge_count(ring);
    struct purge_key key;

    assert_false(purge_has_news(ring, seen));
    assert_false(purge_next(ring, &seen, &key));
    purge_tell(ring, (struct purge_key){1, 2});
    purge_tell(ring, (struct purge_key){3, 4});
    assert_true(purge_has_news(ring, seen));
    assert_true(purge_next(ring, &seen, &key));
    assert_true(key.high == 1 && key.low == 2);
    assert_true(purge_next(ring, &seen, &key));
    assert_true(key.high == 3 && key.low == 4);
    assert_false(purge_next(ring, &seen, &key));
    assert_false(purge_has_news(ring, seen));
}

static void who_was_away_for_a_whole_round_forgets_everything(void **state)
{
    struct purge_ring *ring = new_ring();
    uint64_t seen = purge_count(ring), still = seen;
    struct purge_key key;

    for (uint64_t i = 1; i <= PURGE_PLACES; i++)
        purge_tell(ring, (struct purge_key){i, i});
    for (uint64_t i = 1; i <= PURGE_PLACES; i++) {
        assert_true(purge_next(ring, &still, &key));
        assert_true(key.low == i);
    }
    purge_tell(ring, (struct purge_key){9, 9});
    assert_true(purge_next(ring, &seen, &key));
    assert_true(purge_is_everything(key));
    assert_false(purge_next(ring, &seen, &key));
}

static void a_writer_that_died_costs_what_is_held_but_stops_nobody(void **state)
{
    struct purge_ring *ring = new_ring();
    uint64_t seen = purge_count(ring);
    struct purge_key key;

    (void)atomic_fetch_add(&ring->count, 1);
    assert_true(purge_next(ring, &seen, &key));
    assert_true(purge_is_everything(key));
    assert_false(purge_next(ring, &seen, &key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_purge_is_told_once_and_in_order),
        cmocka_unit_test(who_was_away_for_a_whole_round_forgets_everything),
        cmocka_unit_test(a_writer_that_died_costs_what_is_held_but_stops_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
