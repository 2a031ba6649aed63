/* SPDX-License-Identifier: MIT */
/* test_resolver_loop.c - which names are looked up, and how often. */
#include "support/unit.h"

#include "process/resolver_loop.h"

static struct upstream_server_config name(const char *host)
{
    return (struct upstream_server_config){.host = (char *)(uintptr_t)host};
}

static void each_name_is_there_once_with_the_shortest_time(void **state)
{
    struct upstream_server_config one[] = {name("a"), name(NULL), name("b"), name("a")};
    struct upstream_server_config other[] = {name("b"), name("c")};
    struct upstream_config upstreams[] = {
        {.servers = one, .server_count = 4, .resolve_ms = 5000},
        {.servers = other, .server_count = 2, .resolve_ms = 1000},
    };
    const struct config config = {.upstreams = upstreams, .upstream_count = 2};
    struct resolved_name names[8];
    assert_int_equal(resolver_collect(&config, names, 0, COUNT_OF(names)), 3);
    assert_string_equal(names[0].host, "a");
    assert_int_equal(names[0].interval_ms, 5000);
    assert_string_equal(names[1].host, "b");
    assert_int_equal(names[1].interval_ms, 1000);
    assert_string_equal(names[2].host, "c");
    /* Those of another configuration besides. */
    assert_int_equal(resolver_collect(&config, names, 3, COUNT_OF(names)), 3);
    assert_int_equal(resolver_collect(&config, names, 0, 2), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_name_is_there_once_with_the_shortest_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
