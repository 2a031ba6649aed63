/* SPDX-License-Identifier: MIT */
/* test_fill_table.c - one fetches, the others wait, and nobody waits for the dead. */
#include "support/unit.h"

#include "cache/fill_table.h"

#define KEY 0x123456789abcdef0U
#define SAME_PLACE (KEY ^ 0xff00000000000000U)
#define AGE 30

static struct fill_table table;

static int setup(void **state)
{
    for (unsigned i = 0; i < FILL_PLACES; i++)
        atomic_store(&table.places[i], 0);
    return 0;
}

static void one_of_all_fetches(void **state)
{
    assert_false(fill_is_claimed(&table, KEY, 100, AGE));
    assert_int_equal(fill_claim(&table, KEY, 7, 100, AGE), FILL_OURS);
    assert_int_equal(fill_claim(&table, KEY, 8, 100, AGE), FILL_OTHERS);
    assert_int_equal(fill_claim(&table, KEY, 7, 100, AGE), FILL_OTHERS);
    assert_true(fill_is_claimed(&table, KEY, 100, AGE));
    fill_release(&table, KEY, 8);
    assert_true(fill_is_claimed(&table, KEY, 100, AGE));
    fill_release(&table, KEY, 7);
    assert_false(fill_is_claimed(&table, KEY, 100, AGE));
    assert_int_equal(fill_claim(&table, KEY, 8, 100, AGE), FILL_OURS);
}

static void two_keys_for_one_place_do_not_wait_for_each_other(void **state)
{
    assert_int_equal(fill_claim(&table, KEY, 7, 100, AGE), FILL_OURS);
    assert_int_equal(fill_claim(&table, SAME_PLACE, 8, 100, AGE), FILL_BUSY);
    assert_false(fill_is_claimed(&table, SAME_PLACE, 100, AGE));
    fill_release(&table, SAME_PLACE, 7);
    assert_true(fill_is_claimed(&table, KEY, 100, AGE));
}

static void who_is_too_old_is_taken_for_dead(void **state)
{
    assert_int_equal(fill_claim(&table, KEY, 7, 100, AGE), FILL_OURS);
    assert_int_equal(fill_claim(&table, KEY, 8, 130, AGE), FILL_OTHERS);
    assert_false(fill_is_claimed(&table, KEY, 131, AGE));
    assert_int_equal(fill_claim(&table, KEY, 8, 131, AGE), FILL_OURS);
    fill_release(&table, KEY, 7); /* he was not dead, but it is no longer his */
    assert_true(fill_is_claimed(&table, KEY, 131, AGE));
}

static void who_goes_on_is_not_too_old(void **state)
{
    assert_int_equal(fill_claim(&table, KEY, 7, 100, AGE), FILL_OURS);
    fill_refresh(&table, KEY, 8, 125);
    fill_refresh(&table, KEY, 7, 120);
    assert_true(fill_is_claimed(&table, KEY, 150, AGE));
    assert_false(fill_is_claimed(&table, KEY, 151, AGE));
}

static void the_time_may_wrap_in_its_few_bits(void **state)
{
    const int64_t late = (1 << 18) - 1;

    assert_int_equal(fill_claim(&table, KEY, 7, late, AGE), FILL_OURS);
    assert_true(fill_is_claimed(&table, KEY, late + AGE, AGE));
    assert_false(fill_is_claimed(&table, KEY, late + AGE + 1, AGE));
}

static void a_process_that_is_gone_frees_its_places(void **state)
{
    assert_int_equal(fill_claim(&table, KEY, 7, 100, AGE), FILL_OURS);
    assert_int_equal(fill_claim(&table, KEY + 1, 4194303, 100, AGE), FILL_OURS);
    fill_forget_process(&table, 7);
    assert_false(fill_is_claimed(&table, KEY, 100, AGE));
    assert_true(fill_is_claimed(&table, KEY + 1, 100, AGE));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_of_all_fetches),
        TEST(two_keys_for_one_place_do_not_wait_for_each_other),
        TEST(who_is_too_old_is_taken_for_dead),
        TEST(who_goes_on_is_not_too_old),
        TEST(the_time_may_wrap_in_its_few_bits),
        TEST(a_process_that_is_gone_frees_its_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
