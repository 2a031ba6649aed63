/* SPDX-License-Identifier: MIT */
/* test_method.c - names of methods. */
#include "support/unit.h"

#include "base/macros.h"
#include "http/method.h"

static void every_method_has_its_own_name(void **state)
{
    for (unsigned method = METHOD_UNKNOWN + 1; method < METHOD_COUNT; method++) {
        const char *name = method_name((enum http_method)method);

        assert_int_equal(method_from_name(slice_from_string(name)), method);
    }
    assert_string_equal(method_name(METHOD_GET), "GET");
    assert_string_equal(method_name(METHOD_CONNECT), "CONNECT");
}

static void anything_else_is_unknown(void **state)
{
    static const char *const names[] = {"",     "get", "Get",   "GE",    "GETS",    "GET ", " GET",
                                        "LINK", "PRI", "QUERY", "HEAD2", "UNKNOWN", "BREW"};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_int_equal(method_from_name(slice_from_string(names[i])), METHOD_UNKNOWN);
    assert_int_equal(method_from_name(slice_of(NULL, 0)), METHOD_UNKNOWN);
    assert_int_equal(method_from_name(slice_of("GET\0", 4)), METHOD_UNKNOWN);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_method_has_its_own_name),
        cmocka_unit_test(anything_else_is_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
