/* SPDX-License-Identifier: MIT */
/* test_listing_sort.c - entries out of a hat, brought into order by steps of any length. */
#include "support/unit.h"

#include "base/macros.h"
#include "handler/listing_sort.h"

#include <errno.h>
#include <stdio.h>

#define COUNT_MAX 700

static struct listing_memory memory;
static struct listing_entries entries;
static struct listing_entry *rows[COUNT_MAX];
static uint32_t seed;

static unsigned draw(unsigned below)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % below;
}

static int set_up(void **state)
{
    memory = (struct listing_memory){.max = 1 << 20};
    entries = (struct listing_entries){.rows = rows, .memory = &memory};
    seed = 1;
    return 0;
}

static int tear_down(void **state)
{
    entries.rows = NULL; /* it is ours */
    listing_entries_done(&entries);
    return 0;
}

static void add(const char *name, uint64_t size, int64_t mtime, bool is_directory)
{
    struct slice text = slice_from_string(name);
    struct listing_entry *entry = listing_entries_alloc(&entries, sizeof(*entry) + text.len + 1);

    assert_non_null(entry);
    *entry = (struct listing_entry){
        .size = size, .mtime = mtime, .name_len = (uint16_t)text.len, .is_directory = is_directory};
    memcpy(entry->name, name, text.len + 1);
    rows[entries.count++] = entry;
}

static void sort(const struct listing_query *query, size_t step)
{
    struct listing_sort sorting;

    assert_int_equal(listing_sort_init(&sorting, &entries, query), 0);
    while (listing_sort_step(&sorting, step))
        ;
}

static void any_number_of_entries_gets_into_order(void **state)
{
    const struct listing_query query = {.key = LISTING_BY_SIZE};

    for (unsigned count = 0; count < COUNT_MAX; count = count < 20 ? count + 1 : count * 3 / 2) {
        uint64_t sum = 0;

        for (unsigned i = 0; i < count; i++) {
            char name[16];

            (void)snprintf(name, sizeof(name), "%u", draw(1000));
            add(name, draw(50), 0, draw(5) == 0);
            sum += entries.rows[i]->size;
        }
        sort(&query, 1 + draw(40));
        for (unsigned i = 0; i < count; i++) {
            sum -= rows[i]->size;
            if (i > 0)
                assert_true(listing_compare(&query, rows[i - 1], rows[i]) <= 0);
        }
        assert_int_equal(sum, 0);
        (void)tear_down(NULL);
        (void)set_up(NULL);
        seed = count;
    }
}

static void expect_order(enum listing_key key, bool is_descending, const char *expected)
{
    const struct listing_query query = {.key = key, .is_descending = is_descending};
    char text[128] = "";
    size_t len = 0;

    sort(&query, 1000);
    for (size_t i = 0; i < entries.count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i ? " " : "",
                                rows[i]->name);
    assert_string_equal(text, expected);
}

static void directories_come_first_whatever_the_order(void **state)
{
    add("z", 5, 300, true);
    add("a10", 1, 200, false);
    add("b", 3, 100, false);
    add("a2", 3, 400, false);
    add("y", 0, 500, true);
    expect_order(LISTING_BY_NAME, false, "y z a2 a10 b");
    expect_order(LISTING_BY_NAME, true, "z y b a10 a2");
    expect_order(LISTING_BY_SIZE, false, "y z a10 a2 b");
    expect_order(LISTING_BY_SIZE, true, "z y a2 b a10");
    expect_order(LISTING_BY_DATE, false, "z y b a10 a2");
    expect_order(LISTING_BY_DATE, true, "y z a2 a10 b");
}

static void a_step_moves_no_more_than_it_is_told(void **state)
{
    const struct listing_query query = {.key = LISTING_BY_NAME};
    struct listing_sort sorting;
    unsigned steps = 0;

    for (unsigned i = 0; i < 64; i++)
        add("x", 0, 0, false);
    assert_int_equal(listing_sort_init(&sorting, &entries, &query), 0);
    while (listing_sort_step(&sorting, 16))
        steps++;
    assert_in_range(steps, 6 * 64 / 16 - 1, 6 * 64 / 16); /* passes of rows */
}

static void without_memory_there_is_no_order(void **state)
{
    const struct listing_query query = {.key = LISTING_BY_NAME};
    struct listing_sort sorting;

    memory.max = 0;
    assert_int_equal(listing_sort_init(&sorting, &entries, &query), -ENOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_number_of_entries_gets_into_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(directories_come_first_whatever_the_order, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_step_moves_no_more_than_it_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_memory_there_is_no_order, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
