/* SPDX-License-Identifier: MIT */
/* test_interfaces.c - addresses that others can use. */
#include "support/unit.h"

#include "os/interfaces.h"

static void none_is_a_loopback_and_all_have_the_port(void **state)
{
    struct address found[8];
    size_t count = interfaces_list(8080, found, COUNT_OF(found));

    for (size_t i = 0; i < count; i++) {
        assert_false(address_is_loopback(&found[i]));
        assert_false(address_is_any(&found[i]));
        assert_int_equal(address_port(&found[i]), 8080);
    }
    assert_int_equal(interfaces_list(8080, found, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_is_a_loopback_and_all_have_the_port),
    };

    return cmocka_run_group_tests_name("interfaces", tests, NULL, NULL);
}
