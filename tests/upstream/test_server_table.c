/* SPDX-License-Identifier: MIT */
/* test_server_table.c - entries that outlive generations, and rows that outlive no worker. */
#include "support/unit.h"

#include "upstream/server_table.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
    *state = aligned_alloc(CACHE_LINE_SIZE, sizeof(struct server_table));
    if (*state)
        memset(*state, 0, sizeof(struct server_table));
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static void a_key_has_one_entry(void **state)
{
    struct server_table *table = *state;
    int a = servertable_find(table, 7, 1000), b = servertable_find(table, 8, 1000);
    assert_true(a >= 0 && b >= 0 && a != b);
    assert_int_equal(servertable_find(table, 7, 2000), a);
    assert_int_equal(servertable_lookup(table, 8), b);
    assert_int_equal(servertable_lookup(table, 9), -ENOENT);
}

static void what_is_under_way_is_the_sum_of_those_who_live(void **state)
{
    struct server_table *table = *state;
    unsigned index = (unsigned)servertable_find(table, 7, 1000);
    static const unsigned slots[] = {0, 3, 64, 511};
    for (size_t i = 0; i < COUNT_OF(slots); i++) {
        servertable_enter(table, slots[i]);
        counter_add(&servertable_load(table, slots[i], index)->in_flight, i + 1);
        counter_add(&servertable_load(table, slots[i], index)->requests, 10);
    }
    assert_int_equal(servertable_in_flight(table, index), 1 + 2 + 3 + 4);

    servertable_leave(table, 64); /* it has crashed */
    assert_int_equal(servertable_in_flight(table, index), 1 + 2 + 4);
    servertable_enter(table, 64);
    assert_int_equal(servertable_in_flight(table, index), 1 + 2 + 4);
    assert_int_equal(servertable_sum(table, index).requests, 40);
    servertable_leave(table, 100); /* nobody was there */
}

static void an_entry_that_nobody_uses_is_taken_when_all_are(void **state)
{
    struct server_table *table = *state;
    servertable_enter(table, 2);
    for (unsigned i = 0; i < SERVER_TABLE_ENTRIES; i++)
        assert_int_equal(servertable_find(table, i + 1, 1000 + (i == 77 ? 0 : 10)), i);
    assert_int_equal(servertable_find(table, 9999, 1000 + SERVER_UNUSED_MS), -ENOSPC);

    atomic_store(&table->entries[77].health, 123);
    counter_set(&servertable_load(table, 2, 77)->in_flight, 5);
    counter_set(&servertable_load(table, 2, 77)->requests, 5);
    assert_int_equal(servertable_find(table, 9999, 1001 + SERVER_UNUSED_MS), 77);
    assert_int_equal(atomic_load(&table->entries[77].health), 0);
    assert_int_equal(servertable_sum(table, 77).requests, 0);
    assert_int_equal(servertable_in_flight(table, 77), 0);
    assert_int_equal(servertable_lookup(table, 78), -ENOENT);
}

struct finder {
    struct server_table *table;
    pthread_t thread;
    int found[64];
};

static void *find_all(void *context)
{
    struct finder *finder = context;
    for (int i = 0; i < 64; i++)
        finder->found[i] = servertable_find(finder->table, (uint64_t)i + 1, 1000);
    return NULL;
}

static void those_who_look_for_a_key_at_once_find_the_same_entry(void **state)
{
    struct server_table *table = *state;
    struct finder finders[4];
    for (int round = 0; round < 50; round++) {
        memset(table, 0, sizeof(*table));
        for (size_t i = 0; i < COUNT_OF(finders); i++) {
            finders[i].table = table;
            assert_int_equal(pthread_create(&finders[i].thread, NULL, find_all, &finders[i]), 0);
        }
        for (size_t i = 0; i < COUNT_OF(finders); i++)
            assert_int_equal(pthread_join(finders[i].thread, NULL), 0);
        for (size_t i = 0; i < COUNT_OF(finders); i++)
            assert_memory_equal(finders[i].found, finders[0].found, sizeof(finders[0].found));
        for (unsigned k = 0; k < 64; k++)
            assert_int_equal(atomic_load(&table->entries[finders[0].found[k]].key), k + 1);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_key_has_one_entry),
        TEST(what_is_under_way_is_the_sum_of_those_who_live),
        TEST(an_entry_that_nobody_uses_is_taken_when_all_are),
        TEST(those_who_look_for_a_key_at_once_find_the_same_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
