/* SPDX-License-Identifier: MIT */
/* test_counted.c - counted references. */
#include "support/unit.h"

#include "base/counted.h"
#include "base/macros.h"

struct thing {
    struct counted counted;
    int released;
};

static void release_thing(struct counted *object)
{
    container_of(object, struct thing, counted)->released++;
}

static void the_maker_holds_the_first_reference(void **state)
{
    struct thing thing = {.released = 0};

    counted_init(&thing.counted, release_thing);
    assert_int_equal(thing.counted.references, 1);
    counted_unref(&thing.counted);
    assert_int_equal(thing.released, 1);
}

static void the_last_reference_releases_once(void **state)
{
    struct thing thing = {.released = 0};

    counted_init(&thing.counted, release_thing);
    counted_ref(&thing.counted);
    counted_ref(&thing.counted);
    counted_unref(&thing.counted);
    counted_unref(&thing.counted);
    assert_int_equal(thing.released, 0);
    counted_unref(&thing.counted);
    assert_int_equal(thing.released, 1);
}

static void dropping_nothing_is_fine(void **state)
{
    counted_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_maker_holds_the_first_reference),
        cmocka_unit_test(the_last_reference_releases_once),
        cmocka_unit_test(dropping_nothing_is_fine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
