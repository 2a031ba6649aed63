/* SPDX-License-Identifier: MIT */
/* test_natural_order.c - rows of names, each before the next. */
#include "support/unit.h"

#include "base/macros.h"
#include "base/natural_order.h"

static int compare(const char *a, const char *b)
{
    int order = natural_compare(slice_from_string(a), slice_from_string(b));

    return (order > 0) - (order < 0);
}

static void names_are_in_the_order_people_expect(void **state)
{
    static const char *const names[] = {
        "",
        "!",
        "0",
        "00",
        "000",
        "01",
        "1",
        "1.5",
        "2",
        "10",
        "10a",
        "99999999999999999999999999",
        "100000000000000000000000000",
        "a",
        "a-1",
        "a1",
        "a1b",
        "a01c",
        "a2",
        "a10",
        "a10b2",
        "a10b10",
        "B",
        "b",
        "IMG_2.JPG",
        "img_2.jpg",
        "img_10.jpg",
        "v1.9",
        "v1.10",
        "z",
        "\xe4\xb8\xad",
    };

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        for (size_t j = 0; j < COUNT_OF(names); j++) {
            int expected = (i > j) - (i < j);

            if (compare(names[i], names[j]) != expected)
                fail_msg("'%s' and '%s': not %d", names[i], names[j], expected);
        }
    }
}

static void only_equal_names_are_equal(void **state)
{
    assert_int_equal(compare("a1", "a1"), 0);
    assert_int_equal(compare("a01", "a1"), -1);
    assert_int_equal(compare("A1", "a1"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_in_the_order_people_expect),
        cmocka_unit_test(only_equal_names_are_equal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
