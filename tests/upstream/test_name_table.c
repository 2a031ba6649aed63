/* SPDX-License-Identifier: MIT */
/* test_name_table.c - addresses that are published, read, and never seen in halves. */
#include "support/unit.h"

#include "upstream/name_table.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static int setup(void **state)
{
    *state = calloc(1, sizeof(struct name_table));
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static struct address address(const char *text)
{
    struct address addr;
    assert_int_equal(address_parse_host(slice_from_string(text), &addr), 0);
    return addr;
}

static void what_is_published_is_read_once(void **state)
{
    struct name_table *table = *state;
    struct address published[2] = {address("10.0.0.1"), address("fd00::1")};
    struct address read[NAME_ADDRESSES_MAX];
    uint32_t version = 0;
    assert_int_equal(nametable_read(table, "app", &version, read), -EAGAIN);
    assert_true(nametable_publish(table, "app", published, 2));
    assert_int_equal(nametable_read(table, "app", &version, read), 2);
    assert_true(address_equal(&read[0], &published[0]));
    assert_true(address_equal(&read[1], &published[1]));
    assert_int_equal(nametable_read(table, "app", &version, read), -EAGAIN);
    assert_int_equal(nametable_read(table, "other", &version, read), -EAGAIN);
}

static void the_same_addresses_in_another_order_are_no_news(void **state)
{
    struct name_table *table = *state;
    struct address one[2] = {address("10.0.0.1"), address("10.0.0.2")};
    struct address turned[2] = {one[1], one[0]};
    assert_true(nametable_publish(table, "app", one, 2));
    assert_false(nametable_publish(table, "app", turned, 2));
    assert_true(nametable_publish(table, "app", turned, 1));
    assert_true(nametable_publish(table, "app", one, 1));
    assert_true(nametable_publish(table, "app", one, 0));
}

static void names_of_former_configurations_make_room(void **state)
{
    struct name_table *table = *state;
    struct address addr = address("10.0.0.1"), read[NAME_ADDRESSES_MAX];
    static const char *const kept[] = {"n7"};
    char name[16];
    for (int i = 0; i < NAME_TABLE_ENTRIES; i++) {
        (void)snprintf(name, sizeof(name), "n%d", i);
        assert_true(nametable_publish(table, name, &addr, 1));
    }
    assert_false(nametable_publish(table, "new", &addr, 1));
    nametable_begin(table, kept, 1);
    assert_true(nametable_publish(table, "new", &addr, 1));
    uint32_t version = 0;
    assert_int_equal(nametable_read(table, "n7", &version, read), 1);
    version = 0;
    assert_int_equal(nametable_read(table, "n8", &version, read), -EAGAIN);
}

static void what_a_dead_writer_left_is_not_read_but_written_anew(void **state)
{
    struct name_table *table = *state;
    struct address addr = address("10.0.0.1"), read[NAME_ADDRESSES_MAX];
    uint32_t version = 0;
    assert_true(nametable_publish(table, "app", &addr, 1));
    atomic_fetch_add(&table->entries[0].sequence, 1);
    assert_int_equal(nametable_read(table, "app", &version, read), -EAGAIN);
    assert_true(nametable_publish(table, "app", &addr, 1));
    assert_int_equal(nametable_read(table, "app", &version, read), 1);
}

#define ROUNDS 20000

static void *publish_many(void *context)
{
    /* Either all of one kind, or all of the other. */
    struct address sets[2][NAME_ADDRESSES_MAX];
    for (size_t i = 0; i < NAME_ADDRESSES_MAX; i++) {
        char text[32];
        (void)snprintf(text, sizeof(text), "10.0.0.%zu", i);
        sets[0][i] = address(text);
        (void)snprintf(text, sizeof(text), "fd00::%zu", i);
        sets[1][i] = address(text);
    }
    for (int i = 0; i < ROUNDS; i++)
        (void)nametable_publish(context, "app", sets[i % 2], NAME_ADDRESSES_MAX);
    return NULL;
}

static void nobody_reads_a_half(void **state)
{
    pthread_t writer;
    struct address read[NAME_ADDRESSES_MAX];
    uint32_t version = 0;
    assert_int_equal(pthread_create(&writer, NULL, publish_many, *state), 0);
    for (int i = 0; i < ROUNDS; i++) {
        int count = nametable_read(*state, "app", &version, read);
        if (count == -EAGAIN)
            continue;
        assert_int_equal(count, NAME_ADDRESSES_MAX);
        for (int k = 1; k < count; k++)
            assert_int_equal(read[k].any.sa_family, read[0].any.sa_family);
    }
    assert_int_equal(pthread_join(writer, NULL), 0);
}

/* One place after the other is given to two names in turn, as by reloads. */
static void *take_turns(void *context)
{
    static const char *const names[] = {"app", "other"};
    struct name_table *table = context;
    const struct address addresses[] = {address("10.0.0.1"), address("10.0.0.2")};
    for (int i = 0; i < ROUNDS; i++) {
        nametable_begin(table, &names[i % 2], 1);
        (void)nametable_publish(table, names[i % 2], &addresses[i % 2], 1);
    }
    return NULL;
}

static void nobody_takes_the_addresses_of_another_name_for_those_of_his(void **state)
{
    pthread_t writer;
    struct address read[NAME_ADDRESSES_MAX], own = address("10.0.0.1");
    uint32_t version = 0;
    assert_int_equal(pthread_create(&writer, NULL, take_turns, *state), 0);
    for (int i = 0; i < ROUNDS; i++) {
        if (nametable_read(*state, "app", &version, read) == 1)
            assert_true(address_equal(&read[0], &own));
    }
    assert_int_equal(pthread_join(writer, NULL), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_published_is_read_once),
        TEST(the_same_addresses_in_another_order_are_no_news),
        TEST(names_of_former_configurations_make_room),
        TEST(what_a_dead_writer_left_is_not_read_but_written_anew),
        TEST(nobody_reads_a_half),
        TEST(nobody_takes_the_addresses_of_another_name_for_those_of_his),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
